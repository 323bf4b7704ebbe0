package rest

import (
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// TestEachClaimOfSearchIsRead: what the CapabilityStatement says can be searched, included or sorted by is accepted.
func TestEachClaimOfSearchIsRead(t *testing.T) {
	rest := parsed(t, newRig(t, Options{}).do("GET /fhir/metadata"))["rest"].([]any)[0].(map[string]any)
	accepted := func(typ, name, value string) {
		if _, _, err := search.Parse(typ, []search.Pair{{Name: name, Value: value}}, search.Strict); err != nil {
			t.Errorf("%s?%s=%s: %v", typ, name, value, err)
		}
	}
	for _, each := range rest["resource"].([]any) {
		res := each.(map[string]any)
		typ := res["type"].(string)
		for _, p := range res["searchParam"].([]any) {
			param, _ := r4.FindParam(typ, p.(map[string]any)["name"].(string))
			accepted(typ, param.Code, sample(param))
			if param.Type != "composite" && param.Type != "special" && param.Expression != "" {
				accepted(typ, "_sort", "-"+param.Code)
			}
		}
		for _, value := range res["searchInclude"].([]any) {
			accepted(typ, "_include", value.(string))
		}
		for _, value := range res["searchRevInclude"].([]any) {
			accepted(typ, "_revinclude", value.(string))
		}
	}
	for _, p := range rest["searchParam"].([]any) {
		switch name := p.(map[string]any)["name"]; name {
		case "_contained":
			accepted("Patient", "_contained", "both")
		case "_filter":
			accepted("Patient", "_filter", "id eq 1")
		case "_has":
			accepted("Patient", "_has:Observation:patient:code", "1")
		case "_list":
			accepted("Patient", "_list", "1")
		case "_type":
			accepted("", "_type", "Patient,Group")
		default:
			t.Errorf("%v is claimed", name)
		}
	}
	for _, url := range rest["compartment"].([]any) {
		name := strings.TrimPrefix(url.(string), "http://hl7.org/fhir/CompartmentDefinition/")
		if !slices.ContainsFunc(r4.Resources(), func(typ string) bool {
			return strings.EqualFold(typ, name) && len(r4.Compartment(typ, "Observation")) > 0
		}) {
			t.Errorf("%s is claimed", url)
		}
	}
}

// sample is a value that the type of the parameter takes.
func sample(p r4.Param) string {
	var parts []string
	for _, c := range p.Components {
		parts = append(parts, sample(r4.Param{Type: c.Type}))
	}
	switch p.Type {
	case "date":
		return "2020"
	case "number", "quantity":
		return "1"
	case "special":
		return "1|1"
	case "composite":
		return strings.Join(parts, "$")
	}
	return "a"
}
