package rest

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// subset is the part of each resource that _summary or _elements asks for
// (https://hl7.org/fhir/R4/search.html#summary). The zero subset is the whole.
type subset struct {
	summary  search.Summary
	elements []string
}

func (s subset) asked() bool { return s.summary != search.NoSummary || len(s.elements) > 0 }

// of is the body itself, or cut down and tagged SUBSETTED, so that nobody takes it for the whole.
func (s subset) of(body []byte) ([]byte, error) {
	if !s.asked() {
		return body, nil
	}
	return s.cut(body)
}

func (s subset) cut(body []byte) ([]byte, error) {
	r, err := fhir.Parse(body, fhir.Limits{})
	if err != nil {
		return nil, err
	}
	t := r4.Lookup(r.Type())
	if t == nil {
		return nil, fault.New(fault.Internal, "a stored resource is of no known type")
	}
	out := fhir.NewObject()
	for name, v := range r.Members() {
		switch {
		case name == "meta":
			out.Set("meta", store.Subsetted(v))
		case name == "resourceType" || name == "id":
			out.Set(name, v)
		case s.keeps(t.Find(strings.TrimPrefix(name, "_"))):
			out.Set(name, s.inner(t.Find(name), v))
		}
	}
	if out.Get("meta") == nil {
		out.Set("meta", store.Subsetted(fhir.Value{}))
	}
	return out.JSON(), nil
}

// keeps decides about an element that stands directly in the resource.
func (s subset) keeps(e *r4.Element) bool {
	switch {
	case e == nil:
		return false
	case len(s.elements) > 0:
		return e.Min > 0 || e.Modifier || slices.Contains(s.elements, e.Name)
	case s.summary == search.SummaryText:
		return e.Name == "text" || e.Min > 0
	case s.summary == search.SummaryData:
		return e.Name != "text"
	}
	return e.Summary
}

// inner leaves out of a backbone element what a summary does not have; all else stays whole.
func (s subset) inner(e *r4.Element, v fhir.Value) any {
	if s.summary != search.SummaryTrue || e == nil {
		return v
	}
	t := r4.ByID(e.Type)
	switch {
	case t == nil || t.Kind != r4.Backbone:
		return v
	case v.Kind() == fhir.Array:
		list := &fhir.List{}
		for item := range v.Items() {
			list.Add(s.members(t, item))
		}
		return list
	}
	return s.members(t, v)
}

func (s subset) members(t *r4.TypeInfo, v fhir.Value) any {
	if v.Kind() != fhir.Object {
		return v
	}
	out := fhir.NewObject()
	for name, m := range v.Members() {
		if e := t.Find(strings.TrimPrefix(name, "_")); name == "id" || e != nil && e.Summary {
			out.Set(name, s.inner(t.Find(name), m))
		}
	}
	return out
}

// shape reads _summary and _elements where nothing else may be asked. Faults: Invalid.
func (c *call) shape() error {
	q, err := store.ReadShapeAlone(c.typ, c.pairs)
	c.subset = subset{q.Summary, q.Elements}
	return err
}
