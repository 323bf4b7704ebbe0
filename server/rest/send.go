package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/ficushealth/ficus/engine/store"
)

// send answers with a resource, or another document, that is complete.
func (c *call) send(status int, body []byte) error {
	if c.pretty {
		body = indent(body)
	}
	c.head(status, len(body))
	c.write(body)
	return nil
}

// head begins an answer; size is that of the body, -1 if it is not known yet.
func (c *call) head(status, size int) {
	h := c.w.Header()
	h.Set("Content-Type", c.media+"; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if size >= 0 {
		h.Set("Content-Length", strconv.Itoa(size))
	}
	c.begun = true
	c.w.WriteHeader(status)
}

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

// empty answers without a body.
func (c *call) empty(status int) error {
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
	body, err := c.subset.of(v.Body)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, body)
}
