package rest

import (
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// made leaves of a route's verbs those that there are for a type that the server makes itself: read, vread and search.
func (c *call) made(v verbs) verbs {
	if c.s.Made[c.typ] == nil {
		return v
	}
	left := verbs{}
	if get := v[http.MethodGet]; get != nil && !strings.HasSuffix(strings.TrimSuffix(c.r.Pattern, "/{$}"), "/_history") {
		left[http.MethodGet] = get
	}
	if post := v[http.MethodPost]; post != nil && strings.Contains(c.r.Pattern, "/_search") {
		left[http.MethodPost] = post
	}
	return left
}

// madeResource is what the capability statement says of such a type.
func madeResource(typ string, params []string) *fhir.Obj {
	list := &fhir.List{}
	for _, code := range params {
		if p, ok := r4.FindParam(typ, code); ok {
			list.Add(fhir.NewObject().Set("name", p.Code).Set("definition", p.URL).Set("type", p.Type))
		}
	}
	return fhir.NewObject().
		Set("type", typ).
		Set("profile", "http://hl7.org/fhir/StructureDefinition/"+typ).
		Set("documentation", "Made by the server, which nobody can write; the newest come first").
		Set("interaction", codes("read", "vread", "search-type")).
		Set("versioning", "no-version").
		Set("searchParam", list)
}
