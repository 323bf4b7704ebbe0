package path

// isEmpty is empty().
func isEmpty(m *machine, c *call, base int) error {
	return m.give(base, boolean(len(m.stack) == base))
}

func count(m *machine, c *call, base int) error {
	return m.give(base, integer(len(m.stack)-base))
}

func exists(m *machine, c *call, base int) error {
	if len(c.args) == 1 {
		if err := where(m, c, base); err != nil {
			return err
		}
	}
	return m.give(base, boolean(len(m.stack) > base))
}

func all(m *machine, c *call, base int) error {
	saved, top, out := m.scope, len(m.stack), yes
	for i := base; i < top && out == yes; i++ {
		m.enter(i-base, m.stack[i])
		t, err := m.truth(c.args[0])
		if err != nil {
			return err
		}
		if t != yes {
			out = no
		}
	}
	m.scope = saved
	return m.give(base, out.literal())
}

// everyTruth is allTrue() and its kin: start unless an item differs from (allX) or is (anyX) wanted.
func everyTruth(start, found, wanted truth) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		out := start
		for _, n := range m.stack[base:] {
			b, ok := n.Bool()
			if !ok {
				return c.fail(m, "takes Booleans, not "+n.describe())
			}
			if (truthFor(b) == wanted) == (found == yes) {
				out = found
			}
		}
		return m.give(base, out.literal())
	}
}

// subsetOf evaluates its argument for the same $this, so the other collection stands above the input.
func subsetOf(m *machine, c *call, base int) error {
	mid := len(m.stack)
	if err := c.args[0].eval(m); err != nil {
		return err
	}
	return c.contained(m, base, m.stack[base:mid], m.stack[mid:])
}

func supersetOf(m *machine, c *call, base int) error {
	mid := len(m.stack)
	if err := c.args[0].eval(m); err != nil {
		return err
	}
	return c.contained(m, base, m.stack[mid:], m.stack[base:mid])
}

func (c *call) contained(m *machine, base int, part, whole []Node) error {
	in, out := m.setOf(whole), true
	for _, n := range part {
		out = out && in.has(n)
	}
	if err := m.charge(0, c.pos); err != nil {
		return err
	}
	return m.give(base, boolean(out))
}

func negates(m *machine, c *call, base int) error {
	t, err := m.truthAbove(base, c.pos)
	if err != nil {
		return err
	}
	return m.give(base, not(t).literal())
}
