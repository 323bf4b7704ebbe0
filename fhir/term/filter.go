package term

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// matcher decides about the concept at a place of a code system.
type matcher func(cs *CodeSystem, i int32) bool

// ready makes the matcher of a filter (https://hl7.org/fhir/R4/valueset.html#compositions).
func (f *Filter) ready() error {
	switch f.Op {
	case "is-a":
		f.match = func(cs *CodeSystem, i int32) bool { return below(cs, f.Value, i, true) }
	case "descendent-of":
		f.match = func(cs *CodeSystem, i int32) bool { return below(cs, f.Value, i, false) }
	case "is-not-a":
		f.match = func(cs *CodeSystem, i int32) bool { return !below(cs, f.Value, i, true) }
	case "generalizes":
		f.match = func(cs *CodeSystem, i int32) bool {
			v := cs.place(f.Value)
			return v >= 0 && (v == i || cs.above(i, v))
		}
	default:
		return f.onProperty()
	}
	return nil
}

func below(cs *CodeSystem, code string, i int32, self bool) bool {
	v := cs.place(code)
	return v >= 0 && (v == i && self || v != i && cs.above(v, i))
}

func (f *Filter) onProperty() error {
	var test func(values []string) bool
	switch f.Op {
	case "=":
		test = func(values []string) bool { return slices.Contains(values, f.Value) }
	case "in":
		list := commaList(f.Value)
		test = func(values []string) bool { return overlap(values, list) }
	case "not-in":
		list := commaList(f.Value)
		test = func(values []string) bool { return !overlap(values, list) }
	case "exists":
		if f.Value != "true" && f.Value != "false" {
			return errors.New("the value of an exists filter is true or false")
		}
		f.match = func(cs *CodeSystem, i int32) bool { return cs.says(i, f.Property) == (f.Value == "true") }
		return nil
	case "regex":
		return f.onText()
	default:
		return errors.New("a filter has no operator of this name: use =, is-a, descendent-of, is-not-a, regex, in, not-in, generalizes or exists")
	}
	f.match = func(cs *CodeSystem, i int32) bool { return test(cs.values(i, f.Property)) }
	return nil
}

// onText matches a whole value with a regular expression, in time linear in its length.
func (f *Filter) onText() error {
	if len(f.Value) > 1000 {
		return errors.New("the regular expression of a filter is too long")
	}
	re, err := regexp.Compile("^(?:" + f.Value + ")$")
	if err != nil {
		return errors.New("the value of a regex filter is no regular expression")
	}
	f.match = func(cs *CodeSystem, i int32) bool {
		return slices.ContainsFunc(cs.values(i, f.Property), re.MatchString)
	}
	return nil
}

func commaList(s string) []string {
	list := strings.Split(s, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// values are those of a property of a concept; its code, display, parents and children are properties too.
func (cs *CodeSystem) values(i int32, property string) []string {
	c := &cs.concepts[i]
	switch property {
	case "concept", "code":
		return []string{c.Code}
	case "display":
		return []string{c.Display}
	case "definition":
		return []string{c.Definition}
	case "parent":
		return cs.Parents(c.Code)
	case "child":
		return cs.Children(c.Code)
	case "inactive", "notSelectable":
		return cs.flags(i, property)
	}
	return cs.said(i, property)
}

// says reports whether a concept has a property, not counting what is taken for granted.
func (cs *CodeSystem) says(i int32, property string) bool {
	if property == "inactive" || property == "notSelectable" {
		return len(cs.said(i, property)) > 0
	}
	return slices.ContainsFunc(cs.values(i, property), func(v string) bool { return v != "" })
}

func (cs *CodeSystem) said(i int32, property string) []string {
	var out []string
	for _, p := range cs.propertiesOf(i) {
		if p.Code == property {
			out = append(out, p.Value)
		}
	}
	return out
}

// flags are false where nothing is said.
func (cs *CodeSystem) flags(i int32, property string) []string {
	on := property == "inactive" && cs.concepts[i].Inactive || property == "notSelectable" && cs.concepts[i].Abstract
	if on {
		return []string{"true"}
	}
	return []string{"false"}
}

// serves reports whether a filter asks for what the system has; if not, what it lacks: a code, or a property. Of a system that
// is not whole, a code that is not there may be one.
func (cs *CodeSystem) serves(f Filter) (lack fault.Issue, ok bool) {
	switch {
	case f.hierarchical() && cs.Has(f.Value) == No:
		return fault.Issue{Code: "code-invalid", Text: "a filter names a code that the code system " + cs.URL + " does not have"}, false
	case !f.hierarchical() && !cs.defines(f.Property):
		return fault.Issue{Code: "not-supported", Text: "a filter names a property that the code system " + cs.URL + " does not have"}, false
	}
	return lack, true
}

// hierarchical reports whether a filter asks how concepts stand to each other.
func (f *Filter) hierarchical() bool {
	return slices.Contains([]string{"is-a", "descendent-of", "is-not-a", "generalizes"}, f.Op)
}

// takes says whether a filter takes a concept. In a part of a system, two concepts may belong together by others that are not
// there.
func (f *Filter) takes(cs *CodeSystem, i int32) Verdict {
	is := f.match(cs, i)
	if f.hierarchical() && !cs.Whole() && is == (f.Op == "is-not-a") {
		return Unknown
	}
	return verdict(is)
}

// defines reports whether concepts of the system can have a property.
func (cs *CodeSystem) defines(property string) bool {
	switch property {
	case "concept", "code", "display", "definition", "parent", "child", "inactive", "notSelectable":
		return true
	}
	return cs.kinds[property] || slices.ContainsFunc(cs.properties, func(p Property) bool { return p.Code == property })
}
