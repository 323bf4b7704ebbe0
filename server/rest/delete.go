package rest

import "net/http"

// remove answers DELETE [type]/[id] (https://hl7.org/fhir/R4/http.html#delete). What was
// deleted before, or never was, is gone as the caller wishes: 204 too.
func (c *call) remove() error {
	if err := c.bare(); err != nil {
		return err
	}
	opts, err := conditions(c.r)
	if err != nil {
		return err
	}
	result, err := c.desk.Delete(c.ctx, c.typ, c.id, opts...)
	if err != nil {
		return err
	}
	if result.Number > 0 {
		c.w.Header().Set("ETag", etag(result.Number))
	}
	return c.empty(http.StatusNoContent)
}
