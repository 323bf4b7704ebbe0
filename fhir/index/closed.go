package index

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

const maxClosed = 60

// ClosedCodes are all codes, sorted, that a token parameter can have where it looks at one element that occurs once at most
// and is a boolean or bound to a closed list; nil for all others.
func ClosedCodes(resourceType string, p r4.Param) []string {
	names := strings.Split(p.On(resourceType), ".")
	info := r4.Lookup(resourceType)
	if p.Type != "token" || info == nil || len(names) != 2 {
		return nil
	}
	i := slices.IndexFunc(info.Elements, func(e r4.Element) bool { return e.Name == names[1] })
	if i < 0 || info.Elements[i].Max != 1 || len(info.Elements[i].Types) != 1 {
		return nil
	}
	switch e := info.Elements[i]; {
	case e.Types[0] == "boolean":
		return []string{"false", "true"}
	case e.Types[0] == "code" && e.Strength == "required":
		return closed(e.Binding)
	}
	return nil
}

func closed(valueSet string) (out []string) {
	codes, complete := r4.ValueSetCodes(valueSet)
	if !complete || len(codes) > maxClosed {
		return nil
	}
	for _, c := range codes {
		out = append(out, c.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
