package patch

import (
	"slices"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// edits are what an operation of a FHIRPath Patch may be.
var edits = map[string]func(*edit, *document) error{
	"add": (*edit).add, "insert": (*edit).insert, "delete": (*edit).remove, "replace": (*edit).replace, "move": (*edit).move,
}

func (e *edit) apply(d *document) error { return edits[e.verb](e, d) }

// single is the one element that the path must give.
func (e *edit) single(d *document) (fhir.Value, path.Node, error) {
	root, nodes, err := d.eval(e.path)
	switch {
	case err != nil:
		return root, path.Node{}, err
	case len(nodes) == 0:
		return root, path.Node{}, refusal("the path leads to nothing in this resource")
	case len(nodes) > 1:
		return root, path.Node{}, refusal("the path must lead to a single element; here it leads to several")
	}
	return root, nodes[0], nil
}

func (e *edit) add(d *document) error {
	root, at, err := e.single(d)
	if err != nil {
		return err
	}
	if at.Info() == nil {
		return refusal("an add needs a path to something that has elements")
	}
	if at.Info().Kind == r4.Primitive {
		return e.extend(d, root, at)
	}
	object, err := d.node(root, at.Value())
	if err != nil {
		return err
	}
	if object.kind != fhir.Object {
		return refusal("an add needs a path to something that has elements")
	}
	if err := add(object, at.Info(), e.name, e.value); err != nil {
		return err
	}
	return d.charge(object, 0)
}

// extend gives a primitive an id or an extension, which stand in its sibling.
func (e *edit) extend(d *document, root fhir.Value, at path.Node) error {
	s, err := d.place(root, at)
	if err != nil {
		return err
	}
	held := s.read()
	if held.ext == nil {
		held.ext = newObject()
	}
	if err := add(held.ext, r4.Lookup("Element"), e.name, e.value); err != nil {
		return err
	}
	s.write(held)
	return d.charge(held.ext, 0)
}

// add gives an object a child: a new member, or one more item of a list.
func add(object *node, t *r4.TypeInfo, name string, p part) error {
	e, err := p.property(t, name)
	if err != nil {
		return err
	}
	fresh, err := p.as(e)
	if err != nil {
		return err
	}
	if e.Many() {
		list := object.list(e.JSON)
		object.setList(e.JSON, append(list, fresh))
		return nil
	}
	if object.taken(t, e) {
		return refusal("the element is there already and cannot repeat; use replace")
	}
	object.setElement(e.JSON, fresh)
	return nil
}

// taken reports whether the object has the element, of a choice under any of its names.
func (n *node) taken(t *r4.TypeInfo, e *r4.Element) bool {
	if !e.Choice {
		return n.has(e.JSON)
	}
	for _, c := range t.Choices(e.Name) {
		if n.has(c.JSON) {
			return true
		}
	}
	return false
}

func (n *node) has(name string) bool { return n.find(name) >= 0 || n.find("_"+name) >= 0 }

func (e *edit) insert(d *document) error {
	root, nodes, err := d.eval(e.path)
	if err != nil {
		return err
	}
	object, def, name, err := e.target(d, root, nodes)
	if err != nil {
		return err
	}
	list := object.list(name)
	if e.index > len(list) {
		return refusal("the index is behind the end of the list")
	}
	fresh, err := e.value.as(def)
	if err != nil {
		return err
	}
	object.setList(name, slices.Insert(list, e.index, fresh))
	return d.charge(object, 0)
}

// target is the list that an insert is for: the one whose items the path gives; if there are none, the member that the
// path names last.
func (e *edit) target(d *document, root fhir.Value, nodes []path.Node) (*node, *r4.Element, string, error) {
	if len(nodes) > 0 {
		s, def, err := d.listOf(root, nodes)
		return s.object(), def, s.name, err
	}
	if e.parent == nil {
		return nil, nil, "", refusal("the path leads to nothing in this resource")
	}
	alone := edit{path: e.parent}
	root, at, err := alone.single(d)
	if err != nil {
		return nil, nil, "", err
	}
	object, err := d.node(root, at.Value())
	if err != nil {
		return nil, nil, "", err
	}
	if at.Info() == nil {
		return nil, nil, "", refusal("the path leads to nothing in this resource")
	}
	def, err := e.value.property(at.Info(), e.name)
	if err == nil && !def.Many() {
		err = refusal("the path must lead to a list")
	}
	if err != nil {
		return nil, nil, "", err
	}
	return object, def, def.JSON, nil
}

// listOf is the one list that all nodes stand in.
func (d *document) listOf(root fhir.Value, nodes []path.Node) (spot, *r4.Element, error) {
	first, err := d.place(root, nodes[0])
	if err != nil {
		return spot{chain: []*node{nil}}, nil, err
	}
	for _, n := range nodes {
		s, err := d.place(root, n)
		if err != nil {
			return first, nil, err
		}
		if s.object() != first.object() || s.name != first.name || s.index < 0 {
			return first, nil, refusal("the path must lead to the items of one list")
		}
	}
	def, err := definition(nodes[0])
	return first, def, err
}

func (e *edit) remove(d *document) error {
	root, nodes, err := d.eval(e.path)
	if err != nil || len(nodes) == 0 { // nothing to delete is no mistake
		return err
	}
	if len(nodes) > 1 {
		return refusal("the path must lead to a single element; here it leads to several")
	}
	s, err := d.place(root, nodes[0])
	if err != nil {
		return err
	}
	s.remove()
	return nil
}

// remove takes the element away, and what is empty without it.
func (s spot) remove() {
	s.write(element{})
	for i := len(s.chain) - 1; i > 0 && len(s.chain[i].open().kids) == 0; i-- {
		s.chain[i-1].forget(s.chain[i])
	}
}

// forget takes a child away that has become empty.
func (n *node) forget(empty *node) {
	for i, kid := range n.open().kids {
		name := n.names[i]
		switch {
		case kid == empty:
			n.drop(name)
			return
		case kid.kind == fhir.Array && slices.Contains(kid.kids, empty):
			plain := name
			if name[0] == '_' {
				plain = name[1:]
			}
			n.setList(plain, slices.DeleteFunc(n.list(plain), func(e element) bool {
				return (e.value == nil || e.value == empty) && (e.ext == nil || e.ext == empty)
			}))
			return
		}
	}
}

func (e *edit) replace(d *document) error {
	root, at, err := e.single(d)
	if err != nil {
		return err
	}
	s, err := d.place(root, at)
	if err != nil {
		return err
	}
	def, err := definition(at)
	if err != nil {
		return err
	}
	object := s.object()
	if def.Choice {
		if def, err = e.other(s, def); err != nil {
			return err
		}
	}
	fresh, err := e.value.as(def)
	if err != nil {
		return err
	}
	if s.index < 0 {
		object.rename(s.name, def.JSON)
		object.rename("_"+s.name, "_"+def.JSON)
		s.name = def.JSON
	}
	s.write(fresh)
	return d.charge(object, 0)
}

// other is the definition of a choice for the type of the new value.
func (e *edit) other(s spot, def *r4.Element) (*r4.Element, error) {
	if s.typ == nil {
		return nil, refusal("the path must lead to an element that R4 knows")
	}
	return e.value.property(s.typ, def.Name)
}

func (e *edit) move(d *document) error {
	root, nodes, err := d.eval(e.path)
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		return refusal("the path leads to nothing in this resource")
	}
	s, _, err := d.listOf(root, nodes)
	if err != nil {
		return err
	}
	list := s.object().list(s.name)
	if e.source >= len(list) || e.destination >= len(list) {
		return refusal("source and destination must be places in the list")
	}
	moved := list[e.source]
	list = slices.Insert(slices.Delete(list, e.source, e.source+1), e.destination, moved)
	s.object().setList(s.name, list)
	return nil
}
