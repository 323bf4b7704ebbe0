package patients

import (
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

func parse(t *testing.T, body string) fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(body), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRule(t *testing.T) {
	for name, c := range map[string]struct {
		patient string
		place   string // FHIRPath of what is refused; empty: accepted
	}{
		"bare": {`{"resourceType":"Patient"}`, ""},
		"two systems": {`{"resourceType":"Patient","identifier":[{"system":"a","value":"1"},{"system":"b","value":"1"},
			{"system":"a","value":"2"}]}`, ""},
		"in contradiction": {`{"resourceType":"Patient","identifier":[{"system":"a","value":"1"},{"value":"1"},
			{"system":"a","value":"1","use":"old"}]}`, "Patient.identifier[2]"},
		"repeated":          {`{"resourceType":"Patient","identifier":[{"system":"a","value":"1"},{"system":"a", "value":"1"}]}`, ""},
		"without system":    {`{"resourceType":"Patient","identifier":[{"value":"1"},{"value":"1"}]}`, ""},
		"linked to another": {`{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"Patient/b"},"type":"seealso"}]}`, ""},
		"linked to itself": {`{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"Patient/b"},"type":"seealso"},
			{"other":{"reference":"Patient/a"},"type":"seealso"}]}`, "Patient.link[1].other"},
		"a version of itself": {`{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"Patient/a/_history/1"},"type":"seealso"}]}`, "Patient.link[0].other"},
		"a related person":    {`{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"RelatedPerson/a"},"type":"seealso"}]}`, ""},
		"new and linked":      {`{"resourceType":"Patient","link":[{"other":{"reference":"Patient/b"},"type":"seealso"}]}`, ""},
		"dead after birth":    {`{"resourceType":"Patient","birthDate":"1950-06-02","deceasedDateTime":"2020-01-01T10:00:00Z"}`, ""},
		"dead before birth":   {`{"resourceType":"Patient","birthDate":"1950-06-02","deceasedDateTime":"1949"}`, "Patient.deceased"},
		"dead at birth":       {`{"resourceType":"Patient","birthDate":"1950-06-02","deceasedDateTime":"1950-06"}`, ""},
		"dead, no birth date": {`{"resourceType":"Patient","deceasedDateTime":"1950-06"}`, ""},
		"dead":                {`{"resourceType":"Patient","birthDate":"1950-06-02","deceasedBoolean":true}`, ""},
	} {
		err := Rule(t.Context(), store.Draft{Method: store.Put, New: parse(t, c.patient)})
		if c.place == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		f := fault.Find(err)
		if f == nil || f.Kind != fault.Unprocessable || f.Issues[0].Expression != c.place || f.Issues[0].Line == 0 {
			t.Errorf("%s: %v", name, err)
		}
		if err := Rule(t.Context(), store.Draft{Method: store.Put, New: parse(t, c.patient), Replayed: true}); err != nil {
			t.Errorf("%s, replayed: %v", name, err)
		}
	}
}

func TestADeleteIsNotJudged(t *testing.T) {
	if err := Rule(t.Context(), store.Draft{Method: store.Delete, Old: parse(t, `{"resourceType":"Patient"}`)}); err != nil {
		t.Error(err)
	}
}

// TestTheExamplesOfTheStandardPass holds the rule against the patients that HL7 publishes.
func TestTheExamplesOfTheStandardPass(t *testing.T) {
	n := 0
	suites.Archive(t, func(name string, body []byte) {
		r, err := fhir.Parse(body, fhir.Limits{})
		if err != nil || r.Type() != "Patient" {
			return
		}
		n++
		if err := Rule(t.Context(), store.Draft{Method: store.Put, New: r}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz")
	if n < 10 {
		t.Errorf("only %d patients were found", n)
	}
}
