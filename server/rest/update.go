package rest

import (
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// update answers PUT [type]/[id] (https://hl7.org/fhir/R4/http.html#update), which also
// creates under the caller's id. If-Match makes it depend on the version
// (#concurrency), If-None-Match: * on there being none.
func (c *call) update() error {
	if err := c.shape(); err != nil {
		return err
	}
	r, err := c.resource()
	if err != nil {
		return err
	}
	if err := sameID(r, c.id); err != nil {
		return err
	}
	opts, err := conditions(c.r)
	if err != nil {
		return err
	}
	result, err := c.desk.Update(c.ctx, r, opts...)
	if err != nil {
		return err
	}
	return c.written(result)
}

// updateWhere answers PUT [type]?search (https://hl7.org/fhir/R4/http.html#cond-update): a search finds what is updated;
// what is not found is created. Faults: as store.Where.
func (c *call) updateWhere() error {
	r, err := c.resource()
	if err != nil {
		return err
	}
	opts, err := conditions(c.r)
	if err != nil {
		return err
	}
	result, err := c.desk.Update(c.ctx, r, append(opts, store.Where(search.Encode(c.pairs)))...)
	if err != nil {
		return err
	}
	return c.written(result)
}

// sameID checks that the body carries the id of the address. Faults: Invalid.
func sameID(r fhir.Resource, id string) error {
	text := "the id in the body is not the one in the address"
	switch r.ID() {
	case id:
		return nil
	case "":
		text = "the body must carry the id that is in the address"
	}
	line, col := r.Get("id").Pos()
	return fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: text, Expression: r.Type() + ".id", Line: line, Col: col})
}

// conditions are the store's options for the headers of an update or delete. Faults: Invalid.
// Conditions that would pass unseen are refused: who sets one counts on it.
func conditions(r *http.Request) (opts []store.Option, err error) {
	for name, text := range map[string]string{
		"If-None-Exist": "If-None-Exist is for creates only", "If-Unmodified-Since": "a write depends on a version and not on a time: use If-Match",
	} {
		if len(r.Header.Values(name)) > 0 {
			return nil, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Text: text, Expression: "http." + name})
		}
	}
	version, err := ifMatch(r)
	if err != nil {
		return nil, err
	}
	if version != "" {
		opts = append(opts, store.IfMatch(version))
	}
	switch strings.TrimSpace(r.Header.Get("If-None-Match")) {
	case "":
	case "*":
		opts = append(opts, store.IfAbsent())
	default:
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "a write takes no If-None-Match but *", Expression: "http.If-None-Match"})
	}
	return opts, nil
}
