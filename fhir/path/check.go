package path

import (
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Check looks, before there is any data, for what cannot be right when the expression is evaluated for that type: an
// element that the type does not have, a first item where there is no order, a criterion that is no truth value. What
// depends on data is not looked at. Faults: Invalid with line and column.
func (e *Expr) Check(typeName string) error {
	_, err := e.shape(r4.Lookup(typeName))
	return err
}

// shape is what is known of the result for items of those types.
func (e *Expr) shape(of ...*r4.TypeInfo) (shape, error) {
	root := shape{}
	if !slices.Contains(of, nil) {
		root.types = of
	}
	return (&checker{e.src, root}).check(e.tree, root)
}

// shape is what is known of a collection: nothing, FHIR types that its items may have, or their System type.
type shape struct {
	types     []*r4.TypeInfo
	sys       kind
	unordered bool
}

func sysShape(k kind) shape { return shape{sys: k} }

func (s shape) known() bool { return len(s.types) > 0 || s.sys != kNone }

type checker struct {
	src  string
	root shape
}

func (c *checker) fail(pos int, text string) error { return failure(c.src, pos, text) }

// check gives the shape of e for a $this of the shape given.
func (c *checker) check(e expr, this shape) (shape, error) {
	switch e := e.(type) {
	case *constant:
		return constantShape(e), nil
	case *thisExpr:
		return this, nil
	case *variable:
		return c.variable(e), nil
	case *navigate:
		return c.navigate(e, this)
	case *isExpr:
		_, err := c.check(e.left, this)
		return sysShape(kBoolean), err
	case *asExpr:
		return c.narrowed(e.left, e.spec, this)
	case *ofTypeExpr:
		return c.narrowed(e.left, e.spec, this)
	case *indexExpr:
		return c.index(e, this)
	case *signExpr:
		return c.check(e.operand, this)
	case *logicExpr:
		return c.operands(e.left, e.right, this, sysShape(kBoolean))
	case *binary:
		return c.binary(e, this)
	case *call:
		return c.call(e, this)
	}
	return shape{}, nil
}

func constantShape(e *constant) shape {
	if len(e.nodes) == 0 {
		return shape{}
	}
	return sysShape(e.nodes[0].kind())
}

func (c *checker) variable(e *variable) shape {
	switch e.name {
	case "context":
		return c.root
	case "resource", "rootResource":
		if len(c.root.types) == 1 && c.root.types[0].Kind == r4.Resource {
			return c.root
		}
	}
	return shape{}
}

func (c *checker) navigate(e *navigate, this shape) (shape, error) {
	at, err := this, error(nil)
	if e.base != nil {
		at, err = c.check(e.base, this)
	}
	for i := 0; i < len(e.steps) && err == nil; i++ {
		at, err = c.step(e.steps[i], at)
	}
	return at, err
}

func (c *checker) step(s *step, at shape) (shape, error) {
	if at.sys != kNone {
		return shape{}, nil // a part of a quantity, or nothing
	}
	out := shape{unordered: at.unordered}
	if len(at.types) == 0 {
		return out, nil
	}
	found := false
	for _, t := range at.types {
		next, ok := stepTypes(s, t)
		found = found || ok
		out.types = append(out.types, next...)
	}
	if !found {
		return out, c.fail(s.pos, at.types[0].Name+" has no element "+s.name+choiceHint(at.types[0], s.name))
	}
	if slices.ContainsFunc(out.types, func(t *r4.TypeInfo) bool { return t == nil || t.Kind == r4.Abstract }) {
		out.types = nil
	}
	return out, nil
}

// stepTypes are the types to which a name may lead from a type.
func stepTypes(s *step, t *r4.TypeInfo) (next []*r4.TypeInfo, found bool) {
	if s.root != nil && isA(t, s.root) {
		return []*r4.TypeInfo{t}, true
	}
	if t.Kind == r4.Abstract {
		return []*r4.TypeInfo{nil}, true
	}
	if el := s.find(t); el != nil {
		return []*r4.TypeInfo{r4.ByID(el.Type)}, true
	}
	for _, el := range t.Choices(s.name) {
		next = append(next, r4.ByID(el.Type))
	}
	return next, len(next) > 0
}

func choiceHint(t *r4.TypeInfo, name string) string {
	el := t.Find(name)
	if el == nil {
		return ""
	}
	return "; write " + el.Name + ".ofType(" + el.Types[0] + ")"
}

func (c *checker) narrowed(left expr, spec typeSpec, this shape) (shape, error) {
	from, err := c.check(left, this)
	if err == nil && len(from.types) > 0 && !slices.ContainsFunc(from.types, spec.mayBe) {
		err = c.fail(left.at(), from.types[0].Name+" is never "+fault.A(spec.name))
	}
	if spec.fhir == nil {
		return shape{sys: spec.sys, unordered: from.unordered}, err
	}
	return shape{types: []*r4.TypeInfo{spec.fhir}, unordered: from.unordered}, err
}

func (c *checker) index(e *indexExpr, this shape) (shape, error) {
	out, err := c.check(e.left, this)
	if err != nil {
		return out, err
	}
	if out.unordered {
		return out, c.fail(e.pos, "the order of these items is not defined")
	}
	_, err = c.check(e.index, this)
	return out, err
}

func (c *checker) operands(left, right expr, this, out shape) (shape, error) {
	if _, err := c.check(left, this); err != nil {
		return out, err
	}
	_, err := c.check(right, this)
	return out, err
}

func (c *checker) binary(e *binary, this shape) (shape, error) {
	if e.op == "|" {
		return c.union(e, this)
	}
	out := sysShape(kBoolean)
	switch e.op {
	case "+", "-", "*", "/", "div", "mod":
		out = shape{}
	case "&":
		out = sysShape(kString)
	}
	return c.operands(e.left, e.right, this, out)
}

func (c *checker) union(e *binary, this shape) (shape, error) {
	a, err := c.check(e.left, this)
	if err != nil {
		return a, err
	}
	b, err := c.check(e.right, this)
	if len(a.types) == 0 || len(b.types) == 0 {
		return shape{}, err
	}
	return shape{types: slices.Concat(a.types, b.types)}, err
}
