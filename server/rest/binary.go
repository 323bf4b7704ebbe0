package rest

import (
	"encoding/base64"
	"math"
	"mime"
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// A Binary may come and go as what it holds (https://hl7.org/fhir/R4/binary.html#rest). JSON and XML are always the resource.

// raw reports whether the body is the content of a Binary itself.
func (c *call) raw() bool {
	media, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	return c.typ == "Binary" && err == nil && !spoken(media)
}

// enclosed is the Binary of a body that is its content. Faults: those of reading a body.
func (c *call) enclosed() (fhir.Resource, error) {
	b, err := c.body(c.s.MaxBody)
	if err != nil {
		return fhir.Resource{}, err
	}
	o := fhir.NewObject().Set("resourceType", "Binary")
	if c.id != "" {
		o.Set("id", c.id)
	}
	o.Set("contentType", c.r.Header.Get("Content-Type"))
	if about := c.r.Header.Get("X-Security-Context"); about != "" {
		about, _ = c.ours(about)
		o.Set("securityContext", fhir.NewObject().Set("reference", about))
	}
	if len(b) > 0 {
		o.Set("data", base64.StdEncoding.EncodeToString(b))
	}
	return fhir.Parse(o.JSON(), fhir.Limits{Bytes: math.MaxInt})
}

// mayBeRaw reports whether the answer may be the content of a Binary, in whatever form that is.
func (c *call) mayBeRaw() bool {
	return (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead) && c.format == "" &&
		c.r.PathValue("type") == "Binary" && c.r.PathValue("id") != "" && c.r.PathValue("member") == ""
}

// content answers a Binary as what it holds, if the caller asks for its type; false if he asks for the resource.
// Faults: NotAcceptable if he takes neither.
func (c *call) content(v store.Version) (bool, error) {
	if !c.mayBeRaw() {
		return false, nil
	}
	r, err := v.Resource()
	if err != nil {
		return false, err
	}
	typ := r.Get("contentType").Str()
	media, _, err := mime.ParseMediaType(typ)
	if err != nil || spoken(media) || !prefers(strings.Join(c.r.Header.Values("Accept"), ","), media) {
		if c.media == "" {
			return false, fault.New(fault.NotAcceptable, "this Binary is of another type: ask for its own, application/fhir+json or application/fhir+xml")
		}
		return false, nil
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(r.Get("data").Str()), ""))
	if err != nil {
		return false, fault.New(fault.NotAcceptable, "the data of this Binary are not base64; ask for application/fhir+json")
	}
	h := c.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox") // it may be a page whose scripts must not act for who looks at it
	c.headOf(typ, http.StatusOK, len(data))
	c.write(data)
	return true, nil
}

// prefers reports whether an Accept header names a media type, or all of its kind, no less than it wants the forms of FHIR.
func prefers(accept, media string) bool {
	kind, _, _ := strings.Cut(media, "/")
	own, fhirs := 0.0, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		named, params, err := mime.ParseMediaType(part)
		switch q := quality(params["q"]); {
		case err != nil:
		case named == media, named == kind+"/*" && kind != "application" && kind != "text":
			own = max(own, q)
		case spoken(named):
			fhirs = max(fhirs, q)
		}
	}
	return own > 0 && own >= fhirs
}
