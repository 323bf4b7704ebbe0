package path

import (
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// trace hands the input to the context's Trace and gives it back.
func trace(m *machine, c *call, base int) error {
	name, _, err := m.text(c.args[0])
	if err != nil {
		return err
	}
	top := len(m.stack)
	if len(c.args) == 2 {
		for i := base; i < top; i++ {
			m.stack = append(m.stack, m.stack[i])
		}
		if err := selects(m, &call{name: c.name, args: c.args[1:], pos: c.pos}, top); err != nil {
			return err
		}
	}
	if f := m.ctx.Trace; f != nil {
		from := base
		if len(c.args) == 2 {
			from = top
		}
		f(name, m.stack[from:])
	}
	m.stack = m.stack[:top]
	return nil
}

// clock is the moment of the evaluation, the same at each use (http://hl7.org/fhirpath/N1/#current-date-and-time-functions).
func (m *machine) clock(c *call) (time.Time, error) {
	if m.ctx.Now == nil {
		return time.Time{}, fault.New(fault.Internal, "FHIRPath: %s() was given no clock", c.name)
	}
	if m.at.IsZero() {
		m.at = m.ctx.Now()
	}
	return m.at, nil
}

func now(m *machine, c *call, base int) error {
	at, err := m.clock(c)
	if err != nil {
		return err
	}
	return m.give(base, fromTime(at))
}

func today(m *machine, c *call, base int) error {
	at, err := m.clock(c)
	if err != nil {
		return err
	}
	return m.give(base, fromTime(at).onlyDate())
}

func timeOfDay(m *machine, c *call, base int) error {
	at, err := m.clock(c)
	if err != nil {
		return err
	}
	t := fromTime(at)
	t.k, t.year, t.month, t.day, t.zone, t.zoned = kTime, 1, 1, 1, 0, false
	return m.give(base, t)
}

// typesOf is type().
func typesOf(m *machine, c *call, base int) error {
	for i, n := range m.stack[base:] {
		m.stack[base+i] = Node{sys: infoOf(n)}
	}
	return nil
}

func infoOf(n Node) typeInfo {
	switch {
	case n.sys != nil:
		return typeInfo{"System", n.sys.kind().String(), "System.Any"}
	case n.typ == nil:
		return typeInfo{}
	case n.typ.Kind == r4.Backbone:
		return infoOfType(r4.Lookup(n.typ.Base))
	}
	return infoOfType(n.typ)
}

func infoOfType(t *r4.TypeInfo) typeInfo {
	info := typeInfo{namespace: "FHIR", name: t.Name}
	if t.Base != "" {
		info.base = "FHIR." + t.Base
	}
	return info
}

// iif evaluates only the branch that is taken. Called on something, that is a single item and $this of the arguments.
func iif(m *machine, c *call, base int) error {
	saved := m.scope
	if c.input != nil {
		n, ok, err := c.single(m, base)
		if err != nil {
			return err
		}
		if ok {
			m.scope.this = n
		}
	}
	m.stack = m.stack[:base]
	t, err := m.truth(c.args[0])
	switch {
	case err != nil:
		return err
	case t == yes:
		err = c.args[1].eval(m)
	case len(c.args) == 3:
		err = c.args[2].eval(m)
	}
	m.scope = saved
	return err
}
