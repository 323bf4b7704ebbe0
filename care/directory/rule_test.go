package directory

import (
	"slices"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

func TestRule(t *testing.T) {
	for name, c := range map[string]struct{ resource, place string }{
		"a practitioner":     {`{"resourceType":"Practitioner","identifier":[{"system":"a","value":"1"},{"system":"a","value":"2"}]}`, ""},
		"in contradiction":   {`{"resourceType":"Practitioner","identifier":[{"system":"a","value":"1"},{"system":"a","value":"1","use":"old"}]}`, "Practitioner.identifier[1]"},
		"part of itself":     {`{"resourceType":"Organization","id":"a","partOf":{"reference":"Organization/a"}}`, "Organization.partOf"},
		"a room in itself":   {`{"resourceType":"Location","id":"a","partOf":{"reference":"Location/a"}}`, "Location.partOf"},
		"part of another":    {`{"resourceType":"Location","id":"a","partOf":{"reference":"Location/b"}}`, ""},
		"elsewhere the same": {`{"resourceType":"Location","id":"a","partOf":{"reference":"https://example.org/fhir/Location/a"}}`, ""},
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

// TestTheExamplesOfTheStandardPass holds the rule against the directory entries that HL7 publishes.
func TestTheExamplesOfTheStandardPass(t *testing.T) {
	var types []string
	for _, o := range Module().Owns {
		types = append(types, o.Type)
	}
	seen := map[string]int{}
	suites.Archive(t, func(name string, body []byte) {
		r, err := fhir.Parse(body, fhir.Limits{})
		if err != nil || !slices.Contains(types, r.Type()) {
			return
		}
		seen[r.Type()]++
		if err := Rule(t.Context(), store.Draft{Method: store.Put, New: r}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz")
	if len(seen) != len(types) {
		t.Errorf("examples were found of %v only", seen)
	}
}
