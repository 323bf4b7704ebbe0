package access

import (
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Mask keeps the holder of roles from one element of a resource type.
type Mask struct {
	Resource string
	Element  string // as the type names it, such as "telecom" or "value[x]"
	Hidden   bool   // it is not shown either; else only not changed
}

// ParseMask reads a mask; how is "hide" or "keep". Faults: Invalid for what R4 has not, for what no resource can be without,
// and for meta and its like, which are the server's.
func ParseMask(resource, element, how string) (Mask, error) {
	t := r4.Lookup(resource)
	if t == nil || t.Find(element) == nil {
		return Mask{}, fault.New(fault.Invalid, "R4 has no element %s.%s", resource, element)
	}
	e := t.Find(element)
	switch {
	case how != "hide" && how != "keep":
		return Mask{}, fault.New(fault.Invalid, "an element is masked by hide or keep")
	case element == "id" || element == "meta" || element == "implicitRules" || how == "hide" && e.Min > 0:
		return Mask{}, fault.New(fault.Invalid, "the element %s.%s cannot be masked so", resource, element)
	}
	return Mask{resource, e.Name, how == "hide"}, nil
}

// String is the mask as people read it, such as "hide Patient.telecom".
func (m Mask) String() string {
	how := "keep "
	if m.Hidden {
		how = "hide "
	}
	return how + m.Resource + "." + m.Element
}

// Hidden are the elements of a type that the holder does not see.
func (r Roles) Hidden(resourceType string) []string {
	hide, _ := r.masked(resourceType)
	return hide
}

// masked are the elements of a type that are hidden, and those that are not to be changed.
func (r Roles) masked(resourceType string) (hide, keep []string) {
	for _, m := range r.masks {
		switch {
		case m.Resource != resourceType:
		case m.Hidden:
			hide = append(hide, m.Element)
		default:
			keep = append(keep, m.Element)
		}
	}
	return hide, keep
}

// Hides reports whether a search parameter looks at one of the hidden elements, or at all there is.
func (n Narrow) Hides(resourceType string, p r4.Param) bool {
	if len(n.Hide) == 0 {
		return false
	}
	expression := p.On(resourceType)
	if expression == "" && p.Code != "_id" && p.Code != "_lastUpdated" { // _text, _content and their like look everywhere
		return true
	}
	for _, c := range p.Components {
		expression += " " + c.Expression
	}
	for _, element := range n.Hide {
		if names(expression, strings.TrimSuffix(element, "[x]")) {
			return true
		}
	}
	return false
}

// names reports whether an expression has a word that begins with the name of an element: value as valueQuantity too.
func names(expression, element string) bool {
	for rest := expression; ; {
		at := strings.Index(rest, element)
		if at < 0 {
			return false
		}
		if at == 0 || !isCode(rest[at-1:at]) {
			return true
		}
		rest = rest[at+len(element):]
	}
}
