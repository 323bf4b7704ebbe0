package path

import "sort"

// sorted is sort(): by the items themselves, or by keys; a key behind a minus sign sorts downwards. Items without a key
// come first either way.
func sorted(m *machine, c *call, base int) error {
	keys, top := c.args, len(m.stack)
	if len(keys) == 0 {
		keys = []expr{&thisExpr{c.pos}}
	}
	s := &sorting{m: m, c: c, down: make([]bool, len(keys))}
	saved := m.scope
	for i := base; i < top; i++ {
		m.enter(i-base, m.stack[i])
		row := sortRow{item: m.stack[i], keys: make([]literal, len(keys))}
		for k, e := range keys {
			if sign, ok := e.(*signExpr); ok && sign.minus {
				s.down[k], e = true, sign.operand
			}
			n, _, err := m.one(e)
			if err != nil {
				return err
			}
			row.keys[k] = n.literal()
		}
		s.rows = append(s.rows, row)
	}
	m.scope = saved
	return s.into(m.stack[base:top])
}

type sortRow struct {
	item Node
	keys []literal
}

type sorting struct {
	m    *machine
	c    *call
	rows []sortRow
	down []bool
	err  error
}

func (s *sorting) into(out []Node) error {
	sort.SliceStable(s.rows, func(i, j int) bool { return s.less(s.rows[i].keys, s.rows[j].keys) })
	if s.err != nil {
		return s.err
	}
	for i, r := range s.rows {
		out[i] = r.item
	}
	return nil
}

func (s *sorting) less(a, b []literal) bool {
	if err := s.m.charge(1, s.c.pos); err != nil {
		s.err = err
	}
	for k := range a {
		if order := s.order(a[k], b[k], s.down[k]); order != 0 {
			return order < 0
		}
	}
	return false
}

func (s *sorting) order(a, b literal, down bool) int {
	if a == nil || b == nil {
		return boolInt(a != nil) - boolInt(b != nil)
	}
	order, _, fits := orderOf(a, b)
	if !fits {
		s.err = s.c.fail(s.m, "cannot order "+a.kind().String()+" and "+b.kind().String())
	}
	if down {
		return -order
	}
	return order
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
