package caregivers

import (
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

func TestRule(t *testing.T) {
	for name, c := range map[string]struct{ resource, place string }{
		"a relationship":   {`{"resourceType":"RelatedPerson","patient":{"reference":"Patient/1"}}`, ""},
		"in contradiction": {`{"resourceType":"RelatedPerson","identifier":[{"system":"a","value":"1"},{"system":"a","value":"1","use":"old"}]}`, "RelatedPerson.identifier[1]"},
		"a person":         {`{"resourceType":"Person","id":"a","link":[{"target":{"reference":"Patient/a"}},{"target":{"reference":"Person/b"}}]}`, ""},
		"linked to itself": {`{"resourceType":"Person","id":"a","link":[{"target":{"reference":"Patient/a"}},{"target":{"reference":"Person/a"}}]}`, "Person.link[1].target"},
	} {
		r, err := fhir.Parse([]byte(c.resource), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		err = Rule(t.Context(), store.Draft{Method: store.Put, New: r})
		if f := fault.Find(err); (err == nil) != (c.place == "") || f != nil && f.Issues[0].Expression != c.place {
			t.Errorf("%s: %v", name, err)
		}
		if err := Rule(t.Context(), store.Draft{Method: store.Put, New: r, Replayed: true}); err != nil {
			t.Errorf("%s, replayed: %v", name, err)
		}
	}
}

func TestADeleteIsNotJudged(t *testing.T) {
	if err := Rule(t.Context(), store.Draft{Method: store.Delete}); err != nil {
		t.Error(err)
	}
}

// TestTheExamplesOfTheStandardPass holds the rule against the people that HL7 publishes.
func TestTheExamplesOfTheStandardPass(t *testing.T) {
	seen := map[string]int{}
	suites.Archive(t, func(name string, body []byte) {
		r, err := fhir.Parse(body, fhir.Limits{})
		if err != nil || r.Type() != "Person" && r.Type() != "RelatedPerson" {
			return
		}
		seen[r.Type()]++
		if err := Rule(t.Context(), store.Draft{Method: store.Put, New: r}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz")
	if len(seen) != 2 {
		t.Errorf("examples were found of %v only", seen)
	}
}
