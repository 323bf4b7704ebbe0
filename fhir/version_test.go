package fhir

import "testing"

func TestOlder(t *testing.T) {
	ordered := []string{"", "1", "1.9", "1.10", "2.0.0-ballot", "2.0.0-ballot2", "2.0.0", "2.0.1", "10.0"}
	for i, a := range ordered {
		for j, b := range ordered {
			if Older(a, b) != (i < j) {
				t.Errorf("%q before %q: %t", a, b, Older(a, b))
			}
		}
	}
	if !Older("2019-01-01", "2019-05-01") || Older("2019-05", "2019") || !Older("2019", "2019-05") {
		t.Error("dates")
	}
}
