package store

import (
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// ReadShape reads _summary and _elements, which every interaction takes (https://hl7.org/fhir/R4/http.html#parameters), and
// returns the pairs that are neither. _format and _pretty are of the whole answer and left out. Faults: Invalid.
func ReadShape(typ string, pairs []search.Pair) (shape search.Query, rest []search.Pair, err error) {
	var own []search.Pair
	for _, p := range pairs {
		switch p.Name {
		case "_format", "_pretty":
		case "_summary", "_elements":
			own = append(own, p)
		default:
			rest = append(rest, p)
		}
	}
	if shape, _, err = search.Parse(typ, own, search.Strict); err != nil {
		return shape, nil, err
	}
	if shape.Summary == search.SummaryCount {
		err = fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "_summary=count is for searches", Expression: "http._summary"})
	}
	return shape, rest, err
}

// ReadShapeAlone is ReadShape where nothing else may be asked.
func ReadShapeAlone(typ string, pairs []search.Pair) (search.Query, error) {
	shape, rest, err := ReadShape(typ, pairs)
	if err == nil && len(rest) > 0 {
		err = Foreign(rest[0])
	}
	return shape, err
}

// Foreign refuses a parameter that an interaction does not take.
func Foreign(p search.Pair) error {
	name := search.Printable(p.Name)
	return fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: "this interaction takes no parameter " + name, Expression: "http." + name})
}

// readAt reads the address of a resource or of a version, with its query; the shape is of what is read.
func readAt(parts []string, query string) (r *reading, err error) {
	switch {
	case len(parts) == 2 && !slices.Contains(parts, ""):
		r = &reading{typ: parts[0], id: parts[1]}
	case len(parts) == 4 && parts[2] == "_history":
		r = &reading{typ: parts[0], id: parts[1], version: parts[3]}
	default:
		return nil, nil
	}
	pairs, err := search.ParseQueryString(query)
	if err != nil {
		return nil, err
	}
	r.shape, err = ReadShapeAlone(r.typ, pairs)
	return r, err
}
