package path

import "strings"

// variable is %name (http://hl7.org/fhirpath/N1/#environment-variables, https://hl7.org/fhir/R4/fhirpath.html#variables).
type variable struct {
	name string
	pos  int
}

func newVariable(name string, pos int) expr {
	if s := fixed(name); s != "" {
		return literalExpr(str(s), pos)
	}
	return &variable{name: name, pos: pos}
}

func fixed(name string) string {
	switch name {
	case "ucum":
		return ucumSystem
	case "sct":
		return "http://snomed.info/sct"
	case "loinc":
		return "http://loinc.org"
	case "us-zip":
		return "[0-9]{5}(-[0-9]{4}){0,1}"
	}
	if id, ok := strings.CutPrefix(name, "vs-"); ok {
		return "http://hl7.org/fhir/ValueSet/" + id
	}
	if id, ok := strings.CutPrefix(name, "ext-"); ok {
		return "http://hl7.org/fhir/StructureDefinition/" + id
	}
	return ""
}

func (v *variable) at() int { return v.pos }

func (v *variable) eval(m *machine) error {
	if err := m.charge(1, v.pos); err != nil {
		return err
	}
	switch v.name {
	case "context":
		m.stack = append(m.stack, m.root)
	case "resource":
		m.stack = append(m.stack, m.resource())
	case "rootResource":
		m.stack = append(m.stack, m.container())
	default:
		nodes, ok := m.ctx.Vars[v.name]
		if !ok {
			return m.fail(v.pos, "there is no variable of this name")
		}
		m.stack = append(m.stack, nodes...)
	}
	return nil
}

func (n Node) isZero() bool { return n.sys == nil && !n.v.Exists() && !n.ext.Exists() && n.typ == nil }

func (m *machine) resource() Node {
	if r := m.ctx.Resource; !r.isZero() {
		return r
	}
	return m.root
}

func (m *machine) container() Node {
	if r := m.ctx.Outer; !r.isZero() {
		return r
	}
	return m.resource()
}
