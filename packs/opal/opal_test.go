package opal

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
	"github.com/ficushealth/ficus/strangler/source/dump"
	"github.com/ficushealth/ficus/strangler/source/dump/stage"
	"github.com/ficushealth/ficus/suites"
	"github.com/ficushealth/ficus/fhir/validate"
)

func TestReal(t *testing.T) {
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
	defer st.Close()
	tables, _ := st.Tables(t.Context())
	p, problems := p.Bind(tables)
	for _, x := range problems {
		t.Log(x)
	}
	have, _ := mapping.TablesOf(t.Context(), st)
	findings := map[string]int{}
	for _, m := range p.Maps() {
		n, q, f, diff := 0, 0, 0, 0
		types := map[string]int{}
		size := 0
		start := time.Now()
		var spent time.Duration
		for in, err := range m.Gather(t.Context(), st, have, source.Position{}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
			in.Installation = uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
			s := time.Now()
			out, err := m.Forward(in)
			spent += time.Since(s)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range out.Findings {
				findings[m.Name+" "+x.Path+" "+x.Code]++
			}
			if out.Refused != nil {
				q++
				if q < 4 {
					t.Log(m.Name, *out.Refused)
				}
				continue
			}
			if out.Filtered != "" {
				f++
				continue
			}
			for _, x := range out.Targets {
				types[x.Type]++
				size += len(x.Resource.Raw())
				if x.Record == nil {
					if issues := validate.Base(x.Resource); len(issues) > 0 {
						findings["VALIDATE "+m.Name+issues[0].Text+issues[0].Expression]++
					}
				}
			}
			if n == 1 {
				for _, x := range out.Targets {
					if x.Record == nil {
						if m.Name=="opal.user" {fmt.Println(string(x.Resource.Raw()))}
					} else {
						fmt.Print(x.Type, " ")
						for _, k := range slices.Sorted(maps.Keys(x.Record.Values)) {
							v := x.Record.Values[k]
							if v == nil { fmt.Print(k, "=NULL ") } else { fmt.Print(k, "=", *v, " ") }
						}
						fmt.Println()
					}
				}
			}
			rows, err := m.Inverse(out.Targets)
			if err != nil {
				t.Fatal(m.Name, err)
			}
			want := []source.Row{in.Row}
			for i, j := range m.Joins {
				if j.Owned {
					want = append(want, in.Joined[i]...)
				}
			}
			if len(want) != len(rows) {
				t.Fatal(m.Name, len(want), len(rows))
			}
			want = m.Project(out.Targets, want)
			rows = m.Project(out.Targets, rows)
			for i := range want {
				if !bytes.Equal(source.Canonical(nil, want[i]), source.Canonical(nil, rows[i])) {
					diff++
					if diff < 4 {
						t.Log(m.Name, mapping.Differing(want[i], rows[i]))
					}
				}
			}
		}
		t.Log(m.Name, "rows", n, "quarantined", q, "filtered", f, "diff", diff, types, "bytes/row", size/max(n, 1), "gather+all", time.Since(start), "forward us/row", float64(spent.Microseconds())/float64(max(n, 1)))
	}
	for _, k := range slices.Sorted(maps.Keys(findings)) {
		t.Log(k, findings[k])
	}
}
