package care

import (
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// Check reports the first thing about which two modules disagree: Internal for a name or resource type that has two owners,
// or a name that does not begin with that of its module.
func (ms Modules) Check() error {
	c := checker{owners: map[string]string{}}
	for _, m := range ms {
		c.module(m)
	}
	return c.err
}

type checker struct {
	owners map[string]string // kind and name -> module
	err    error
}

func (c *checker) module(m Module) {
	c.own(m.Name, "module", m.Name)
	for _, o := range m.Owns {
		c.own(m.Name, "resource type", o.Type)
	}
	for _, h := range m.Hears {
		c.named(m.Name, "event handler", h.Name)
	}
	for _, s := range m.Takes {
		c.named(m.Name, "record", s.Name())
	}
	for _, j := range m.Jobs {
		c.named(m.Name, "kind of job", j.Name)
	}
	for _, o := range m.Offers {
		c.own(m.Name, "operation", "$"+o.Code+" on "+strings.Join(o.Types, ", "))
		for _, t := range o.Types {
			c.own(m.Name, "operation", t+"/$"+o.Code)
		}
	}
}

func (c *checker) named(module, kind, name string) {
	if !strings.HasPrefix(name, module+".") {
		c.fail("the %s %q of the module %s does not begin with its name", kind, name, module)
	}
	c.own(module, kind, name)
}

func (c *checker) own(module, kind, name string) {
	key := kind + " " + name
	if other, taken := c.owners[key]; taken {
		c.fail("the %s %q has two owners: %s and %s", kind, name, other, module)
	}
	if name == "" {
		c.fail("%s of the module %q has no name", fault.A(kind), module)
	}
	c.owners[key] = module
}

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fault.New(fault.Internal, format, args...)
	}
}
