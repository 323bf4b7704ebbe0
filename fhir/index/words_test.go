package index

import (
	"testing"

	"github.com/ficushealth/ficus/fhir"
)

func TestPhrasesAreFoundInWords(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Condition","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Fièvre&nbsp;<b>élevée</b> &amp; toux</p></div>"},
		"code":{"text":"Bone-metastases, LIVER"},"note":[{"text":"seen 3 times"}],"contained":[{"resourceType":"Medication","code":{"text":"Aspirin"}}]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		phrase        string
		text, content bool
	}{
		{"fievre", true, true},
		{"FIÈVRE elevee", true, true},
		{"elevee fievre", false, false},
		{"elevee toux", true, true},
		{"fiev", false, false},
		{"fiev*", true, true},
		{"metastases liver", false, true},
		{"bone metast*", false, true},
		{"seen 3", false, true},
		{"aspirin", false, true},
		{"condition", false, true},
		{"xmlns", false, false},
		{"liver seen", false, false},
	} {
		p, ok := NewPhrase(c.phrase)
		if !ok || p.In(Narrative(r)) != c.text || p.In(Content(r)) != c.content {
			t.Errorf("%s: %v %v", c.phrase, p.In(Narrative(r)), p.In(Content(r)))
		}
	}
	if _, ok := NewPhrase(" *&- "); ok {
		t.Error("nothing is a phrase")
	}
}
