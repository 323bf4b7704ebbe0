package path

type thisExpr struct{ pos int }

func (e *thisExpr) at() int { return e.pos }
func (e *thisExpr) eval(m *machine) error {
	m.stack = append(m.stack, m.scope.this)
	return m.charge(1, e.pos)
}

type indexVar struct{ pos int }

func (e *indexVar) at() int { return e.pos }
func (e *indexVar) eval(m *machine) error {
	if !m.scope.inner {
		return m.fail(e.pos, "$index has a meaning only where a function goes through items")
	}
	m.push(integer(m.scope.index))
	return nil
}

type totalVar struct{ pos int }

func (e *totalVar) at() int { return e.pos }
func (e *totalVar) eval(m *machine) error {
	m.stack = append(m.stack, m.scope.total...)
	return m.charge(1+len(m.scope.total), e.pos)
}

// indexExpr is a[i].
type indexExpr struct {
	left, index expr
	pos         int
}

func (e *indexExpr) at() int { return e.pos }
func (e *indexExpr) eval(m *machine) error {
	base := len(m.stack)
	if err := e.left.eval(m); err != nil {
		return err
	}
	i, ok, err := m.integer(e.index)
	if err != nil {
		return err
	}
	if n := len(m.stack) - base; !ok || i < 0 || i >= int64(n) {
		m.stack = m.stack[:base]
		return nil
	}
	m.stack[base] = m.stack[base+int(i)]
	m.stack = m.stack[:base+1]
	return nil
}
