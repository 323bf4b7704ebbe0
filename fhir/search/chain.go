package search

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

// maxHops is how many references one condition, or one key of the order, may follow.
const maxHops = 8

// references reads one step of a chain, a reference parameter of the type with the
// modifier [type] if wanted: the parameter, and the types it may lead to.
func references(typ, step string) (param r4.Param, others []string, bad *problem) {
	code, target, named := strings.Cut(step, ":")
	param, ok := r4.FindParam(typ, code)
	switch {
	case !ok:
		return param, nil, skippable("not-supported", "follows a parameter that is not known for "+typ+suggest(typ, code))
	case param.Type != "reference":
		return param, nil, malformed("follows %s, a parameter of type %s; only references can be followed", param.Code, param.Type)
	case !named && code == "patient":
		return param, []string{"Patient"}, nil
	case !named:
		return param, slices.Clone(targets(param)), nil
	case !slices.Contains(targets(param), target):
		return param, nil, malformed("follows %s to a type that it does not lead to; it leads to %s", param.Code, listed(targets(param)))
	}
	return param, []string{target}, nil
}

// targets are the types that a reference parameter leads to.
func targets(param r4.Param) []string {
	if len(param.Targets) == 0 {
		return r4.Resources()
	}
	return param.Targets
}

// listed names a few.
func listed(names []string) string {
	const some = 8
	if len(names) > some {
		return strings.Join(names[:some], ", ") + " and others"
	}
	return strings.Join(names, ", ")
}
