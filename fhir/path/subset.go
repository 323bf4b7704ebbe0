package path

func single(m *machine, c *call, base int) error {
	_, _, err := c.single(m, base)
	return err
}

// cut keeps the items from to to above base.
func (m *machine) cut(base, from, to int) error {
	n := len(m.stack) - base
	from, to = min(max(from, 0), n), min(max(to, 0), n)
	if from >= to {
		m.stack = m.stack[:base]
		return nil
	}
	m.stack = m.stack[:base+to]
	m.settle(base, base+from)
	return nil
}

func first(m *machine, c *call, base int) error { return m.cut(base, 0, 1) }

func last(m *machine, c *call, base int) error {
	n := len(m.stack) - base
	return m.cut(base, n-1, n)
}

func tail(m *machine, c *call, base int) error { return m.cut(base, 1, len(m.stack)-base) }

func skip(m *machine, c *call, base int) error {
	n, ok, err := m.integer(c.args[0])
	if err != nil || !ok {
		m.stack = m.stack[:base]
		return err
	}
	return m.cut(base, int(n), len(m.stack)-base)
}

func take(m *machine, c *call, base int) error {
	n, ok, err := m.integer(c.args[0])
	if err != nil || !ok {
		m.stack = m.stack[:base]
		return err
	}
	return m.cut(base, 0, int(n))
}

// intersect keeps what is in the other collection too, each once.
func intersect(m *machine, c *call, base int) error {
	mid := len(m.stack)
	if err := c.args[0].eval(m); err != nil {
		return err
	}
	other := m.setOf(m.stack[mid:])
	m.stack = m.stack[:mid]
	m.keepIf(base, other.has)
	return m.unique(base, c.pos)
}

// exclude drops what is in the other collection; the rest stays as often as it was.
func exclude(m *machine, c *call, base int) error {
	mid := len(m.stack)
	if err := c.args[0].eval(m); err != nil {
		return err
	}
	other := m.setOf(m.stack[mid:])
	m.stack = m.stack[:mid]
	m.keepIf(base, func(n Node) bool { return !other.has(n) })
	return m.charge(0, c.pos)
}

func (m *machine) keepIf(base int, ok func(Node) bool) {
	out := base
	for i := base; i < len(m.stack); i++ {
		if ok(m.stack[i]) {
			m.stack[out] = m.stack[i]
			out++
		}
	}
	m.stack = m.stack[:out]
}

// unite is |: both operands stand above base already.
func unite(m *machine, b *binary, base, mid int) error { return m.unique(base, b.pos) }

func unionWith(m *machine, c *call, base int) error {
	if err := c.args[0].eval(m); err != nil {
		return err
	}
	return m.unique(base, c.pos)
}

func combineWith(m *machine, c *call, base int) error { return c.args[0].eval(m) }

// within is in and contains: whether a single item is among others.
func within(m *machine, b *binary, base, mid int) error {
	item, items := m.stack[base:mid], m.stack[mid:]
	if b.op == "contains" {
		item, items = items, item
	}
	switch len(item) {
	case 0:
		return m.give(base, nil)
	case 1:
		return m.give(base, boolean(m.among(item[0], items)))
	}
	return m.fail(b.pos, "'"+b.op+"' looks for a single item, not a collection")
}

func (m *machine) among(n Node, items []Node) bool {
	for _, x := range items {
		if m.equal(n, x) == yes {
			return true
		}
	}
	return false
}
