package term

import (
	"net/url"
	"strings"
)

// Implicit is a value set that exists without being written down (https://hl7.org/fhir/R4/snomedct.html#implicit): all codes
// of a system (http://snomed.info/sct?fhir_vs), or what is below a concept (http://snomed.info/sct?fhir_vs=isa/73211009).
// Nil: the url names none.
func Implicit(canonical string) (*ValueSet, error) {
	system, query, found := strings.Cut(canonical, "?")
	if !found || query != "fhir_vs" && !strings.HasPrefix(query, "fhir_vs=") {
		return nil, nil
	}
	what, err := url.QueryUnescape(strings.TrimPrefix(strings.TrimPrefix(query, "fhir_vs"), "="))
	if err != nil {
		return nil, nil // not a url of that form after all
	}
	clause := Clause{System: system}
	if code, ok := strings.CutPrefix(what, "isa/"); ok {
		f := Filter{Property: "concept", Op: "is-a", Value: code}
		if err := f.ready(); err != nil {
			return nil, err
		}
		clause.Filters = []Filter{f}
	} else if what != "" {
		return nil, nil
	}
	return &ValueSet{URL: canonical, Include: []Clause{clause}}, nil
}
