package search

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

// first reads _type before everything else, because it says which parameters are known.
func (p *parser) first(pairs []Pair) {
	for _, pair := range pairs {
		if pair.Name == "_type" && p.q.Type == "" && p.q.Types == nil && readable(pair.Value) {
			_ = p.typed(pair.Value) // reported in its turn
		}
	}
}

// typed reads _type of a search over several types (https://hl7.org/fhir/R4/search.html#_type).
func (p *parser) typed(value string) *problem {
	if p.q.Type != "" {
		return malformed("belongs to a search over several types; this one is over %s", p.q.Type)
	}
	names := strings.Split(value, ",")
	for _, name := range names {
		if _, known := r4.ResourceIndex(name); !known {
			return malformed("must be a list of resource types of FHIR R4, separated by commas")
		}
	}
	slices.Sort(names)
	p.q.Types = slices.Compact(names)
	return nil
}
