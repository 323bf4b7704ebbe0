package r4

// TypeID numbers the types within this process; the zero TypeID is no type.
type TypeID uint16

// Kind says what sort of type a TypeInfo describes.
type Kind uint8

// The kinds. Abstract are Element, BackboneElement, Resource and DomainResource.
const (
	Primitive Kind = iota + 1
	Complex
	Backbone // an element with elements of its own, named by its path: "Patient.contact"
	Resource
	Abstract
)

// TypeInfo describes one type.
type TypeInfo struct {
	ID       TypeID
	Name     string // "Patient", "Quantity", "date", "Patient.contact"
	Base     string // the type it specializes; "" for Element and Resource
	Kind     Kind
	Regex    string    // lexical form of a primitive as the specification writes it (anchored at both ends); else ""
	Elements []Element // in the order of the definition, inherited ones first; a choice (value[x]) stands here once
	Required uint64    // bit i is set where Elements[i].Min is above 0; no type has more than 64 elements
	Rules    []Rule    // invariants of the type, inherited ones first

	choices []Element // one element for each json name of each choice
	slots   []uint16  // hash table of json names: position in Elements, then choices, plus 1
}

// Type finds a type by name: resources, data types, primitives, and backbone elements by their path. It does not
// allocate.
func Type(name string) (TypeInfo, bool) {
	t := Lookup(name)
	if t == nil {
		return TypeInfo{}, false
	}
	return *t, true
}

// Lookup is Type without the copy: nil if there is no such type.
func Lookup(name string) *TypeInfo {
	all := types()
	if id, ok := all.byName[name]; ok {
		return &all.list[id]
	}
	return nil
}

// ByID is the type of an id taken from a TypeInfo or an Element; nil for the zero id.
func ByID(id TypeID) *TypeInfo {
	if all := types(); id != 0 && int(id) < len(all.list) {
		return &all.list[id]
	}
	return nil
}

// Types yields every type, sorted by name.
func Types() []TypeInfo { return types().list[1:] }

// IsA reports whether type name is ancestor or specializes it, over any number of steps: IsA("Age", "Element").
func IsA(name, ancestor string) bool {
	for name != "" {
		if name == ancestor {
			return true
		}
		t := Lookup(name)
		if t == nil {
			return false
		}
		name = t.Base
	}
	return false
}
