package r4

import "strings"

// On is the part of the expression that can yield something on a resource of this type. A parameter for several types is
// published as one union ("AllergyIntolerance.code | Condition.code | ..."); the branches that begin with the name of
// another type are left out. An expression of one branch comes back as it is.
func (p Param) On(resourceType string) string {
	branches := unionBranches(p.Expression)
	if len(branches) < 2 {
		return p.Expression
	}
	var keep []string
	for _, b := range branches {
		if start := typeOf(b); start == "" || IsA(resourceType, start) {
			keep = append(keep, b)
		}
	}
	return strings.Join(keep, " | ")
}

// typeOf is the resource type with whose name a branch begins, "" if it begins with something else.
func typeOf(branch string) string {
	name, _, _ := strings.Cut(strings.TrimLeft(branch, "( "), ".")
	if t := Lookup(strings.TrimSpace(name)); t != nil && (t.Kind == Resource || t.Kind == Abstract) {
		return t.Name
	}
	return ""
}

// unionBranches cuts an expression at each | that stands outside brackets and strings.
func unionBranches(expr string) []string {
	var out []string
	depth, from, quoted := 0, 0, false
	for i := 0; i < len(expr); i++ {
		switch c := expr[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == '|' && depth == 0:
			out = append(out, strings.TrimSpace(expr[from:i]))
			from = i + 1
		}
	}
	return append(out, strings.TrimSpace(expr[from:]))
}
