package path

import "strconv"

// function is a function of the language. run finds its input on the stack from base on and leaves its result there.
type function struct {
	run      func(m *machine, c *call, base int) error
	min, max int  // arguments
	types    bool // the argument is a type
	strict   bool // of no input comes no result
	truth    bool // the result is a Boolean
}

// call is a function call.
type call struct {
	name  string
	f     *function
	input expr // nil: $this
	args  []expr
	pos   int
	cache regexCache
}

func (p *parser) call(left expr, t token) (expr, error) {
	f, ok := functionNamed(t.text)
	if !ok {
		return nil, p.failAt(t.pos, "there is no function "+t.text+"()")
	}
	args, err := p.arguments(f)
	if err != nil {
		return nil, err
	}
	if len(args) < f.min || len(args) > f.max {
		return nil, p.failAt(t.pos, t.text+"() takes "+howMany(f)+", not "+strconv.Itoa(len(args)))
	}
	if f.types {
		if left == nil {
			left = &thisExpr{t.pos}
		}
		return p.typeTest(t.text, left, args[0].(*typeArg).spec, t.pos), nil
	}
	return &call{name: t.text, f: f, input: left, args: args, pos: t.pos}, nil
}

func howMany(f *function) string {
	if f.min == f.max {
		return strconv.Itoa(f.min) + " argument(s)"
	}
	return strconv.Itoa(f.min) + " to " + strconv.Itoa(f.max) + " arguments"
}

func (c *call) at() int { return c.pos }

func (c *call) eval(m *machine) error {
	base := len(m.stack)
	if c.input == nil {
		m.stack = append(m.stack, m.scope.this)
	} else if err := c.input.eval(m); err != nil {
		return err
	}
	if err := m.charge(1+len(m.stack)-base, c.pos); err != nil {
		return err
	}
	return c.f.run(m, c, base)
}

// fail is a fault about the call.
func (c *call) fail(m *machine, text string) error { return m.fail(c.pos, c.name+"() "+text) }

// single is the input as a single item; ok is false if there is none.
func (c *call) single(m *machine, base int) (n Node, ok bool, err error) {
	switch len(m.stack) - base {
	case 0:
		return Node{}, false, nil
	case 1:
		m.look(m.stack[base])
		return m.stack[base], true, nil
	}
	return Node{}, false, c.fail(m, "takes a single item, not a collection")
}

// integer evaluates an argument to a whole number.
func (m *machine) integer(e expr) (i int64, ok bool, err error) {
	n, ok, err := m.one(e)
	if err != nil || !ok {
		return 0, false, err
	}
	l, ok := n.literal().(integer)
	if !ok {
		return 0, false, m.fail(e.at(), "an Integer is expected here, not "+n.describe())
	}
	return int64(l), true, nil
}

// text evaluates an argument to a string.
func (m *machine) text(e expr) (s string, ok bool, err error) {
	n, ok, err := m.one(e)
	if err != nil || !ok {
		return "", false, err
	}
	if n.kind() != kString {
		return "", false, m.fail(e.at(), "a String is expected here, not "+n.describe())
	}
	return n.Str(), n.hasValue(), nil
}

// enter makes an item the $this of what is evaluated next.
func (m *machine) enter(index int, n Node) {
	m.scope.this, m.scope.index, m.scope.inner = n, index, true
}
