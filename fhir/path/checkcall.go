package path

import "github.com/ficushealth/ficus/fhir/r4"

// call gives the shape of a function's result.
func (c *checker) call(e *call, this shape) (shape, error) {
	in, err := this, error(nil)
	if e.input != nil {
		in, err = c.check(e.input, this)
	}
	if err != nil {
		return shape{}, err
	}
	if in.unordered && needsOrder(e.name) {
		return shape{}, c.fail(e.pos, e.name+"() needs an order, which these items do not have")
	}
	inner := this
	if overItems(e.name) || e.name == "iif" && e.input != nil {
		inner = in
	}
	args := make([]shape, len(e.args))
	for i, a := range e.args {
		if args[i], err = c.check(a, inner); err != nil {
			return shape{}, err
		}
	}
	if e.name == "iif" && args[0].known() && !args[0].isTruth() {
		return shape{}, c.fail(e.args[0].at(), "the criterion of iif() is no truth value")
	}
	return c.result(e, in, args), nil
}

func (s shape) isTruth() bool {
	if len(s.types) == 0 {
		return s.sys == kBoolean
	}
	for _, t := range s.types {
		if kindOf(t) == kBoolean {
			return true
		}
	}
	return false
}

// needsOrder says which functions depend on the order of their input.
func needsOrder(name string) bool {
	switch name {
	case "first", "last", "tail", "skip", "take":
		return true
	}
	return false
}

// overItems says which functions evaluate their argument for each item.
func overItems(name string) bool {
	switch name {
	case "where", "select", "all", "exists", "repeat", "aggregate", "sort":
		return true
	}
	return false
}

func (c *checker) result(e *call, in shape, args []shape) shape {
	switch e.name {
	case "where", "first", "last", "tail", "skip", "take", "single", "distinct", "trace", "sort", "exclude", "intersect":
		return in
	case "select":
		return args[0]
	case "children", "descendants":
		return shape{unordered: true}
	case "extension":
		return shape{types: []*r4.TypeInfo{r4.Lookup("Extension")}}
	case "count", "length", "indexOf", "lastIndexOf", "toInteger", "precision":
		return sysShape(kInteger)
	case "upper", "lower", "replace", "replaceMatches", "substring", "toString", "join", "trim":
		return sysShape(kString)
	}
	if e.f.truth {
		return sysShape(kBoolean)
	}
	return shape{}
}
