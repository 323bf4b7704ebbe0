package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/xml"
)

// send answers with a resource, or another document, that is complete.
func (c *call) send(status int, body []byte) error {
	body, err := c.formed(body)
	if err != nil {
		return err
	}
	c.head(status, len(body))
	c.write(body)
	return nil
}

// formed is the body in the form that was asked for. Faults: NotAcceptable if what is
// stored has no XML form, Unavailable without room for it in time.
func (c *call) formed(body []byte) ([]byte, error) {
	if err := c.spread(len(body)); err != nil {
		return nil, err
	}
	switch {
	case inXML(c.media):
		return asXML(body, c.pretty)
	case c.pretty:
		return indent(body), nil
	}
	return body, nil
}

// spread waits for room to bring a large answer into another form. Only a read waits: it can be repeated, and holds nothing
// that others wait for.
func (c *call) spread(size int) error {
	reads := c.r.Method == http.MethodGet || c.r.Method == http.MethodHead
	if c.inPieces() || size <= smallBody || !reads {
		return nil
	}
	return c.take(int64(size))
}

func asXML(body []byte, pretty bool) ([]byte, error) {
	r, err := fhir.Parse(body, fhir.Limits{Bytes: math.MaxInt, Depth: 2 * fhir.Limits{}.OrDefault().Depth})
	if err != nil {
		return nil, fmt.Errorf("write the answer as XML: %s", err) // it was stored, so it is our mistake
	}
	write := xml.Append
	if pretty {
		write = xml.Pretty
	}
	out, err := write(make([]byte, 0, 2*len(body)), r)
	if f := fault.Find(err); f != nil {
		return nil, &fault.Error{Kind: fault.NotAcceptable, Text: "the answer has no XML form, but can be had as JSON", Issues: f.Issues}
	}
	return out, err
}

// inPieces tells whether an answer can leave before it is complete.
func (c *call) inPieces() bool { return !c.pretty && !inXML(c.media) }

// head begins an answer; size is that of the body, -1 if it is not known yet.
func (c *call) head(status, size int) { c.headOf(c.media+"; charset=utf-8", status, size) }

func (c *call) headOf(media string, status, size int) {
	h := c.w.Header()
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	keepNowhere(h)
	if size >= 0 {
		h.Set("Content-Length", strconv.Itoa(size))
	}
	c.begun = true
	c.share.shrink(c.share.n / answerPart)
	c.w.WriteHeader(status)
}

// answerPart of the share of a request is kept while its answer leaves, which a slow caller may take his time for: of what
// was made of the body no more than a part is held then.
const answerPart = 4

// write sends a part of the body. If that fails, the caller has gone, and nothing is left to do.
func (c *call) write(b []byte) {
	if c.r.Method != http.MethodHead {
		c.w.Write(b) //nolint:errcheck // see above
	}
}

// indent is for people: two spaces, numbers untouched.
func indent(body []byte) []byte {
	var b bytes.Buffer
	if json.Indent(&b, body, "", "  ") != nil {
		return body
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// keepNowhere says that no cache may keep the answer, and what it depends on; 304 says the same as 200 (RFC 9110 section 15.4.5).
func keepNowhere(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept")
}

// empty answers without a body.
func (c *call) empty(status int) error {
	keepNowhere(c.w.Header())
	c.begun = true
	c.w.WriteHeader(status)
	return nil
}

// version answers with one version of a resource.
func (c *call) version(v store.Version) error {
	describe(c.w.Header(), v)
	if unchanged(c.r, v) {
		return c.empty(http.StatusNotModified)
	}
	if done, err := c.content(v); done || err != nil {
		return err
	}
	body, err := c.subset.of(v.Body)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, body)
}
