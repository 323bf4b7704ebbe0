package fhir

import (
	"testing"

	"pgregory.net/rapid"
)

func TestOlder(t *testing.T) {
	ordered := []string{"", "1", "1.9", "1.10", "1a", "2", "2.0.0-ballot", "2.0.0-ballot2", "2.0.0-ballot10", "2.0.0", "2.0.1", "10", "10.0", "2019", "2019-01-01", "2019-05", "2019-05-01"}
	for i, a := range ordered {
		for j, b := range ordered {
			if Older(a, b) != (i < j) {
				t.Errorf("%q before %q: %t", a, b, Older(a, b))
			}
		}
	}
}

// TestVersionsHaveOneOrder: of two different versions one is older, and what is older than an older one is older.
func TestVersionsHaveOneOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.StringMatching(`([129]|10|01|1a|a|b|\.|-){0,3}`)
		a, b, c := version.Draw(t, "a"), version.Draw(t, "b"), version.Draw(t, "c")
		for range 50 { // more than the default, of so few letters
			if (Older(a, b) != Older(b, a)) != (a != b) {
				t.Fatalf("%q before %q: %t, and the other way round: %t", a, b, Older(a, b), Older(b, a))
			}
			if Older(a, b) && Older(b, c) && !Older(a, c) {
				t.Fatalf("%q < %q < %q", a, b, c)
			}
			a, b, c = b, c, version.Draw(t, "next")
		}
	})
}
