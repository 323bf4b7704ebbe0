package path

import "strings"

// compares is <, <=, > and >= (http://hl7.org/fhirpath/N1/#comparison).
func compares(m *machine, b *binary, base, mid int) error {
	x, y, ok, err := m.singles(b, base, mid)
	if err != nil || !ok {
		m.stack = m.stack[:base]
		return err
	}
	p, q := x.literal(), y.literal()
	m.weigh(p, q)
	order, known, fits := orderOf(p, q)
	if !fits && !x.blank() && !y.blank() {
		return m.fail(b.pos, "'"+b.op+"' cannot compare "+x.describe()+" with "+y.describe())
	}
	if !known {
		return m.give(base, nil)
	}
	return m.give(base, boolean(holds(b.op, order)))
}

func holds(op string, order int) bool {
	switch op {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

// blank says whether n is a primitive without a value, or with one that has not the form of its type.
func (n Node) blank() bool { return n.primitive() && n.literal() == nil }

// describe names the type of a node for a message.
func (n Node) describe() string {
	if t := n.Type(); t != "" {
		return t
	}
	return "an element of unknown type"
}

// orderOf orders two values; fits is false if they are of kinds that have no common order.
func orderOf(a, b literal) (order int, known, fits bool) {
	if x, y := numberOf(a), numberOf(b); x != nil && y != nil {
		return x.Cmp(y), true, true
	}
	if x, ok := a.(str); ok {
		y, ok := b.(str)
		return strings.Compare(string(x), string(y)), true, ok
	}
	if x, ok := a.(temporal); ok {
		y, ok := b.(temporal)
		if !ok || (x.k == kTime) != (y.k == kTime) {
			return 0, false, false
		}
		order, known = compareTemporal(x, y)
		return order, known, true
	}
	x, ok1 := asQuantity(a)
	y, ok2 := asQuantity(b)
	if !ok1 || !ok2 {
		return 0, false, false
	}
	order, how := compareQuantity(x, y)
	return order, how == compared, true
}
