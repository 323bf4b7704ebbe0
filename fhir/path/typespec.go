package path

import (
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

// typeSpec is a type named in an expression. A name without namespace may be a FHIR and a System type ("Quantity").
type typeSpec struct {
	name string
	fhir *r4.TypeInfo // nil: not a FHIR type
	sys  kind         // kNone: not a System type
}

// typeName reads Patient, FHIR.Patient or System.String.
func (p *parser) typeName() (typeSpec, error) {
	t := p.tok
	if t.kind != tokWord && t.kind != tokQuoted {
		return typeSpec{}, p.fail("the name of a type is expected here")
	}
	if err := p.advance(); err != nil {
		return typeSpec{}, err
	}
	namespace, name := "", t.text
	if (name == "FHIR" || name == "System") && p.tok.kind == tokMark && p.tok.text == "." {
		if err := p.advance(); err != nil {
			return typeSpec{}, err
		}
		namespace, name = name, p.tok.text
		if err := p.advance(); err != nil {
			return typeSpec{}, err
		}
	}
	return p.resolve(namespace, name, t.pos)
}

// resolve refuses a name that no namespace knows; one that the namespace given does not know is of no item's type.
func (p *parser) resolve(namespace, name string, pos int) (typeSpec, error) {
	s := typeSpec{name: name}
	if namespace != "System" {
		s.fhir = r4.Lookup(name)
	}
	if namespace != "FHIR" {
		s.sys = kindNamed(name)
	}
	if p.opt.r4 && s.fhir == nil && s.sys != kNone {
		s.fhir = r4.Lookup(strings.ToLower(name[:1]) + name[1:])
	}
	if s.fhir == nil && s.sys == kNone && namespace == "" {
		return s, p.failAt(pos, "there is no type of this name")
	}
	return s, nil
}

// covers says whether n is of the type or of one that specializes it.
func (s typeSpec) covers(n Node) bool {
	if n.sys != nil {
		return n.sys.kind() == s.sys
	}
	return n.typ != nil && s.fhir != nil && isA(n.typ, s.fhir)
}

// selects is covers for as and ofType, which take a primitive only by its own name: a code is no string to them. So the
// official tests have it (testFHIRPathAsFunction11, 16).
func (s typeSpec) selects(n Node) bool {
	if n.primitive() {
		return n.typ == s.fhir
	}
	return s.covers(n)
}

// mayBe says whether as and ofType keep an item of a type that is known to be t.
func (s typeSpec) mayBe(t *r4.TypeInfo) bool {
	return t.Kind == r4.Abstract || s.selects(Node{typ: t})
}

func isA(t, ancestor *r4.TypeInfo) bool {
	return t == ancestor || r4.IsA(t.Base, ancestor.Name)
}

// typeArg is the argument of is, as and ofType. It is never evaluated.
type typeArg struct {
	spec typeSpec
	pos  int
}

func (t *typeArg) at() int               { return t.pos }
func (t *typeArg) eval(m *machine) error { return m.fail(t.pos, "a type is no value") }

type isExpr struct {
	left expr
	spec typeSpec
	pos  int
}

func (e *isExpr) at() int { return e.pos }
func (e *isExpr) eval(m *machine) error {
	base := len(m.stack)
	if err := e.left.eval(m); err != nil {
		return err
	}
	return m.replaceOne(base, e.pos, "is", func(n Node) literal { return boolean(e.spec.covers(n)) })
}

type asExpr struct {
	left expr
	spec typeSpec
	pos  int
}

func (e *asExpr) at() int { return e.pos }
func (e *asExpr) eval(m *machine) error {
	base := len(m.stack)
	if err := e.left.eval(m); err != nil {
		return err
	}
	if len(m.stack)-base > 1 {
		return m.fail(e.pos, "as takes a single item; ofType() takes several")
	}
	m.keepType(base, e.spec)
	return nil
}

type ofTypeExpr struct {
	left expr
	spec typeSpec
	pos  int
}

func (e *ofTypeExpr) at() int { return e.pos }
func (e *ofTypeExpr) eval(m *machine) error {
	base := len(m.stack)
	if err := e.left.eval(m); err != nil {
		return err
	}
	m.keepType(base, e.spec)
	return m.charge(len(m.stack)-base, e.pos)
}

// keepType drops the items above base that are not of the type.
func (m *machine) keepType(base int, spec typeSpec) {
	out := base
	for _, n := range m.stack[base:] {
		if spec.selects(n) {
			m.stack[out] = n
			out++
		}
	}
	m.stack = m.stack[:out]
}
