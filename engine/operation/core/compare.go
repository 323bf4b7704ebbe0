package core

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// mostOperations is what a patch may have: who gets a longer one could not apply it.
const mostOperations = 10_000

// patchOf is the FHIRPath Patch that makes b of a, two resources of one type. Faults: Invalid (too-costly) beyond
// mostOperations.
func patchOf(a, b fhir.Resource) (*fhir.Obj, error) {
	c := &comparison{ops: &fhir.List{}}
	if t := r4.Lookup(a.Type()); t != nil {
		c.object(t, a.Type(), a.Value, b.Value)
	}
	if c.more {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "too-costly", Text: "the two versions differ in so much that no patch can say it; read both instead"})
	}
	out := fhir.NewObject().Set("resourceType", "Parameters")
	if len(c.ops.Items) > 0 {
		out.Set("parameter", c.ops)
	}
	return out, nil
}

// comparison collects operations. Each holds on what those before it leave.
type comparison struct {
	ops  *fhir.List
	more bool // there would be too many
}

// held is an element in a resource, or an item of a list: its value, and for a
// primitive the sibling with its extensions.
type held struct{ value, ext fhir.Value }

// member is an element of an object.
type member struct {
	def *r4.Element
	held
}

// membersOf lists the elements of an object in its order, a primitive together with its sibling.
func membersOf(t *r4.TypeInfo, v fhir.Value) (out []member) {
	for name, m := range v.Members() {
		plain, sibling := strings.CutPrefix(name, "_")
		def := t.Find(plain)
		if def == nil {
			continue
		}
		i := slices.IndexFunc(out, func(x member) bool { return x.def.JSON == def.JSON })
		if i < 0 {
			i = len(out)
			out = append(out, member{def: def})
		}
		if sibling {
			out[i].ext = m
		} else {
			out[i].value = m
		}
	}
	return out
}

// object compares two objects of one type. What is new comes first, because an object that has
// lost all it had would be gone; but one form of a choice can only come when the other has gone.
func (c *comparison) object(t *r4.TypeInfo, path string, a, b fhir.Value) {
	was, is := membersOf(t, a), membersOf(t, b)
	for _, m := range is {
		if find(was, m) == nil && !swapped(was, m) && !ofTheServer(path, m.def.Name) {
			c.put(path, m)
		}
	}
	for _, m := range was {
		now := find(is, m)
		switch {
		case ofTheServer(path, m.def.Name):
		case now == nil:
			c.drop(path, m)
		case m.def.Many():
			c.list(m.def, path+"."+m.def.Name, itemsOf(m.held), itemsOf(now.held))
		default:
			c.one(m.def, path+"."+m.def.Name, m.held, now.held)
		}
	}
	for _, m := range is {
		if swapped(was, m) {
			c.put(path, m)
		}
	}
}

// find is the same element of another object, nil if it has none.
func find(list []member, m member) *member {
	for i := range list {
		if list[i].def.JSON == m.def.JSON {
			return &list[i]
		}
	}
	return nil
}

// swaps reports whether a choice changes its form: an element that had nothing else would be gone
// in between, so it is replaced as a whole.
func swaps(t *r4.TypeInfo, a, b fhir.Value) bool {
	was := membersOf(t, a)
	return t.Kind != r4.Resource && slices.ContainsFunc(membersOf(t, b), func(m member) bool { return swapped(was, m) })
}

// swapped reports whether the list has the same choice in another form.
func swapped(list []member, m member) bool {
	return m.def.Choice && slices.ContainsFunc(list, func(x member) bool { return x.def.Name == m.def.Name && x.def.JSON != m.def.JSON })
}

// ofTheServer says what differs between any two versions. A type has no dot, so this is a resource's own meta.
func ofTheServer(path, name string) bool {
	typ, is := strings.CutSuffix(path, ".meta")
	return is && !strings.Contains(typ, ".") && (name == "versionId" || name == "lastUpdated")
}

// drop deletes an element, a list from its end on.
func (c *comparison) drop(path string, m member) {
	path += "." + m.def.Name
	if !m.def.Many() {
		c.add("delete", path)
		return
	}
	for i := len(itemsOf(m.held)) - 1; i >= 0 && !c.more; i-- {
		c.add("delete", indexed(path, i))
	}
}

// put adds an element, a list item by item.
func (c *comparison) put(path string, m member) {
	list := []held{m.held}
	if m.def.Many() {
		list = itemsOf(m.held)
	}
	for _, h := range list {
		if c.more {
			return
		}
		c.add("add", path, part("name", "valueString", m.def.Name), valuePart("value", m.def, h))
	}
}

// one compares two single elements.
func (c *comparison) one(def *r4.Element, path string, a, b held) {
	if equal(a.value, b.value) && equal(a.ext, b.ext) {
		return
	}
	t := typeOf(def, a.value)
	if t == nil || t.Kind == r4.Primitive || a.value.Kind() != fhir.Object || b.value.Kind() != fhir.Object || typeOf(def, b.value) != t || swaps(t, a.value, b.value) {
		c.add("replace", path, valuePart("value", def, b))
		return
	}
	c.object(t, path, a.value, b.value)
}

// list compares two lists: what is the same at both ends stays, what lies between is compared in turn,
// and what one of them has more of is deleted or inserted.
func (c *comparison) list(def *r4.Element, path string, a, b []held) {
	first := 0
	for first < min(len(a), len(b)) && a[first].same(b[first]) {
		first++
	}
	last := 0
	for last < min(len(a), len(b))-first && a[len(a)-1-last].same(b[len(b)-1-last]) {
		last++
	}
	endA, endB := len(a)-last, len(b)-last
	both := min(endA, endB)
	for i := first; i < both && !c.more; i++ {
		c.one(def, indexed(path, i), a[i], b[i])
	}
	for i := endA - 1; i >= both && !c.more; i-- {
		c.add("delete", indexed(path, i))
	}
	for i := both; i < endB && !c.more; i++ {
		c.add("insert", path, valuePart("value", def, b[i]), part("index", "valueInteger", i))
	}
}

func indexed(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// itemsOf joins the items of a list with their siblings; a null stands for nothing.
func itemsOf(h held) (out []held) {
	values, exts := items(h.value), items(h.ext)
	out = make([]held, 0, max(len(values), len(exts)))
	for i := range cap(out) {
		var x held
		if i < len(values) && values[i].Kind() != fhir.Null {
			x.value = values[i]
		}
		if i < len(exts) && exts[i].Kind() != fhir.Null {
			x.ext = exts[i]
		}
		out = append(out, x)
	}
	return out
}

func (h held) same(o held) bool { return equal(h.value, o.value) && equal(h.ext, o.ext) }

// equal compares values; the order of members says nothing, the digits of a number do.
func equal(a, b fhir.Value) bool {
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case fhir.Absent, fhir.Null:
		return true
	case fhir.Object:
		for name, v := range a.Members() {
			if !equal(v, b.Get(name)) {
				return false
			}
		}
		return true
	case fhir.Array:
		return slices.EqualFunc(items(a), items(b), equal)
	}
	return literalOf(a) == literalOf(b)
}

func literalOf(v fhir.Value) string {
	if v.Kind() == fhir.String {
		return v.Str()
	}
	return string(v.Raw())
}

// typeOf is the type of an element's value; of a resource inside, that of the resource.
func typeOf(def *r4.Element, v fhir.Value) *r4.TypeInfo {
	if def.ContentRef != "" {
		return r4.Lookup(def.ContentRef)
	}
	t := r4.ByID(def.Type)
	if t != nil && (t.Kind == r4.Resource || t.Kind == r4.Abstract) {
		return r4.Lookup(v.Get("resourceType").Str())
	}
	return t
}

func (c *comparison) add(kind, path string, more ...*fhir.Obj) {
	if c.more = c.more || len(c.ops.Items) == mostOperations; c.more {
		return
	}
	parts := (&fhir.List{}).Add(part("type", "valueCode", kind)).Add(part("path", "valueString", path))
	for _, p := range more {
		parts.Add(p)
	}
	c.ops.Add(fhir.NewObject().Set("name", "operation").Set("part", parts))
}

func part(name, property string, value any) *fhir.Obj {
	return fhir.NewObject().Set("name", name).Set(property, value)
}

// valuePart is an element as a part: under its type if a parameter may hold that, else in parts of its own.
func valuePart(name string, def *r4.Element, h held) *fhir.Obj {
	t := typeOf(def, h.value)
	o := fhir.NewObject().Set("name", name)
	switch {
	case t == nil || t.Kind == r4.Resource:
		return o.Set("resource", h.value)
	case open(t.Name) || t.Kind == r4.Primitive:
		return typedPart(o, t, h)
	}
	parts := &fhir.List{}
	for _, m := range membersOf(t, h.value) {
		list := []held{m.held}
		if m.def.Many() {
			list = itemsOf(m.held)
		}
		for _, item := range list {
			parts.Add(valuePart(m.def.Name, m.def, item))
		}
	}
	return o.Set("part", parts)
}

func typedPart(o *fhir.Obj, t *r4.TypeInfo, h held) *fhir.Obj {
	property := "valueString" // of what no parameter can hold, such as the xhtml of a narrative
	if open(t.Name) {
		property = "value" + strings.ToUpper(t.Name[:1]) + t.Name[1:]
	}
	if h.value.Exists() {
		o.Set(property, h.value)
	}
	if h.ext.Exists() {
		o.Set("_"+property, h.ext)
	}
	return o
}

// open reports whether Parameters.parameter.value may have the type (https://hl7.org/fhir/R4/datatypes.html#open).
func open(typ string) bool {
	return slices.ContainsFunc(r4.Lookup("Parameters.parameter").Choices("value"), func(e r4.Element) bool { return slices.Contains(e.Types, typ) })
}
