package searchcheck

import (
	"encoding/json"
	"testing"
	"time"
)

// The rows are the standard's own examples, or follow from its sentences.
func TestMatchReadsTheStandard(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	quantityOf := func(n string) any {
		return map[string]any{"value": json.Number(n), "system": "http://unitsofmeasure.org", "code": "mg", "unit": "milligram"}
	}
	period := func(from, to string) any { return map[string]any{"start": from, "end": to} }
	coding := map[string]any{"coding": []any{map[string]any{"system": "http://loinc.org", "code": "1-8", "display": "Été"}}, "text": "Summer"}
	for _, c := range []struct {
		kind     kind
		modifier string
		value    any
		text     string
		want     verdict
	}{
		{number, "", json.Number("100"), "100", yes},
		{number, "", json.Number("99.5"), "100", yes},
		{number, "", json.Number("100.5"), "100", no},
		{number, "", json.Number("100.004"), "100.00", yes},
		{number, "", json.Number("99.99"), "lt100", yes},
		{number, "", json.Number("100"), "le100", yes},
		{number, "", json.Number("100"), "gt100", no},
		{number, "", json.Number("100.4"), "ne100", no},
		{quantity, "", quantityOf("5.4"), "5.4|http://unitsofmeasure.org|mg", yes},
		{quantity, "", quantityOf("5.449"), "5.4||mg", yes},
		{quantity, "", quantityOf("5.4"), "5.4||milligram", yes},
		{quantity, "", quantityOf("5.4"), "5.40e0|http://unitsofmeasure.org|g", no},
		{quantity, "", quantityOf("5.9"), "ap5.4", yes},
		{date, "", "2013-01-14", "eq2013-01-14", yes},
		{date, "", "2013-01-14T00:00:00Z", "eq2013-01-14", yes},
		{date, "", "2013-01-14T10:00:00Z", "eq2013-01-14", yes},
		{date, "", "2013-01-15T00:00:00Z", "eq2013-01-14", no},
		{date, "", "2013-01-15T00:00:00Z", "ne2013-01-14", yes},
		{date, "", "2013-01-14T10:00:00Z", "lt2013-01-14T10:00:00Z", no},
		{date, "", "2013-01-14", "lt2013-01-14T10:00:00Z", yes},
		{date, "", "2013-01-14", "gt2013-01-14T10:00:00Z", yes},
		{date, "", "2013-01-21", "ge2013-03-14", no},
		{date, "", period("2013-01-21", ""), "ge2013-03-14", yes},
		{date, "", period("2013-01-21", ""), "le2013-03-14", yes},
		{date, "", period("2013-02-01", "2013-03-31"), "sa2013-03-14", no},
		{date, "", "2013-03-15", "sa2013-03-14", yes},
		{date, "", "2013-03-13", "eb2013-03-14", yes},
		{date, "", "2013-03-13", "ap2013-03-14", maybe},
		{text, "", "Eve", "eve", yes},
		{text, "", "Évelyn", "eve", yes},
		{text, "", "Severine", "eve", no},
		{text, "contains", "Severine", "EVE", yes},
		{text, "exact", "Eve", "eve", no},
		{text, "", map[string]any{"family": "Peña", "given": []any{"Ana", "Eve"}}, "pena", yes},
		{token, "", coding, "1-8", yes},
		{token, "", coding, "http://loinc.org|1-8", yes},
		{token, "", coding, "http://loinc.org|", yes},
		{token, "", coding, "|1-8", no},
		{token, "text", coding, "ete", yes},
		{token, "text", coding, "summ", yes},
		{token, "", map[string]any{"value": "446053"}, "|446053", yes},
		{contact, "", map[string]any{"system": "phone", "value": "555"}, "555", yes},
		{reference, "", map[string]any{"reference": "Patient/23"}, "23", yes},
		{reference, "Group", map[string]any{"reference": "Patient/23"}, "23", no},
		{reference, "identifier", map[string]any{"identifier": map[string]any{"system": "s", "value": "v"}}, "s|v", yes},
		{uri, "below", "http://acme.org/fhir/ValueSet/123", "http://acme.org/fhir", yes},
		{uri, "below", "http://acme.org/fhir2", "http://acme.org/fhir", no},
		{uri, "", "http://acme.org/fhir", "http://acme.org/fhir/", no},
	} {
		p := &param{kind: c.kind}
		if got := p.match(c.modifier, c.value, c.text, now); got != c.want {
			t.Errorf("%s %v %q %q: %d, want %d", c.kind, c.value, c.modifier, c.text, got, c.want)
		}
	}
}

func TestACorpusKnowsWhereReferencesLead(t *testing.T) {
	c := New()
	err := c.Bundle([]byte(`{"entry":[
		{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","identifier":[{"system":"s","value":"a|b"}],"name":[{"family":"Peña"}],"gender":"female"}},
		{"fullUrl":"urn:uuid:2","resource":{"resourceType":"Encounter","subject":{"reference":"urn:uuid:1"}}},
		{"fullUrl":"urn:uuid:3","resource":{"resourceType":"Claim","patient":{"reference":"Patient?identifier=s|a\\|b"}}}]}`),
		[]Stored{{"Patient", "p"}, {"Encounter", "e"}, {"Claim", "c"}})
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string][]string{}
	for _, q := range c.Queries(1, 900, 10, time.Now()) {
		asked[q.String()] = q.Must
		if wrong := q.Wrong(q.Must); wrong != "" {
			t.Error(wrong)
		}
	}
	for query, want := range map[string]string{"Encounter?subject=p": "e", "Encounter?patient=Patient%2Fp": "e", "Claim?patient=p": "c", "Patient?gender=female": "p", "Patient?family=PE%C3%91A": "p"} {
		if got := asked[query]; len(got) != 1 || got[0] != want {
			t.Errorf("%s finds %q, want %s", query, got, want)
		}
	}
}
