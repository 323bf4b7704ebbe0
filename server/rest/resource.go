package rest

import (
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/xml"
)

// document reads the body as one resource. Faults: Unsupported, TooLarge, Invalid with the place.
func (c *call) document() (fhir.Resource, error) {
	media, err := form(c.r)
	if err != nil {
		return fhir.Resource{}, err
	}
	b, err := c.body(c.s.MaxBody)
	if err != nil {
		return fhir.Resource{}, err
	}
	if len(b) == 0 {
		return fhir.Resource{}, fault.New(fault.Invalid, "the body is empty; a resource is expected")
	}
	if inXML(media) {
		return xml.Parse(b, fhir.Limits{Bytes: int(c.s.MaxBody)})
	}
	return fhir.Parse(b, fhir.Limits{Bytes: int(c.s.MaxBody)})
}

// resource is document, of the type in the address. Faults: also Invalid for another type.
func (c *call) resource() (fhir.Resource, error) {
	if c.raw() {
		return c.enclosed()
	}
	r, err := c.document()
	if err != nil || r.Type() == c.typ {
		return r, err
	}
	line, col := r.Get("resourceType").Pos()
	return fhir.Resource{}, fault.At(fault.Invalid, fault.Issue{
		Code: "invalid", Text: "the resource in the body is not " + fault.A(c.typ) + ", as the address says", Expression: "resourceType", Line: line, Col: col,
	})
}

// gone adds the version of a deletion to the answer that says so.
func (c *call) gone(v store.Version, err error) error {
	if fault.Is(err, fault.Gone) && v.Number > 0 {
		c.w.Header().Set("ETag", etag(v.Number))
	}
	return err
}

// wellDone says what a write did, to those who asked for an OperationOutcome.
func wellDone(e store.Effect) []byte {
	text := "nothing had to be changed"
	switch e {
	case store.Created:
		text = "the resource was created"
	case store.Updated:
		text = "the resource was updated"
	case store.Removed:
		text = "the resource was deleted"
	}
	return fhir.Outcome("information", fault.Issue{Code: "informational", Text: text}).JSON()
}
