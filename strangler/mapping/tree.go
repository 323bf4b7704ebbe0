package mapping

import (
	"slices"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// The tree of a target is the shape of the resources it yields: objects with members in the order of the definition, and
// leaves that take their value from a slot. It is built once and then only read.

type branch struct {
	typ     *r4.TypeInfo
	members []*member
	marks   []*lens // rules whose marks stand among the extensions of this object
}

// member is a property of an object. Of a repeating element, the entries are its slices.
type member struct {
	name    string
	quoted  []byte // "name":
	beside  []byte // "_name":
	pos     int    // place in the definition
	elem    *r4.Element
	many    bool
	entries []*entry
}

// entry is one value of a member: an object, a leaf, or one object for each row of a child.
type entry struct {
	slice  string
	branch *branch
	leaf   *leaf
	each   *each
	fixed  []byte // JSON that a slice's pattern demands; it alone does not make the object worth writing

	demanded bool // the same of an object
}

// leaf is a primitive value, or an object that one rule makes as a whole.
type leaf struct {
	slot     int
	whole    bool // an object, made as a whole
	constant []byte
	shared   bool    // a constant with a condition may stand here too
	extras   *branch // what stands in the member with the underscore
	asIs     string  // urls of the extensions beside the value
	damaged  string
}

// each are the rules that make an item of every row of a child.
type each struct {
	scope  *scope
	join   int
	number int // place among the each of its parent
	at     place
}

// find returns the member of that name, nil if there is none.
func (b *branch) find(name string) *member {
	for _, m := range b.members {
		if m.name == name {
			return m
		}
	}
	return nil
}

// member returns the member of that name and makes it if needed, in its place.
func (b *branch) member(name string, elem *r4.Element) *member {
	if m := b.find(name); m != nil {
		return m
	}
	m := &member{name: name, elem: elem, many: elem.Many(), pos: position(b.typ, name)}
	m.quoted = append(fhir.AppendString(nil, name), ':')
	m.beside = append(fhir.AppendString(nil, "_"+name), ':')
	at, _ := slices.BinarySearchFunc(b.members, m.pos, func(m *member, pos int) int { return m.pos - pos })
	b.members = slices.Insert(b.members, at, m)
	return m
}

// position is where a property stands in the definition of its type; resourceType stands first.
func position(t *r4.TypeInfo, name string) int {
	if t == nil || name == "resourceType" {
		return -1
	}
	e := t.Find(name)
	if e == nil {
		return len(t.Elements)
	}
	return slices.IndexFunc(t.Elements, func(o r4.Element) bool { return o.Name == e.Name })
}

// slice returns the entry of a member under that slice name, nil if there is none.
func (m *member) slice(name string) *entry {
	for _, e := range m.entries {
		if e.slice == name {
			return e
		}
	}
	return nil
}
