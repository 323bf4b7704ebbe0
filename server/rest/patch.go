package rest

import (
	"mime"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/patch"
	"github.com/ficushealth/ficus/fhir/search"
)

// patch answers PATCH [type]/[id] (https://hl7.org/fhir/R4/http.html#patch). A body of type application/json-patch+json is
// a JSON Patch, one of application/xml-patch+xml an XML Patch; a Parameters resource, as JSON or XML, a FHIRPath Patch. If-Match makes it depend on the version.
func (c *call) patch() error {
	if err := c.shape(); err != nil {
		return err
	}
	return c.patched(c.id)
}

// patchWhere answers PATCH [type]?search (https://hl7.org/fhir/R4/http.html#patch): a search finds what is patched.
func (c *call) patchWhere() error { return c.patched("", store.Where(search.Encode(c.pairs))) }

func (c *call) patched(id string, opts ...store.Option) error {
	p, err := c.edits()
	if err != nil {
		return err
	}
	more, err := conditions(c.r)
	if err != nil {
		return err
	}
	result, err := c.desk.Patch(c.ctx, c.typ, id, p, append(opts, more...)...)
	if err != nil {
		return err
	}
	return c.written(result)
}

// edits reads the body as a patch. Faults: Unsupported for another media type, Invalid for what is no patch.
func (c *call) edits() (patch.Patch, error) {
	media, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || media != patch.MediaJSON && media != patch.MediaXML {
		return c.parameters(media)
	}
	if !utf8Charset(params) {
		return patch.Patch{}, c.noPatch()
	}
	doc, err := c.body(c.s.MaxBody)
	if err != nil {
		return patch.Patch{}, err
	}
	return patch.Read(media, doc)
}

func (c *call) parameters(media string) (patch.Patch, error) {
	if !spoken(media) {
		return patch.Patch{}, c.noPatch()
	}
	r, err := c.document()
	if err != nil {
		return patch.Patch{}, err
	}
	return patch.Parameters(r)
}

// patches are the forms of a patch, for Accept-Patch (RFC 5789 section 3.1).
const patches = patch.MediaJSON + ", " + patch.MediaXML + ", " + fhirJSON + ", " + fhirXML

func (c *call) noPatch() error {
	c.w.Header().Set("Accept-Patch", patches)
	return fault.New(fault.Unsupported, "a patch is application/json-patch+json or application/xml-patch+xml, in UTF-8, or a Parameters resource as application/fhir+json or application/fhir+xml")
}
