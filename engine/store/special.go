package store

import "github.com/ficushealth/ficus/fhir/search"

// special compiles the parameters that have a form of their own.
func (c *compiler) special(k search.Clause, v search.Value) ([]probe, error) {
	return nil, c.cannot(k, "is not supported yet")
}
