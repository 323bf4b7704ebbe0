package opal

import "testing"

func TestGoldenRows(t *testing.T) {
	p, err := Pack()
	if err != nil {
		t.Fatal(err)
	}
	golden, err := Golden()
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]int{}
	for _, g := range golden {
		tried[g.Map]++
		wrong, err := g.Try(p)
		if err != nil {
			t.Errorf("%s: %v", g.Name, err)
		}
		if wrong != "" {
			t.Errorf("%s: %s", g.Name, wrong)
		}
	}
	for _, m := range p.Maps() {
		if tried[m.Name] == 0 {
			t.Errorf("map %s has no golden row", m.Name)
		}
	}
}
