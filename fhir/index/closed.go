package index

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

const maxClosed = 60

// ClosedCodes are all codes, sorted, that a token parameter can have where it looks at one element that occurs once at most
// and is a boolean or bound to a closed list; nil for all others.
func ClosedCodes(resourceType string, p r4.Param) (out []string) {
	if way := elements(resourceType, p); len(way) != 1 || way[0].Max != 1 {
		return nil
	}
	for _, c := range closedCodes(resourceType, p) {
		out = append(out, c.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ClosedSystem are the codes of one system that a token parameter can have where it looks at one element that is a boolean
// or bound to a closed list; ok is false for all others. Such codes have no row for their system.
func ClosedSystem(resourceType string, p r4.Param, system string) (codes []string, ok bool) {
	list := closedCodes(resourceType, p)
	for _, c := range list {
		if c.System == system {
			codes = append(codes, c.Code)
		}
	}
	return codes, len(list) > 0
}

// closedCodes are the codes of ClosedCodes, whatever number of them a resource has, each with the system that it stands for.
func closedCodes(resourceType string, p r4.Param) []r4.Code {
	way := elements(resourceType, p)
	if p.Type != "token" || len(way) == 0 {
		return nil
	}
	switch e := way[len(way)-1]; {
	case len(e.Types) != 1:
		return nil
	case e.Types[0] == "boolean":
		return []r4.Code{{System: SpecialValues, Code: "false"}, {System: SpecialValues, Code: "true"}}
	case e.Types[0] == "code" && e.Strength == "required":
		return closed(e.Binding)
	}
	return nil
}

// closed has each code once: one that several systems have stands for the first of them.
func closed(valueSet string) []r4.Code {
	codes, complete := r4.ValueSetCodes(valueSet)
	if !complete || len(codes) > maxClosed {
		return nil
	}
	return slices.CompactFunc(slices.Clone(codes), func(a, b r4.Code) bool { return a.Code == b.Code })
}

// SharesURI reports whether the uris of a parameter are canonical urls, which many resources share: they have no string
// rows but are Values.
func SharesURI(resourceType string, p r4.Param) bool {
	way := elements(resourceType, p)
	if p.Type != "uri" || len(way) == 0 {
		return false
	}
	last := way[len(way)-1]
	return len(last.Types) == 1 && last.Types[0] == "canonical"
}

// elements are those that a parameter's expression of names alone leads along; nil for any other expression.
func elements(resourceType string, p r4.Param) []r4.Element {
	return along(resourceType, p.On(resourceType))
}

func along(resourceType, expression string) (way []r4.Element) {
	at := r4.Lookup(resourceType)
	names := strings.Split(expression, ".")
	if at == nil || !r4.IsA(resourceType, names[0]) {
		return nil
	}
	for _, name := range names[1:] {
		if at == nil {
			return nil
		}
		i := slices.IndexFunc(at.Elements, func(e r4.Element) bool { return e.Name == name })
		if i < 0 {
			return nil
		}
		way = append(way, at.Elements[i])
		if at = nil; len(way[len(way)-1].Types) == 1 {
			at = r4.Lookup(way[len(way)-1].Types[0])
		}
	}
	return way
}
