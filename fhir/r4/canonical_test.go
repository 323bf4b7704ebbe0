package r4

import (
	"encoding/json"
	"testing"
)

func TestCanonicals(t *testing.T) {
	for kind, least := range map[string]int{"StructureDefinition": 400, "CodeSystem": 1000, "ValueSet": 1200, "ConceptMap": 75} {
		n := 0
		for url := range Canonicals(kind) {
			raw, ok := Canonical(kind, url)
			var head struct{ ResourceType, URL string }
			if err := json.Unmarshal(raw, &head); err != nil || !ok || head.ResourceType != kind || head.URL != url {
				t.Errorf("%s %s: %+v %v", kind, url, head, err)
			}
			n++
		}
		if n < least {
			t.Errorf("%d of kind %s, at least %d expected", n, kind, least)
		}
	}
	if _, ok := Canonical("ValueSet", "http://hl7.org/fhir/ValueSet/administrative-gender|9"); !ok {
		t.Error("a version is ignored")
	}
	if _, ok := Canonical("Patient", "x"); ok {
		t.Error("a patient is no definition")
	}
}
