package index

import (
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// fits are the shapes of which a type of search parameter has rows (https://hl7.org/fhir/R4/search.html#table).
func fits(paramType string, s shape) bool {
	switch paramType {
	case "token":
		return slices.Contains([]shape{concept, coding, identifier, contact, code, truth, plainText, uriText}, s)
	case "string":
		return slices.Contains([]shape{plainText, uriText, code, humanName, address}, s)
	case "uri":
		return slices.Contains([]shape{uriText, plainText}, s)
	case "reference":
		return slices.Contains([]shape{reference, uriText, plainText, resource}, s)
	case "date":
		return slices.Contains([]shape{moment, period, timing}, s)
	case "number", "quantity":
		return slices.Contains([]shape{number, quantity, money, rangeOf, sampled}, s)
	}
	return true
}

// finds refuses an expression that can find nothing, as far as that is known without data: one that names an element that
// the base does not have, or that gives only what the type of the parameter has no rows for.
func finds(def *r4.Param) error {
	for _, base := range def.Bases {
		if err := findsOn(def, base); err != nil {
			return err
		}
	}
	return nil
}

func findsOn(def *r4.Param, base string) error {
	focus, err := typesAt("expression", def.On(base), []*r4.TypeInfo{r4.Lookup(base)})
	if err != nil {
		return err
	}
	if def.Type != "composite" {
		return placed("type", fitting(def.Type, focus))
	}
	for _, c := range repaired(*def) {
		part, err := typesAt("component.expression", c.Expression, focus)
		if err != nil {
			return err
		}
		if err := fitting(c.Type, part); err != nil {
			return placed("component.expression", err)
		}
	}
	return nil
}

// typesAt are the types to which an expression leads, nil if that is not known.
func typesAt(place, expression string, from []*r4.TypeInfo) ([]*r4.TypeInfo, error) {
	e, err := path.CompileR4(expression)
	if err != nil {
		return nil, placed(place, err)
	}
	types, err := e.Types(from)
	return types, placed(place, err)
}

// fitting refuses types of which none has rows.
func fitting(paramType string, list []*r4.TypeInfo) error {
	if len(list) == 0 || slices.ContainsFunc(list, func(t *r4.TypeInfo) bool { return t == nil || fits(paramType, shapes()[t.ID]) }) {
		return nil
	}
	return fault.New(fault.Unprocessable, "the expression gives %s, in which a search parameter of type %s finds nothing", fault.A(list[0].Name), paramType)
}
