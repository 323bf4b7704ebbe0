package r4

// Element describes one element of a type, or one json property of a choice.
type Element struct {
	Name       string   // name in FHIRPath: "value" for value[x]
	JSON       string   // json property: "valueQuantity"; in TypeInfo.Elements "value[x]" for a choice
	Min, Max   int      // cardinality; Max -1 is no limit
	Type       TypeID   // the type where there is only one, as in everything Element returns; else 0
	Types      []string // type names; "Patient.contact" for a backbone element; one name only where Element returns it
	Profiles   []string // profiles of data types that the value must meet: "SimpleQuantity"
	Targets    []string // resource types that a Reference or canonical may point to; "Resource" is any
	Index      int      // position in TypeInfo.Elements of the element, or of the choice that the property is one of
	Choice     bool     // one of several properties, at most one of which may be there
	ContentRef string   // path whose content this element repeats, "" if it has its own
	Binding    string   // url of the value set, without version; ""
	Strength   string   // required, extensible, preferred, example; ""
	Summary    bool
	Modifier   bool
	Rules      []Rule // invariants of this element beyond those of its type

	set *ValueSet
}

// Element finds the element that a json property belongs to: "name", "valueQuantity", also inherited ones. A property of
// a choice comes with its own json name and its one type. "_birthDate" is not looked through: cut the underscore off
// first. It does not allocate.
func (t TypeInfo) Element(jsonName string) (Element, bool) {
	e := t.Find(jsonName)
	if e == nil {
		return Element{}, false
	}
	return *e, true
}

// Find is Element without the copy: nil if the type has no such property.
func (t *TypeInfo) Find(jsonName string) *Element {
	if len(t.slots) == 0 {
		return nil
	}
	mask := len(t.slots) - 1
	for i := hash(jsonName) & mask; ; i = (i + 1) & mask {
		slot := int(t.slots[i])
		if slot == 0 {
			return nil
		}
		if e := t.property(slot - 1); e.JSON == jsonName {
			return e
		}
	}
}

// Choices are the json properties of the choice that Elements lists under name ("value" for value[x]), in the order of
// the definition.
func (t TypeInfo) Choices(name string) []Element {
	from := 0
	for from < len(t.choices) && t.choices[from].Name != name {
		from++
	}
	to := from
	for to < len(t.choices) && t.choices[to].Name == name {
		to++
	}
	return t.choices[from:to]
}

// Codes is the value set of a required binding whose codes are all known; nil where the binding is weaker, the value set
// open (mime types, currencies, UCUM) or the element unbound.
func (e *Element) Codes() *ValueSet { return e.set }

// Many reports whether the element may repeat, and so is an array in JSON.
func (e *Element) Many() bool { return e.Max != 0 && e.Max != 1 }

func (t *TypeInfo) property(i int) *Element {
	if i < len(t.Elements) {
		return &t.Elements[i]
	}
	return &t.choices[i-len(t.Elements)]
}

// hash spreads json names by the few bytes in which the names of one type differ.
func hash(s string) int {
	n := len(s)
	if n == 0 {
		return 0
	}
	return n*7 + int(s[0])*31 + int(s[n-1])*131 + int(s[n/2])*1031 + int(s[n/3])*17
}
