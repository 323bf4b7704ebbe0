package patch

import (
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
)

// selector is the XPath of an operation of an XML Patch, as far as RFC 5261 needs it: steps along children, each a name, *,
// text(), comment() or processing-instruction(), with predicates for a position, an attribute, the text of a child or an
// attribute of it; the last step may be an attribute.
type selector struct {
	steps     []pathStep
	attribute string
}

type pathStep struct {
	kind  markupKind
	any   bool // *
	name  xml.Name
	tests []pathTest
}

// pathTest is a predicate: a position from 1, or the value that an attribute, a child, or an attribute of a child must have.
type pathTest struct {
	position         int
	child, attribute xml.Name // empty: not there
	value            string
}

const maxSteps = 2 * maxDepth

// readSelector reads an XPath; prefixes says what they stand for. ok is false for what it does not know.
func readSelector(src string, prefixes map[string]string) (s selector, ok bool) {
	r := pathReader{strings.TrimPrefix(src, "/"), prefixes}
	for len(s.steps) < maxSteps {
		if rest, is := strings.CutPrefix(r.left, "@"); is {
			s.attribute, r.left = rest, ""
			return s, len(s.steps) > 0 && plainName(rest)
		}
		step, ok := r.step()
		if !ok {
			return s, false
		}
		s.steps = append(s.steps, step)
		if r.left == "" {
			return s, true
		}
		if r.left[0] != '/' {
			return s, false
		}
		r.left = r.left[1:]
	}
	return s, false
}

type pathReader struct {
	left     string
	prefixes map[string]string
}

// nodeTests are the steps that are no names.
var nodeTests = []struct {
	text string
	kind markupKind
}{{"text()", textItem}, {"comment()", commentItem}, {"processing-instruction()", instructionItem}}

func (r *pathReader) step() (s pathStep, ok bool) {
	s.kind = elementItem
	for _, t := range nodeTests {
		if rest, is := strings.CutPrefix(r.left, t.text); is {
			s.kind, s.any, r.left = t.kind, true, rest
		}
	}
	switch {
	case s.any:
	case strings.HasPrefix(r.left, "*"):
		s.any, r.left = true, r.left[1:]
	default:
		if s.name, ok = r.name(); !ok {
			return s, false
		}
	}
	for strings.HasPrefix(r.left, "[") {
		t, ok := r.test()
		if !ok {
			return s, false
		}
		s.tests = append(s.tests, t)
	}
	return s, true
}

// name reads a name with or without a prefix. Without one it is of the patch's own default namespace (RFC 5261 section 4.2.2).
func (r *pathReader) name() (xml.Name, bool) {
	n := 0
	for n < len(r.left) && !strings.ContainsRune("/[]=@()'\" \t\r\n", rune(r.left[n])) {
		n++
	}
	text := r.left[:n]
	r.left = r.left[n:]
	prefix, local, has := strings.Cut(text, ":")
	if !has {
		prefix, local = "", text
	}
	space, known := r.prefixes[prefix]
	return xml.Name{Space: space, Local: local}, known && plainName(local)
}

func plainName(s string) bool {
	return s != "" && !strings.ContainsAny(s, "/[]=@()'\"<>&: \t\r\n")
}

func (r *pathReader) test() (t pathTest, ok bool) {
	end := quotedEnd(r.left)
	if end < 0 {
		return t, false
	}
	inner := strings.TrimSpace(r.left[1:end])
	r.left = r.left[end+1:]
	if n, err := strconv.Atoi(inner); err == nil {
		t.position = n
		return t, n > 0
	}
	in := pathReader{inner, r.prefixes}
	if inner != "" && inner[0] != '@' {
		if t.child, ok = in.name(); !ok {
			return t, false
		}
		in.left = strings.TrimPrefix(in.left, "/")
	}
	if rest, is := strings.CutPrefix(in.left, "@"); is {
		in = pathReader{rest, map[string]string{"": "", "xml": xmlNamespace}}
		if t.attribute, ok = in.name(); !ok {
			return t, false
		}
	}
	value, is := strings.CutPrefix(strings.TrimSpace(in.left), "=")
	value = strings.TrimSpace(value)
	if !is || len(value) < 2 || value[0] != value[len(value)-1] || value[0] != '\'' && value[0] != '"' {
		return t, false
	}
	t.value = value[1 : len(value)-1]
	return t, !strings.ContainsRune(t.value, rune(value[0]))
}

// quotedEnd is where the bracket that begins s is closed, -1 if it is not.
func quotedEnd(s string) int {
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == ']':
			return i
		}
	}
	return -1
}

// find gives the nodes that the steps lead to. work bounds how many are looked at.
func (s selector) find(doc *markup, work *int) ([]*markup, error) {
	found := []*markup{doc}
	for _, step := range s.steps {
		var next []*markup
		for _, n := range found {
			if *work -= len(n.kids); *work < 0 {
				return nil, tooLarge()
			}
			next = append(next, step.from(n)...)
		}
		found = next
	}
	return found, nil
}

func (p pathStep) from(n *markup) (out []*markup) {
	for _, kid := range n.kids {
		if kid.kind == p.kind && (p.any || kid.name == p.name) {
			out = append(out, kid)
		}
	}
	for _, t := range p.tests {
		out = t.keep(out)
	}
	return out
}

func (t pathTest) keep(list []*markup) (out []*markup) {
	for i, n := range list {
		if t.position == i+1 || t.position == 0 && t.holds(n) {
			out = append(out, n)
		}
	}
	return out
}

func (t pathTest) holds(n *markup) bool {
	if t.child.Local == "" {
		return t.says(n)
	}
	for _, kid := range n.kids {
		if kid.kind == elementItem && kid.name == t.child && t.says(kid) {
			return true
		}
	}
	return false
}

// says compares an attribute of the element, or its text.
func (t pathTest) says(n *markup) bool {
	if t.attribute.Local == "" {
		return n.words() == t.value
	}
	return slices.ContainsFunc(n.attrs, func(a xml.Attr) bool { return a.Name == t.attribute && a.Value == t.value })
}

// words is the text directly in an element.
func (n *markup) words() string {
	text := ""
	for _, kid := range n.kids {
		if kid.kind == textItem {
			text += kid.text
		}
	}
	return text
}
