package rest

import (
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// create answers POST [type] (https://hl7.org/fhir/R4/http.html#create), with
// If-None-Exist conditionally (#ccreate): a match is answered with 200.
func (c *call) create() error {
	if err := c.shape(); err != nil {
		return err
	}
	r, err := c.resource()
	if err != nil {
		return err
	}
	var opts []store.Option
	query, conditional, err := c.condition()
	if err != nil {
		return err
	}
	if conditional {
		opts = append(opts, store.IfNoneExist(query))
	}
	if len(c.r.Header.Values("If-Match")) > 0 {
		return fault.New(fault.Invalid, "a create takes no If-Match: there is no version yet")
	}
	result, err := c.desk.Create(c.ctx, r, opts...)
	if err != nil {
		return err
	}
	return c.written(result)
}

// condition reads the search that a create depends on. Faults: Invalid for an empty one, which would be no condition at all,
// and for several.
func (c *call) condition() (query string, there bool, err error) {
	all := c.r.Header.Values("If-None-Exist")
	if len(all) > 1 || len(all) == 1 && strings.Trim(all[0], " \t?") == "" {
		return "", true, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "If-None-Exist must be one search, such as identifier=system|value", Expression: "http.If-None-Exist"})
	}
	query, _ = c.ours(c.r.Header.Get("If-None-Exist"))
	return query, len(all) == 1, nil
}

// written answers a create or update: 201 if the resource is new, else 200, with as much
// of it as Prefer asks for.
func (c *call) written(r store.Result) error {
	status := http.StatusOK
	if r.Effect == store.Created {
		status = http.StatusCreated
	}
	h := c.w.Header()
	describe(h, r.Version)
	h.Set("Location", c.base()+"/"+place(r.Version))
	switch preferOf(c.r).answer {
	case "minimal":
		return c.empty(status)
	case "OperationOutcome":
		return c.send(status, wellDone(r.Effect))
	}
	body, err := c.subset.of(r.Body)
	if err != nil {
		return err
	}
	return c.send(status, body)
}
