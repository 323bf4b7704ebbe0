package path

// binary is an operator between two operands.
type binary struct {
	op          string
	apply       func(m *machine, b *binary, base, mid int) error // the operands are the stack from base and from mid
	left, right expr
	pos         int
}

func newBinary(op token, left, right expr) expr {
	switch op.text {
	case "and", "or", "xor", "implies":
		return &logicExpr{op.text, left, right, op.pos}
	}
	return &binary{op.text, operators[op.text], left, right, op.pos}
}

// operators are read only.
var operators = map[string]func(m *machine, b *binary, base, mid int) error{
	"|": unite, "=": equals, "!=": equals, "~": equivalents, "!~": equivalents, "in": within, "contains": within,
	"<": compares, "<=": compares, ">": compares, ">=": compares,
	"+": computes, "-": computes, "*": computes, "/": computes, "div": computes, "mod": computes, "&": concatenates,
}

func (b *binary) at() int { return b.pos }

func (b *binary) eval(m *machine) error {
	base := len(m.stack)
	if err := b.left.eval(m); err != nil {
		return err
	}
	mid := len(m.stack)
	if err := b.right.eval(m); err != nil {
		return err
	}
	if err := m.charge(1, b.pos); err != nil {
		return err
	}
	return b.apply(m, b, base, mid)
}

// singles are the operands as single items; ok is false if one of them is empty.
func (m *machine) singles(b *binary, base, mid int) (left, right Node, ok bool, err error) {
	if mid-base > 1 || len(m.stack)-mid > 1 {
		return Node{}, Node{}, false, m.fail(b.pos, "'"+b.op+"' takes single items, not collections")
	}
	if mid == base || len(m.stack) == mid {
		return Node{}, Node{}, false, nil
	}
	m.look(m.stack[base])
	m.look(m.stack[mid])
	return m.stack[base], m.stack[mid], true, nil
}

// logicExpr is and, or, xor, implies (http://hl7.org/fhirpath/N1/#boolean-logic). The right side is left alone where the
// left one decides.
type logicExpr struct {
	op          string
	left, right expr
	pos         int
}

func (e *logicExpr) at() int { return e.pos }

func (e *logicExpr) eval(m *machine) error {
	a, err := m.truth(e.left)
	if err != nil {
		return err
	}
	if t, decided := decides(e.op, a); decided {
		m.push(t.literal())
		return m.charge(1, e.pos)
	}
	b, err := m.truth(e.right)
	if err != nil {
		return err
	}
	m.push(combine(e.op, a, b).literal())
	return m.charge(1, e.pos)
}

func decides(op string, a truth) (truth, bool) {
	switch {
	case op == "and" && a == no:
		return no, true
	case op == "or" && a == yes, op == "implies" && a == no:
		return yes, true
	}
	return empty, false
}

func combine(op string, a, b truth) truth {
	switch op {
	case "and":
		return not(either(not(a), not(b)))
	case "or":
		return either(a, b)
	case "implies":
		return either(not(a), b)
	}
	if a == empty || b == empty {
		return empty
	}
	return truthFor(a != b)
}

func not(a truth) truth {
	if a == empty {
		return empty
	}
	return truthFor(a == no)
}

func either(a, b truth) truth {
	switch {
	case a == yes || b == yes:
		return yes
	case a == empty || b == empty:
		return empty
	}
	return no
}

// signExpr is unary plus and minus.
type signExpr struct {
	operand expr
	minus   bool
	pos     int
}

func (e *signExpr) at() int { return e.pos }

func (e *signExpr) eval(m *machine) error {
	base := len(m.stack)
	n, ok, err := m.one(e.operand)
	if err != nil || !ok {
		return err
	}
	l := n.literal()
	if n.blank() {
		return m.give(base, nil)
	}
	if q, isQuantity := l.(quantity); !isQuantity && numberOf(l) == nil {
		return m.fail(e.pos, "a sign takes a number or quantity")
	} else if isQuantity && e.minus {
		q.value = negated(q.value)
		return m.give(base, q)
	}
	if e.minus {
		l = negatedNumber(l)
	}
	return m.give(base, l)
}
