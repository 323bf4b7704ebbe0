package rest

import (
	"net/http"
	"strconv"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

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
	if preferOf(c.r).answer == "OperationOutcome" {
		return c.send(http.StatusOK, wellDone(result.Effect))
	}
	return c.empty(http.StatusNoContent)
}

// removeWhere answers DELETE [type]?search (https://hl7.org/fhir/R4/http.html#3.1.0.7.1): what a search finds is deleted,
// several only where the server is set up for it; _count bounds how many. How many it was, an OperationOutcome says, if
// Prefer asks for one.
func (c *call) removeWhere() error {
	opts, err := conditions(c.r)
	if err != nil {
		return err
	}
	gone, err := c.desk.DeleteWhere(c.ctx, c.typ, search.Encode(c.pairs), opts...)
	if err != nil {
		return err
	}
	if preferOf(c.r).answer == "OperationOutcome" {
		return c.send(http.StatusOK, deletions(len(gone)))
	}
	return c.empty(http.StatusNoContent)
}

func deletions(n int) []byte {
	text := strconv.Itoa(n) + " resources were deleted"
	if n == 1 {
		text = "1 resource was deleted"
	}
	return fhir.Outcome("information", fault.Issue{Code: "informational", Text: text}).JSON()
}
