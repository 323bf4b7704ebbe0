package path

// where keeps the items for which the criterion holds.
func where(m *machine, c *call, base int) error {
	saved, top, out := m.scope, len(m.stack), base
	for i := base; i < top; i++ {
		m.enter(i-base, m.stack[i])
		t, err := m.truth(c.args[0])
		if err != nil {
			return err
		}
		if t == yes {
			m.stack[out] = m.stack[i]
			out++
		}
	}
	m.scope, m.stack = saved, m.stack[:out]
	return nil
}

// selects is select().
func selects(m *machine, c *call, base int) error {
	saved, top := m.scope, len(m.stack)
	for i := base; i < top; i++ {
		m.enter(i-base, m.stack[i])
		if err := c.args[0].eval(m); err != nil {
			return err
		}
	}
	m.scope = saved
	m.settle(base, top)
	return nil
}

// repeats is repeat(): the projection of the input, of that, and so on, as long as there are new items.
func repeats(m *machine, c *call, base int) error {
	saved, top := m.scope, len(m.stack)
	seen := &set{m: m}
	for i := base; i < len(m.stack); i++ {
		m.enter(i-base, m.stack[i])
		from := len(m.stack)
		if err := c.args[0].eval(m); err != nil {
			return err
		}
		m.keepNew(from, seen)
		if err := m.charge(1, c.pos); err != nil {
			return err
		}
	}
	m.scope = saved
	m.settle(base, top)
	return nil
}

// keepNew drops the items from from on that have been seen.
func (m *machine) keepNew(from int, seen *set) {
	out := from
	for i := from; i < len(m.stack); i++ {
		if seen.add(m.stack[i]) {
			m.stack[out] = m.stack[i]
			out++
		}
	}
	m.stack = m.stack[:out]
}

func distinct(m *machine, c *call, base int) error { return m.unique(base, c.pos) }

// unique drops what comes a second time above base.
func (m *machine) unique(base, pos int) error {
	if len(m.stack)-base <= smallSet {
		m.uniqueFew(base)
	} else {
		m.keepNew(base, &set{m: m})
	}
	return m.charge(0, pos)
}

// uniqueFew compares all with all, which needs no memory.
func (m *machine) uniqueFew(base int) {
	out := base
	for i := base; i < len(m.stack); i++ {
		if !m.among(m.stack[i], m.stack[base:out]) {
			m.stack[out] = m.stack[i]
			out++
		}
	}
	m.stack = m.stack[:out]
}

func isDistinct(m *machine, c *call, base int) error {
	n := len(m.stack)
	if err := m.unique(base, c.pos); err != nil {
		return err
	}
	return m.give(base, boolean(len(m.stack) == n))
}

// aggregate folds the items; $total is what the expression gave last.
func aggregate(m *machine, c *call, base int) error {
	saved, top := m.scope, len(m.stack)
	total, err := m.initial(c)
	if err != nil {
		return err
	}
	for i := base; i < top; i++ {
		m.enter(i-base, m.stack[i])
		m.scope.total = total
		if err := c.args[0].eval(m); err != nil {
			return err
		}
		total = append([]Node(nil), m.stack[top:]...)
		m.stack = m.stack[:top]
	}
	m.scope = saved
	m.stack = append(m.stack[:base], total...)
	return m.charge(len(total), c.pos)
}

func (m *machine) initial(c *call) ([]Node, error) {
	if len(c.args) < 2 {
		return nil, nil
	}
	top := len(m.stack)
	if err := c.args[1].eval(m); err != nil {
		return nil, err
	}
	total := append([]Node(nil), m.stack[top:]...)
	m.stack = m.stack[:top]
	return total, nil
}
