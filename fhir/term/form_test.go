package term

import "testing"

func TestCodesThatCannotBe(t *testing.T) {
	for system, codes := range map[string][2][]string{
		"http://snomed.info/sct": {
			{"73211009", "276885007", "900000000000207008", "74400008", "16217701000119102", "404684003 |Clinical finding|: 363698007 = 39057004"},
			{"1", "276885007x", "73211008", "012345", "something", "37211009"},
		},
		"http://loinc.org": {{"8310-5", "85354-9", "1-8", "LA6576-8", "LP7753-9"}, {"8310-6", "8310", "x-1", "123456789-1"}},
	} {
		for i, list := range codes {
			for _, c := range list {
				if got := Malformed(system, c); got != (i == 1) {
					t.Errorf("%s %s: %v", system, c, got)
				}
			}
		}
	}
	if Malformed("http://x", "?") {
		t.Error("nothing is known of this system")
	}
}
