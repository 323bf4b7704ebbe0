package fault

import "testing"

func TestAnArticleGoesByTheLetter(t *testing.T) {
	for name, want := range map[string]string{
		"Observation": "an Observation", "Patient": "a Patient", "integer": "an integer", "uri": "a uri", "UsageContext": "a UsageContext",
		"unsignedInt": "an unsignedInt", "EpisodeOfCare": "an EpisodeOfCare", "": "a ",
	} {
		if got := A(name); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
