package opal

import (
	"testing"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
	"github.com/ficushealth/ficus/strangler/source/dump"
	"github.com/ficushealth/ficus/strangler/source/dump/stage"
	"github.com/ficushealth/ficus/suites"
)

func load(t testing.TB) (*stage.Stage, *mapping.Pack) {
	p, err := Pack()
	if err != nil {
		t.Fatal(err)
	}
	var wants []stage.Want
	for _, w := range p.Wants() {
		s := stage.Want{Table: w.Table}
		for _, by := range w.By {
			s.By = append(s.By, stage.Lookup(by))
		}
		wants = append(wants, s)
	}
	st, err := stage.Build(t.Context(), suites.Path(t, "legacy-opaldb", "opal-legacy-omi-test.sql.gz"), t.TempDir(), wants, dump.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	tables, _ := st.Tables(t.Context())
	p, _ = p.Bind(tables)
	return st, p
}

func BenchmarkForward(b *testing.B) {
	st, p := load(b)
	have, _ := mapping.TablesOf(b.Context(), st)
	for _, name := range []string{"opal.patient-test-result", "opal.test-control", "opal.appointment", "opal.alias-expression", "opal.security-question"} {
		m := p.Map(name)
		var ins []mapping.Input
		for in, err := range m.Gather(b.Context(), st, have, source.Position{}) {
			if err != nil {
				b.Fatal(err)
			}
			in.Installation = uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
			ins = append(ins, in)
			if len(ins) == 1000 {
				break
			}
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if out, err := m.Forward(ins[i%len(ins)]); err != nil || out.Refused != nil {
					b.Fatal(err, out.Refused)
				}
			}
		})
	}
}
