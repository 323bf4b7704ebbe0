package patch

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// spot is where an element stands: the member of an object, and its place in the list if the member is one.
type spot struct {
	chain []*node      // from the document to the object
	typ   *r4.TypeInfo // of the object; nil where R4 knows none
	name  string       // of the member, without the underscore of a sibling
	index int          // -1: no list
}

func (s spot) object() *node { return s.chain[len(s.chain)-1] }

// eval evaluates a path on the document as it stands. Faults: Unprocessable.
func (d *document) eval(x *path.Expr) (fhir.Value, []path.Node, error) {
	if err := d.settle(); err != nil {
		return fhir.Value{}, nil, err
	}
	nodes, err := x.Eval(&path.Context{Done: d.watch.Done()}, path.Root(fhir.Resource{Value: d.root.v}))
	if late := d.watch.Over(); late != nil {
		return fhir.Value{}, nil, late
	}
	if err != nil {
		return fhir.Value{}, nil, refusal("the path cannot be evaluated on this resource")
	}
	return d.root.v, nodes, nil
}

// settle makes a document that was changed a parsed one again.
func (d *document) settle() error {
	if d.root.v.Exists() {
		return nil
	}
	raw := d.root.append(nil)
	if d.work -= len(raw); d.work < 0 {
		return tooLarge()
	}
	v, err := fhir.ParseValue(raw, fhir.Limits{Bytes: maxResult, Depth: maxDepth})
	d.root = untouched(v)
	return err
}

// node finds what stands for an element in the document: the element itself, which must be an object.
func (d *document) node(root, v fhir.Value) (*node, error) {
	if v.Same(root) {
		return d.root, nil
	}
	s, err := d.spot(root, v)
	if err != nil {
		return nil, err
	}
	n := s.object().get(s.name)
	if s.index >= 0 {
		n = n.open().kids[s.index]
	}
	return n, nil
}

// spot finds where an element stands. Faults: Unprocessable for the resource itself and for what is no element of it.
func (d *document) spot(root, v fhir.Value) (spot, error) {
	s := spot{chain: []*node{d.root}, typ: r4.Lookup(root.Get("resourceType").Str()), index: -1}
	if !v.Exists() || v.Same(root) || !s.descend(root, v) {
		return spot{}, refusal("the path must lead to an element of the resource that is patched")
	}
	return s, nil
}

// place is spot for a node of a path: its value, or the sibling of a primitive that has nothing else.
func (d *document) place(root fhir.Value, n path.Node) (spot, error) {
	v := n.Value()
	if !v.Exists() || v.Kind() == fhir.Null {
		v = n.Sibling()
	}
	return d.spot(root, v)
}

// descend walks from an object to the value, along the members that hold it.
func (s *spot) descend(from, v fhir.Value) bool {
	m := holder(from, v)
	if !m.Exists() {
		return false
	}
	name, n := m.Name(), s.object().open()
	s.name, s.index = name, -1
	if len(name) > 0 && name[0] == '_' {
		s.name = name[1:]
	}
	if m.Same(v) {
		return true
	}
	held := n.get(name)
	if m.Kind() == fhir.Array {
		m, s.index = item(m, v)
		if m.Same(v) {
			return true
		}
		if s.index < 0 {
			return false
		}
		held = held.open().kids[s.index]
	}
	s.chain, s.typ = append(s.chain, held), s.inner(m)
	return m.Kind() == fhir.Object && s.descend(m, v)
}

// inner is the type of the object under the spot's name.
func (s *spot) inner(m fhir.Value) *r4.TypeInfo {
	if t := m.Get("resourceType"); t.Kind() == fhir.String {
		return r4.Lookup(t.Str())
	}
	if s.typ == nil {
		return nil
	}
	e := s.typ.Find(s.name)
	switch {
	case e == nil:
		return nil
	case e.ContentRef != "":
		return r4.Lookup(e.ContentRef)
	}
	return r4.ByID(e.Type)
}

// holder is the member of an object that is v or has it inside.
func holder(from, v fhir.Value) fhir.Value {
	start, end := v.Span(from)
	for c := from.Cursor(); ; {
		m := c.Next()
		if !m.Exists() {
			return m
		}
		if a, b := m.Span(from); a <= start && end <= b {
			return m
		}
	}
}

func item(list, v fhir.Value) (fhir.Value, int) {
	start, end := v.Span(list)
	i := 0
	for c := list.Cursor(); ; i++ {
		m := c.Next()
		if !m.Exists() {
			return m, -1
		}
		if a, b := m.Span(list); a <= start && end <= b {
			return m, i
		}
	}
}

// definition is what R4 says of the element at a node.
func definition(n path.Node) (*r4.Element, error) {
	if e := n.Element(); e != nil {
		return e, nil
	}
	return nil, refusal("the path must lead to an element that R4 knows")
}
