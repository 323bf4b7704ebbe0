package mapping

import (
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// FuzzMap reads any text as a mapping file: it is a pack, or a fault with places, and never a panic.
func FuzzMap(f *testing.F) {
	f.Add([]byte(person(basic)))
	f.Add([]byte(person(everything)))
	f.Add([]byte("map: x\nsource: {table: Clinic.note, key: [nr]}\ncases:\n  - {case: a, when: 'row.nr == 1', none: [x], target: {type: Basic}, fields: [{value: present, to: code}]}\n"))
	f.Add([]byte("a: &x [1]\nb: *x\n<<: {c: !!str 1}\n"))
	f.Add([]byte("map: {a: [\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 1<<14 {
			return
		}
		p, err := Load(clinic(string(src)), ".")
		if err != nil {
			if fault.Of(err) != fault.Invalid {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, m := range p.Maps() {
			in := Input{Row: row(t, p, m.Table, nil), Joined: make([][]source.Row, len(m.Joins))}
			if out, err := m.Forward(in); err == nil && out.Targets != nil {
				_, _ = m.Inverse(out.Targets)
			}
		}
	})
}

// FuzzTerms reads any text as a terminology map.
func FuzzTerms(f *testing.F) {
	f.Add([]byte(sexTerms))
	f.Add([]byte("source,system,code,display\n\"a\nb\",s,c,d\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		files := clinic(person(basic))
		files["terms/sex.csv"] = &fstest.MapFile{Data: src}
		if _, err := Load(files, "."); err != nil && fault.Of(err) != fault.Invalid {
			t.Fatalf("%v", err)
		}
	})
}

// FuzzValue maps any bytes in any text column there and back.
func FuzzValue(f *testing.F) {
	p, err := Load(clinic(person(everything)), ".")
	if err != nil {
		f.Fatal(err)
	}
	f.Add("Ann", "2001-02-03 04:05:06", "1.5")
	f.Add("\x00\xff", "0000-00-00 00:00:00", "-0")
	f.Fuzz(func(t *testing.T, name, born, number string) {
		in, out := forward(t, p, map[string]source.Cell{
			"id": source.Text("5"), "name": textCell(name), "nick": textCell(name), "sex": textCell(name), "born": textCell(born),
			"died": textCell(born), "seen": textCell(born), "score": textCell(number), "big": textCell(number), "flag": textCell(number),
		})
		if out.Refused != nil {
			t.Fatalf("refused: %+v", *out.Refused)
		}
		if wrong := p.maps[0].Verify(in, out); wrong != nil {
			t.Fatalf("%s: %s", wrong.Path, wrong.Text)
		}
	})
}

// textCell is a text as a source would give it.
func textCell(s string) source.Cell {
	if utf8.ValidString(s) {
		return source.Text(s)
	}
	return source.Cell{State: source.Damaged, Bytes: []byte("\uFFFD"), Raw: []byte(s)}
}
