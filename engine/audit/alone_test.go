package audit

import "testing"

// TestWhatIsAskedForBesidesIsCutToo: of an entry about two patients, who sees the one finds nothing by what is of the other.
func TestWhatIsAskedForBesidesIsCutToo(t *testing.T) {
	both := Entry{Patients: []string{"a", "b"}, Things: []Thing{{Type: "Patient", ID: "a"}, {Type: "Observation", ID: "of-b"}, {Type: "Patient", ID: "b"}}}
	for _, x := range []struct {
		besides []Filter
		want    bool
	}{
		{[]Filter{{Type: "Patient", ID: "a"}, {Type: "Patient", ID: "none"}}, true},
		{[]Filter{{Type: "Observation", ID: "of-b"}, {Type: "Patient", ID: "none"}}, false},
		{[]Filter{{Patient: "b"}}, false},
	} {
		if got := (&Filter{Patient: "a", Alone: true, Also: [][]Filter{x.besides}}).takes(&both); got != x.want {
			t.Errorf("%+v: %v", x.besides, got)
		}
	}
}
