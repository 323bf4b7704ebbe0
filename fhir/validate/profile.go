package validate

import (
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// profile is a StructureDefinition made ready: a tree of what it asks of each element. One that comes without a snapshot
// is the tree of its differential, checked after its base, since all that a profile can do is to ask for more.
type profile struct {
	url, typ   string
	version    string
	base       string // of a profile without snapshot: the definition that is checked before it
	extension  bool
	modifier   bool
	contexts   []place
	invariants []*rule // on the element that carries the extension
	root       *node
}

// place is where an extension may stand.
type place struct{ kind, expression string }

// node is what a profile asks of one element.
type node struct {
	name     string // last part of the path: "value[x]", "extension"
	slice    string // name of the slice, "" outside
	min, max int    // -1: nothing is said; max of many is math.MaxInt
	types    []allowed
	fixed    fhir.Value
	pattern  fhir.Value
	least    fhir.Value // minValue[x]
	most     fhir.Value // maxValue[x]
	length   int        // maxLength, 0 for none
	binding  string
	strength string
	largest  string // value set from which a code must be in any case
	rules    []*rule

	sliced         bool
	ordered        bool
	closed, atEnd  bool
	discriminators []discriminator
	slices         []*node

	children []*node
	same     string // path of the element whose content this one repeats
	from     *node  // the same, found
}

// allowed is one type that an element may have.
type allowed struct {
	code              string
	profiles, targets []string
}

type discriminator struct{ kind, path string }

const many = 1<<31 - 1

// compile reads a StructureDefinition. Whatever it cannot understand asks for nothing.
func compile(r fhir.Resource) *profile {
	p := &profile{url: r.Get("url").Str(), version: r.Get("version").Str(), typ: r.Get("type").Str()}
	p.extension = p.typ == "Extension"
	for c := range r.Get("context").Items() {
		p.contexts = append(p.contexts, place{c.Get("type").Str(), c.Get("expression").Str()})
	}
	p.contexts = append(p.contexts, misplaced[p.url]...)
	for c := range r.Get("contextInvariant").Items() {
		p.invariants = append(p.invariants, newRule(r4.Rule{Key: "contextInvariant", Severity: "error", Human: "the extension must not stand here", Expression: c.Str()}, path.Compile))
	}
	elements := r.Get("snapshot").Get("element")
	if !elements.Exists() {
		elements, p.base = r.Get("differential").Get("element"), r.Get("baseDefinition").Str()
	}
	t := &tree{last: map[string]*node{}}
	for e := range elements.Items() {
		t.add(e)
	}
	p.root = t.root
	if p.root == nil {
		p.root = &node{min: -1, max: -1}
	}
	t.join(p.root)
	p.modifier = t.modifier
	return p
}

// tree grows from the elements in their order: each hangs below the last one that had the path of its parent, a slice
// beside the last one that had its own path.
type tree struct {
	root     *node
	last     map[string]*node // by path
	modifier bool
}

func (t *tree) add(e fhir.Value) {
	path := e.Get("path").Str()
	n := readNode(e)
	up, name := parentPath(path)
	n.name = name
	if up == "" {
		if t.root == nil {
			t.root, t.last[path] = n, n
			t.modifier = e.Get("isModifier").IsTrue()
		}
		return
	}
	parent := t.parent(up)
	if n.slice == "" || !t.beside(parent, n) {
		parent.children = append(parent.children, n)
	}
	t.last[path] = n
}

func parentPath(path string) (up, name string) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

// parent is the last node of a path; what a differential leaves out is made.
func (t *tree) parent(path string) *node {
	if n := t.last[path]; n != nil {
		return n
	}
	up, name := parentPath(path)
	n := &node{name: name, min: -1, max: -1}
	t.last[path] = n
	if up == "" {
		t.root = n
		return n
	}
	parent := t.parent(up)
	parent.children = append(parent.children, n)
	return n
}

// beside hangs a slice at the element that it is a slice of; "a/b" is a slice of the slice a.
func (t *tree) beside(parent, n *node) bool {
	for i := len(parent.children) - 1; i >= 0; i-- {
		c := parent.children[i]
		if c.name != n.name {
			continue
		}
		outer, _ := parentSlice(n.slice)
		for _, s := range c.slices {
			if outer != "" && s.slice == outer {
				s.slices = append(s.slices, n)
				return true
			}
		}
		c.slices, c.sliced = append(c.slices, n), true
		return true
	}
	c := &node{name: n.name, min: -1, max: -1, sliced: true, slices: []*node{n}}
	parent.children = append(parent.children, c)
	return true
}

func parentSlice(name string) (outer, inner string) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return "", name
	}
	return name[:i], name[i+1:]
}

// join finds the elements that others repeat.
func (t *tree) join(n *node) {
	if n.same != "" && n.from == nil {
		n.from = t.byPath(n.same)
	}
	for _, c := range n.children {
		t.join(c)
	}
	for _, s := range n.slices {
		t.join(s)
	}
}

func (t *tree) byPath(path string) *node {
	at := t.root
	for name := range strings.SplitSeq(path, ".") {
		if at == t.root && name == at.name {
			continue
		}
		if at = at.child(name); at == nil {
			return nil
		}
	}
	return at
}

// child is the element of that name below n, also "valueQuantity" for value[x].
func (n *node) child(name string) *node {
	for _, c := range n.children {
		if c.name == name || strings.HasSuffix(c.name, "[x]") && strings.TrimSuffix(c.name, "[x]") == name {
			return c
		}
	}
	return nil
}

func readNode(e fhir.Value) *node {
	n := &node{slice: e.Get("sliceName").Str(), min: -1, max: -1, length: number(e.Get("maxLength"))}
	if m := e.Get("min"); m.Exists() {
		n.min = number(m)
	}
	switch m := e.Get("max").Str(); m {
	case "":
	case "*":
		n.max = many
	default:
		n.max, _ = strconv.Atoi(m) // not a number: nothing may be there, as the number 0 says
	}
	_, n.same, _ = strings.Cut(e.Get("contentReference").Str(), "#")
	n.values(e)
	n.readTypes(e.Get("type"))
	n.readSlicing(e.Get("slicing"))
	n.binding, n.strength = e.Get("binding").Get("valueSet").Str(), e.Get("binding").Get("strength").Str()
	for x := range e.Get("binding").Get("extension").Items() {
		if x.Get("url").Str() == structures+"elementdefinition-maxValueSet" {
			n.largest = extended(x).Str()
		}
	}
	if strings.HasPrefix(n.binding, relaxed) {
		n.strength = "extensible"
	}
	for c := range e.Get("constraint").Items() {
		n.rule(c)
	}
	return n
}

// misplaced are extensions that R4's own definitions, or those of HL7's guides for R4, carry at places which the published
// context leaves out; HL7 has since widened it.
var misplaced = map[string][]place{
	structures + "capabilitystatement-expectation":       {{"element", "Element"}},
	structures + "valueset-concept-comments":             {{"element", "CodeSystem.concept"}},
	structures + "structuredefinition-fhir-type":         {{"element", "ElementDefinition.type"}},
	structures + "structuredefinition-normative-version": {{"element", "ElementDefinition"}, {"element", "DomainResource"}},
	structures + "regex":                                 {{"element", "ElementDefinition.type"}},
}

// relaxed is the value set of the units of vital signs: R4 binds components to it as required, which HL7 has since corrected,
// for components hold other measures too.
const relaxed = "http://hl7.org/fhir/ValueSet/ucum-vitals-common"

// extended is the value of an extension, of whichever type.
func extended(x fhir.Value) fhir.Value {
	_, v := valueOf(x)
	return v
}

func number(v fhir.Value) int {
	n, err := strconv.Atoi(v.Str())
	if err != nil {
		return 0
	}
	return n
}

func (n *node) values(e fhir.Value) {
	for name, v := range e.Members() {
		switch {
		case strings.HasPrefix(name, "fixed"):
			n.fixed = v
		case strings.HasPrefix(name, "pattern"):
			n.pattern = v
		case strings.HasPrefix(name, "minValue"):
			n.least = v
		case strings.HasPrefix(name, "maxValue"):
			n.most = v
		}
	}
}

func (n *node) readTypes(list fhir.Value) {
	for t := range list.Items() {
		a := allowed{code: t.Get("code").Str()}
		if system, ok := strings.CutPrefix(a.code, "http://hl7.org/fhirpath/System."); ok {
			a.code = strings.ToLower(system[:1]) + system[1:]
		}
		for p := range t.Get("profile").Items() {
			a.profiles = append(a.profiles, p.Str())
		}
		for p := range t.Get("targetProfile").Items() {
			a.targets = append(a.targets, p.Str())
		}
		n.types = append(n.types, a)
	}
}

func (n *node) readSlicing(s fhir.Value) {
	if !s.Exists() {
		return
	}
	n.sliced, n.ordered = true, s.Get("ordered").IsTrue()
	n.closed, n.atEnd = s.Get("rules").Str() == "closed", s.Get("rules").Str() == "openAtEnd"
	for d := range s.Get("discriminator").Items() {
		n.discriminators = append(n.discriminators, discriminator{d.Get("type").Str(), d.Get("path").Str()})
	}
}

// rule takes an invariant, but those of R4 itself: they are checked with the structure.
func (n *node) rule(c fhir.Value) {
	r := r4.Rule{Key: c.Get("key").Str(), Severity: c.Get("severity").Str(), Human: c.Get("human").Str(), Expression: c.Get("expression").Str()}
	if r.Expression == "" || ruleOfR4(r) {
		return
	}
	n.rules = append(n.rules, newRule(r, path.CompileR4))
}

func ruleOfR4(r r4.Rule) bool {
	return structural[r.Key] || natives[r.Key] != nil || r4Rules().elements[r.Expression+r.Key] != nil
}
