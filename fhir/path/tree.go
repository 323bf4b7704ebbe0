package path

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

func children(m *machine, c *call, base int) error {
	top := len(m.stack)
	for i := base; i < top; i++ {
		m.pushChildren(m.stack[i])
	}
	n := len(m.stack) - top
	m.settle(base, top)
	return m.charge(n, c.pos)
}

// descendants goes level by level.
func descendants(m *machine, c *call, base int) error {
	top := len(m.stack)
	for i := base; i < len(m.stack); i++ {
		m.pushChildren(m.stack[i])
		if err := m.charge(1, c.pos); err != nil {
			return err
		}
	}
	m.settle(base, top)
	return nil
}

// pushChildren pushes the elements of n in the order of the document.
func (m *machine) pushChildren(n Node) {
	object := n.object()
	c := object.Cursor()
	if object.Kind() != fhir.Object {
		return
	}
	for v := c.Next(); v.Exists(); v = c.Next() {
		name, ext := v.Name(), fhir.Value{}
		if len(name) > 1 && name[0] == '_' {
			name = name[1:]
			if object.Get(name).Exists() {
				continue
			}
			v, ext = fhir.Value{}, v
		}
		m.pushMember(n, object, name, v, ext)
	}
}

func (m *machine) pushMember(n Node, object fhir.Value, name string, v, ext fhir.Value) {
	var like Node
	if n.typ != nil {
		like.elem = n.typ.Find(name)
		if like.elem == nil {
			return
		}
		like.typ = r4.ByID(like.elem.Type)
	}
	if v.Exists() && like.primitive() {
		ext = siblingOf(object, name)
	}
	m.pushItems(v, ext, like)
}

func (m *machine) pushItems(v, ext fhir.Value, like Node) {
	if v.Kind() != fhir.Array && ext.Kind() != fhir.Array {
		if n, ok := item(v, ext, like); ok {
			m.stack = append(m.stack, n)
		}
		return
	}
	a, b := v.Cursor(), ext.Cursor()
	for {
		x, y := a.Next(), b.Next()
		if !x.Exists() && !y.Exists() {
			return
		}
		if n, ok := item(x, y, like); ok {
			m.stack = append(m.stack, n)
		}
	}
}
