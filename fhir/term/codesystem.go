package term

import (
	"iter"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// CodeSystem is a code system that was read.
type CodeSystem struct {
	URL, Version, Name, Title string
	Content                   string // complete, fragment, example, not-present, supplement
	Supplements               string // of a supplement: canonical url of the code system to which it adds
	Retired                   bool   // its status
	ValueSet                  string // the value set of all its codes
	Folded                    bool   // codes differ by more than case (caseSensitive is false)

	concepts     []Concept       // in the order of the document
	byCode       []int32         // concepts sorted by code
	properties   []Property      // of all concepts, one after the other
	designations []Designation   // the same
	parents      [][2]int32      // child and parent that stand in properties, sorted
	kinds        map[string]bool // codes of the properties that it defines
}

// Concept is one concept.
type Concept struct {
	Code, Display, Definition string
	Inactive, Abstract        bool

	parent, end             int32 // place of the parent, -1 for none; place behind the last descendant
	firstProp, firstDesign  int32
	countProps, countDesign int32
}

// Property is what a code system says of a concept.
type Property struct {
	Code, Value string
	Kind        string // the type of the value as in value[x]: code, Coding, string, integer, boolean, dateTime, decimal
	System      string // of a Coding
}

// Designation is another name of a concept.
type Designation struct{ Language, UseSystem, UseCode, Value string }

const (
	mostConcepts = 5_000_000
	mostNested   = 60
)

// ReadCodeSystem reads a CodeSystem resource, whose bytes it shares. Faults: Unprocessable if a concept has no code or a
// code stands twice, TooLarge beyond five million concepts.
func ReadCodeSystem(r fhir.Resource) (*CodeSystem, error) {
	cs := &CodeSystem{
		URL: r.Get("url").Str(), Version: r.Get("version").Str(), Name: r.Get("name").Str(), Title: r.Get("title").Str(),
		Content: r.Get("content").Str(), ValueSet: r.Get("valueSet").Str(), Folded: r.Get("caseSensitive").Str() == "false",
		Supplements: r.Get("supplements").Str(), Retired: r.Get("status").Str() == "retired", kinds: map[string]bool{},
	}
	for p := range r.Get("property").Items() {
		cs.kinds[p.Get("code").Str()] = true
	}
	if err := cs.read(r.Get("concept"), -1, 0); err != nil {
		return nil, err
	}
	if err := cs.index(); err != nil {
		return nil, err
	}
	cs.adopt()
	return cs, nil
}

func (cs *CodeSystem) read(list fhir.Value, parent int32, depth int) error {
	if depth > mostNested || len(cs.concepts) > mostConcepts {
		return fault.New(fault.TooLarge, "the code system has too many concepts or levels")
	}
	for v := range list.Items() {
		at := int32(len(cs.concepts))
		code := v.Get("code").Str()
		if code == "" {
			return fault.At(fault.Unprocessable, issueAt(v, "required", "a concept of a code system needs a code"))
		}
		cs.concepts = append(cs.concepts, Concept{Code: code, Display: v.Get("display").Str(), Definition: v.Get("definition").Str(), parent: parent})
		cs.details(v, at)
		if err := cs.read(v.Get("concept"), at, depth+1); err != nil {
			return err
		}
		cs.concepts[at].end = int32(len(cs.concepts))
	}
	return nil
}

func issueAt(v fhir.Value, code, text string) fault.Issue {
	line, col := v.Pos()
	return fault.Issue{Code: code, Text: text, Line: line, Col: col}
}

func (cs *CodeSystem) details(v fhir.Value, at int32) {
	c := &cs.concepts[at]
	c.firstProp, c.firstDesign = int32(len(cs.properties)), int32(len(cs.designations))
	for p := range v.Get("property").Items() {
		prop := property(p)
		cs.properties = append(cs.properties, prop)
		c.mark(prop)
	}
	for d := range v.Get("designation").Items() {
		use := d.Get("use")
		cs.designations = append(cs.designations, Designation{d.Get("language").Str(), use.Get("system").Str(), use.Get("code").Str(), d.Get("value").Str()})
	}
	c.countProps, c.countDesign = int32(len(cs.properties))-c.firstProp, int32(len(cs.designations))-c.firstDesign
}

func property(p fhir.Value) Property {
	for name, v := range p.Members() {
		if kind, ok := strings.CutPrefix(name, "value"); ok && kind != "" {
			out := Property{Code: p.Get("code").Str(), Kind: strings.ToLower(kind[:1]) + kind[1:], Value: v.Str()}
			if kind == "Coding" {
				out.Kind, out.Value, out.System = kind, v.Get("code").Str(), v.Get("system").Str()
			}
			return out
		}
	}
	return Property{Code: p.Get("code").Str()}
}

// mark reads the properties that FHIR itself defines (https://hl7.org/fhir/R4/codesystem.html#defined-props).
func (c *Concept) mark(p Property) {
	switch p.Code {
	case "inactive":
		c.Inactive = c.Inactive || p.Value == "true"
	case "status":
		c.Inactive = c.Inactive || p.Value == "retired" || p.Value == "inactive"
	case "notSelectable", "abstract":
		c.Abstract = c.Abstract || p.Value == "true"
	}
}

func (cs *CodeSystem) index() error {
	cs.byCode = make([]int32, len(cs.concepts))
	for i := range cs.byCode {
		cs.byCode[i] = int32(i)
	}
	slices.SortFunc(cs.byCode, func(a, b int32) int { return cs.compare(cs.concepts[a].Code, cs.concepts[b].Code) })
	for i := 1; i < len(cs.byCode); i++ {
		if cs.compare(cs.concepts[cs.byCode[i-1]].Code, cs.concepts[cs.byCode[i]].Code) == 0 {
			return fault.New(fault.Unprocessable, "a code stands twice in the code system %s", cs.URL)
		}
	}
	return nil
}

func (cs *CodeSystem) compare(a, b string) int {
	if cs.Folded {
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	}
	return strings.Compare(a, b)
}

// adopt takes the parents and children that properties name, for concepts with several parents.
func (cs *CodeSystem) adopt() {
	for i := range cs.concepts {
		for _, p := range cs.propertiesOf(int32(i)) {
			other := int32(-1)
			if p.Code == "parent" || p.Code == "child" || p.Code == "subsumedBy" {
				other = cs.place(p.Value)
			}
			switch {
			case other < 0 || other == int32(i):
			case p.Code == "child":
				cs.parents = append(cs.parents, [2]int32{other, int32(i)})
			default:
				cs.parents = append(cs.parents, [2]int32{int32(i), other})
			}
		}
	}
	slices.SortFunc(cs.parents, func(a, b [2]int32) int { return slices.Compare(a[:], b[:]) })
	cs.parents = slices.Compact(cs.parents)
}

// place is where a code stands, -1 if it is not there.
func (cs *CodeSystem) place(code string) int32 {
	i, found := slices.BinarySearchFunc(cs.byCode, code, func(c int32, code string) int { return cs.compare(cs.concepts[c].Code, code) })
	if !found {
		return -1
	}
	return cs.byCode[i]
}

// Find is the concept of a code, nil if there is none.
func (cs *CodeSystem) Find(code string) *Concept {
	if i := cs.place(code); i >= 0 {
		return &cs.concepts[i]
	}
	return nil
}

// AddsTo reports whether it is a supplement to another code system, or to that version of it.
func (cs *CodeSystem) AddsTo(other *CodeSystem) bool {
	url, version, _ := strings.Cut(cs.Supplements, "|")
	return cs.Content == "supplement" && url != "" && url == other.URL && (version == "" || version == other.Version)
}

// Len counts the concepts.
func (cs *CodeSystem) Len() int { return len(cs.concepts) }

// Whole reports whether all codes of the system are here, so that a code that is not found does not exist.
func (cs *CodeSystem) Whole() bool { return cs.Content == "complete" }

// Empty reports whether only the name of the system is known, as R4 publishes SNOMED CT: it is as if it was not loaded.
func (cs *CodeSystem) Empty() bool { return cs.Len() == 0 && !cs.Whole() }

// Has says whether a code exists; of a system that is not whole a missing code is Unknown.
func (cs *CodeSystem) Has(code string) Verdict {
	switch {
	case cs.place(code) >= 0:
		return Yes
	case cs.Whole():
		return No
	}
	return Unknown
}

func (cs *CodeSystem) propertiesOf(i int32) []Property {
	c := &cs.concepts[i]
	return cs.properties[c.firstProp : c.firstProp+c.countProps]
}

// Properties are what the system says of a code, without the hierarchy of the document.
func (cs *CodeSystem) Properties(code string) []Property {
	if i := cs.place(code); i >= 0 {
		return cs.propertiesOf(i)
	}
	return nil
}

// Designations are the other names of a code.
func (cs *CodeSystem) Designations(code string) []Designation {
	if i := cs.place(code); i >= 0 {
		c := &cs.concepts[i]
		return cs.designations[c.firstDesign : c.firstDesign+c.countDesign]
	}
	return nil
}

// All yields the concepts in the order of the document.
func (cs *CodeSystem) All() iter.Seq[*Concept] {
	return func(yield func(*Concept) bool) {
		for i := range cs.concepts {
			if !yield(&cs.concepts[i]) {
				return
			}
		}
	}
}
