package index

import (
	"testing"

	"github.com/ficushealth/ficus/fhir"
)

// A phrase that the parsed resource has is never missed in its bytes, however these are written.
func TestPhrasesInTheBytes(t *testing.T) {
	for _, c := range []struct {
		json, phrase string
		within       bool
	}{
		{`{"resourceType":"Basic","id":"Bone\/Marrow"}`, "bone marrow", true},
		{`{"resourceType":"Basic","id":"Bone\nMarrow"}`, "marrow bon*", true}, // its bytes are there, though not side by side
		{`{"resourceType":"Basic","id":"bone"}`, "marrow", false},
		{`{"resourceType":"Basic","id":"bone"}`, "bone marrow", false},
		{`{"resourceType":"Basic","id":"bone"}`, "bon*", true},
		{`{"resourceType":"Basic","id":"bone"}`, "Straße", false},
		{`{"resourceType":"Basic","id":"STRASSE"}`, "Straße", true},
		{`{"resourceType":"Basic","id":"b\u006fne"}`, "bone", true},
		{`{"resourceType":"Basic","id":"bóne"}`, "bone", true},
		{`{"resourceType":"Basic","text":{"div":"<div>b&#111;ne<\/div>"}}`, "bone", true},
	} {
		p, _ := NewPhrase(c.phrase)
		if got := p.Within(NewRaw([]byte(c.json))); got != c.within {
			t.Errorf("%s in %s: %v", c.phrase, c.json, got)
		}
		r, err := fhir.Parse([]byte(c.json), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if p.In(Content(r)) && !c.within {
			t.Errorf("%s in %s is missed", c.phrase, c.json)
		}
	}
}
