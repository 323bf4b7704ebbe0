package r4

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed tables/types.txt
var typesText string

type typeTable struct {
	list   []TypeInfo // list[0] is no type
	byName map[string]TypeID
	bound  []string // urls of value sets, numbered from 1
	rules  []Rule   // numbered from 1
	scan   scanner
}

var types = sync.OnceValue(readTypes)

func readTypes() *typeTable {
	t := &typeTable{list: make([]TypeInfo, 1, 800), byName: make(map[string]TypeID, 800), scan: scanner{rest: typesText}}
	t.bound, t.rules = make([]string, 1, 1000), make([]Rule, 1, 300)
	for t.scan.next() {
		t.read(t.scan.field())
	}
	done := make([]bool, len(t.list))
	for i := 1; i < len(t.list); i++ {
		t.inherit(TypeID(i), done)
	}
	t.scan = scanner{}
	return t
}

func (t *typeTable) read(tag string) {
	s := &t.scan
	switch tag {
	case "B":
		t.bound = append(t.bound, s.field())
	case "R":
		t.rules = append(t.rules, Rule{Key: s.field(), Severity: s.field(), Human: s.field(), Expression: s.field()})
	case "T":
		id := TypeID(len(t.list))
		t.list = append(t.list, TypeInfo{ID: id, Name: s.field(), Base: s.field(), Kind: kindOf(s.field()), Regex: s.field(), Rules: t.ruleList()})
		t.byName[t.list[id].Name] = id
	case "E":
		last := &t.list[len(t.list)-1]
		last.Elements = append(last.Elements, t.element())
	}
}

func kindOf(letter string) Kind {
	return Kind(strings.Index("pcbra", letter) + 1)
}

func (t *typeTable) ruleList() []Rule {
	var out []Rule
	for _, n := range t.scan.list() {
		i, _ := strconv.Atoi(n)
		out = append(out, t.rules[i])
	}
	return out
}

func (t *typeTable) element() Element {
	s := &t.scan
	e := Element{JSON: s.field(), Min: s.integer(), Max: s.integer()}
	flags := s.field()
	e.Modifier, e.Summary = strings.Contains(flags, "m"), strings.Contains(flags, "s")
	e.Types, e.Profiles, e.Targets = s.list(), s.list(), s.list()
	e.Binding, e.Strength, e.Rules = t.bound[s.integer()], s.field(), t.ruleList()
	e.Name, e.Choice = strings.CutSuffix(e.JSON, "[x]")
	if strings.Contains(flags, "r") {
		e.ContentRef = e.Types[0]
	}
	if e.Strength == "required" {
		e.set = completeSet(e.Binding)
	}
	return e
}

// inherit puts the elements and rules of the base in front, after doing the same for the base, and makes the properties
// findable.
func (t *typeTable) inherit(id TypeID, done []bool) {
	if done[id] {
		return
	}
	done[id] = true
	self := &t.list[id]
	if base := t.byName[self.Base]; base != 0 {
		t.inherit(base, done)
		self.Elements = slices.Concat(t.list[base].Elements, self.Elements)
		self.Rules = slices.Concat(t.list[base].Rules, self.Rules)
	}
	t.resolve(self)
}

func (t *typeTable) resolve(self *TypeInfo) {
	for i := range self.Elements {
		e := &self.Elements[i]
		e.Index = i
		if e.Min > 0 {
			self.Required |= 1 << i
		}
		if !e.Choice {
			e.Type = t.byName[e.Types[0]]
			continue
		}
		for j := range e.Types {
			self.choices = append(self.choices, t.choice(*e, j))
		}
	}
	self.index()
}

// choice is the property of a choice for its type j.
func (t *typeTable) choice(e Element, j int) Element {
	name := e.Types[j]
	e.JSON = e.Name + strings.ToUpper(name[:1]) + name[1:]
	e.Types, e.Type = e.Types[j:j+1:j+1], t.byName[name]
	if !refers(name) {
		e.Targets = nil
	}
	if name != "Quantity" { // the only profile that R4 puts on an element is SimpleQuantity
		e.Profiles = nil
	}
	return e
}

// refers says which types point to resources: only they have targets.
func refers(name string) bool { return name == "Reference" || name == "canonical" }

func (t *TypeInfo) index() {
	n := len(t.Elements) + len(t.choices)
	size := 4
	for size < 2*n {
		size *= 2
	}
	t.slots = make([]uint16, size)
	for i := range n {
		if i < len(t.Elements) && t.Elements[i].Choice {
			continue
		}
		at := hash(t.property(i).JSON) & (size - 1)
		for t.slots[at] != 0 {
			at = (at + 1) & (size - 1)
		}
		t.slots[at] = uint16(i + 1)
	}
}
