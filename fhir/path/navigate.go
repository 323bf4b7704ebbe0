package path

import (
	"sync/atomic"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// navigate is a run of names, as in Patient.name.given. It is walked depth first, which gives the items in order without
// keeping those between.
type navigate struct {
	base  expr // nil: $this
	steps []*step
}

type step struct {
	name string
	json bool         // the name that a choice has in JSON is one too
	root *r4.TypeInfo // of a name that begins a path: the type of that name, if there is one
	pos  int
	last atomic.Pointer[resolved]
}

// resolved is what a step's name means for a type; steps remember the last one.
type resolved struct {
	typ    *r4.TypeInfo
	elem   *r4.Element  // nil if the type has no such element, or a choice
	target *r4.TypeInfo // of elem
	choice bool
}

// navigateTo appends a name to a path.
func navigateTo(left expr, t token, opt options) expr {
	s := &step{name: t.text, json: opt.r4, pos: t.pos}
	if n, ok := left.(*navigate); ok {
		n.steps = append(n.steps, s)
		return n
	}
	if left == nil {
		s.root = r4.Lookup(t.text)
	}
	return &navigate{left, []*step{s}}
}

func (e *navigate) at() int { return e.steps[0].pos }

func (e *navigate) eval(m *machine) error {
	base := len(m.stack)
	if e.base == nil {
		if err := e.walk(m, m.scope.this, 0); err != nil {
			return err
		}
		return e.found(m, base)
	}
	if err := e.base.eval(m); err != nil {
		return err
	}
	top := len(m.stack)
	for i := base; i < top; i++ {
		if err := e.walk(m, m.stack[i], 0); err != nil {
			return err
		}
	}
	m.settle(base, top)
	return e.found(m, base)
}

// found charges for the items above base.
func (e *navigate) found(m *machine, base int) error {
	return m.charge((len(m.stack)-base)/itemsPerStep, e.at())
}

// walk pushes what the steps from i on lead to from n.
func (e *navigate) walk(m *machine, n Node, i int) error {
	if i == len(e.steps) {
		m.stack = append(m.stack, n)
		return nil
	}
	s := e.steps[i]
	if err := m.charge(1, s.pos); err != nil {
		return err
	}
	switch {
	case n.sys != nil:
		return e.system(m, n.sys, i)
	case s.root != nil && n.typ != nil && isA(n.typ, s.root):
		return e.walk(m, n, i+1)
	case n.typ == nil:
		return e.items(m, n.v.Get(s.name), fhir.Value{}, Node{}, i)
	}
	r := s.resolve(n.typ)
	switch {
	case r.elem != nil:
		return e.element(m, n, r, i)
	case r.choice:
		return e.choice(m, n, i)
	}
	return nil
}

func (s *step) resolve(t *r4.TypeInfo) *resolved {
	if r := s.last.Load(); r != nil && r.typ == t {
		return r
	}
	r := &resolved{typ: t}
	if el := s.find(t); el != nil {
		r.elem, r.target = el, r4.ByID(el.Type)
	} else {
		r.choice = len(t.Choices(s.name)) > 0
	}
	s.last.Store(r)
	return r
}

// find is the one element that the name means for a type.
func (s *step) find(t *r4.TypeInfo) *r4.Element {
	if el := t.Find(s.name); el != nil && (s.json || el.Name == s.name && !el.Choice) {
		return el
	}
	return nil
}

func (e *navigate) element(m *machine, n Node, r *resolved, i int) error {
	object := n.object()
	v := object.Get(r.elem.JSON)
	var ext fhir.Value
	if r.target != nil && r.target.Kind == r4.Primitive {
		ext = siblingOf(object, r.elem.JSON)
	}
	if !v.Exists() && !ext.Exists() {
		return nil
	}
	return e.items(m, v, ext, Node{typ: r.target, elem: r.elem}, i)
}

// object is where the elements of n stand: of a primitive, beside it.
func (n Node) object() fhir.Value {
	if n.primitive() {
		return n.ext
	}
	return n.v
}

// siblingOf is the member _name.
func siblingOf(object fhir.Value, name string) fhir.Value {
	c := object.Cursor()
	for v := c.Next(); v.Exists(); v = c.Next() {
		if k := v.Name(); len(k) == len(name)+1 && k[0] == '_' && k[1:] == name {
			return v
		}
	}
	return fhir.Value{}
}

// choice finds the property of value[x] that is there.
func (e *navigate) choice(m *machine, n Node, i int) error {
	object, name := n.object(), e.steps[i].name
	c := object.Cursor()
	for v := c.Next(); v.Exists(); v = c.Next() {
		k := v.Name()
		only := len(k) > 0 && k[0] == '_'
		if only {
			k = k[1:]
		}
		if len(k) <= len(name) || k[:len(name)] != name {
			continue
		}
		el := n.typ.Find(k)
		if el == nil || el.Name != name {
			continue
		}
		if err := e.chosen(m, object, v, el, only, i); err != nil {
			return err
		}
	}
	return nil
}

// chosen goes on from one property of a choice; only says that v is the sibling, which counts if it stands alone.
func (e *navigate) chosen(m *machine, object, v fhir.Value, el *r4.Element, only bool, i int) error {
	like := Node{typ: r4.ByID(el.Type), elem: el}
	switch {
	case only && object.Get(el.JSON).Exists():
		return nil
	case only:
		return e.items(m, fhir.Value{}, v, like, i)
	case like.primitive():
		return e.items(m, v, siblingOf(object, el.JSON), like, i)
	}
	return e.items(m, v, fhir.Value{}, like, i)
}

// items goes on from each item of v, side by side with those of its sibling.
func (e *navigate) items(m *machine, v, ext fhir.Value, like Node, i int) error {
	if v.Kind() != fhir.Array && ext.Kind() != fhir.Array {
		return e.item(m, v, ext, like, i)
	}
	a, b := v.Cursor(), ext.Cursor()
	for {
		x, y := a.Next(), b.Next()
		if !x.Exists() && !y.Exists() {
			return nil
		}
		if err := e.item(m, x, y, like, i); err != nil {
			return err
		}
	}
}

func (e *navigate) item(m *machine, v, ext fhir.Value, like Node, i int) error {
	n, ok := item(v, ext, like)
	if !ok {
		return nil
	}
	return e.walk(m, n, i+1)
}

// item makes a node of one value: null is nothing unless extensions stand beside it, and a resource has its own type.
func item(v, ext fhir.Value, like Node) (Node, bool) {
	if v.Kind() == fhir.Null {
		v = fhir.Value{}
	}
	if ext.Kind() != fhir.Object {
		ext = fhir.Value{}
	}
	like.v, like.ext = v, ext
	if like.typ != nil && like.typ.Kind == r4.Abstract {
		if t := r4.Lookup(v.Get("resourceType").Str()); t != nil {
			like.typ = t
		}
	}
	return like, v.Exists() || ext.Exists()
}

// system goes on from the parts of a System value.
func (e *navigate) system(m *machine, l literal, i int) error {
	part := partOf(l, e.steps[i].name)
	if part == nil {
		return nil
	}
	return e.walk(m, Node{sys: part}, i+1)
}

func partOf(l literal, name string) literal {
	switch l := l.(type) {
	case quantity:
		switch name {
		case "value":
			return decimal{l.value}
		case "unit":
			return str(l.unit)
		}
	case typeInfo:
		switch name {
		case "namespace":
			return str(l.namespace)
		case "name":
			return str(l.name)
		case "baseType":
			return textOrNil(l.base)
		}
	}
	return nil
}

func textOrNil(s string) literal {
	if s == "" {
		return nil
	}
	return str(s)
}
