package patch

import "github.com/ficushealth/ficus/fhir"

// list reads a member that repeats, each item with its sibling (https://hl7.org/fhir/R4/json.html#primitive).
func (n *node) list(name string) []element {
	values, exts := n.slots(name), n.slots("_"+name)
	out := make([]element, max(len(values), len(exts)))
	for i := range out {
		if i < len(values) {
			out[i].value = values[i]
		}
		if i < len(exts) {
			out[i].ext = exts[i]
		}
	}
	return out
}

// slots are the items of a member, nil for those that are null.
func (n *node) slots(name string) []*node {
	m := n.get(name)
	if m == nil {
		return nil
	}
	if m.kind != fhir.Array {
		return []*node{m}
	}
	out := make([]*node, len(m.open().kids))
	for i, kid := range m.kids {
		if kid.kind != fhir.Null {
			out[i] = kid
		}
	}
	return out
}

// setList writes it back: with nulls in the gaps, and without a member that would hold nothing else.
func (n *node) setList(name string, list []element) {
	values, exts := &node{kind: fhir.Array}, &node{kind: fhir.Array}
	hasValue, hasExt := false, false
	for _, e := range list {
		if e.empty() {
			continue
		}
		values.kids, exts.kids = append(values.kids, orNull(e.value)), append(exts.kids, orNull(e.ext))
		hasValue, hasExt = hasValue || e.value != nil, hasExt || e.ext != nil
	}
	n.put(name, name, values, hasValue)
	n.put(name, "_"+name, exts, hasExt)
}

func (n *node) put(beside, name string, m *node, there bool) {
	if !there {
		n.drop(name)
		return
	}
	n.setAfter(beside, name, m)
}

// setElement writes a member that does not repeat, with its sibling; what is not there is dropped.
func (n *node) setElement(name string, e element) {
	n.put(name, name, e.value, e.value != nil)
	n.put(name, "_"+name, e.ext, e.ext != nil)
}

func orNull(n *node) *node {
	if n == nil {
		return &node{kind: fhir.Null}
	}
	return n
}

// read is the element at the spot.
func (s spot) read() element {
	if s.index >= 0 {
		return s.object().list(s.name)[s.index]
	}
	return element{s.object().get(s.name), s.object().get("_" + s.name)}
}

// write puts another element at the spot; an empty one takes it away.
func (s spot) write(e element) {
	if s.index < 0 {
		s.object().setElement(s.name, e)
		return
	}
	list := s.object().list(s.name)
	list[s.index] = e
	s.object().setList(s.name, list)
}
