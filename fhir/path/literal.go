package path

// constant is a literal; of {} it holds nothing.
type constant struct {
	nodes []Node
	pos   int
}

func literalExpr(l literal, pos int) *constant { return &constant{[]Node{{sys: l}}, pos} }

func (c *constant) at() int { return c.pos }
func (c *constant) eval(m *machine) error {
	m.stack = append(m.stack, c.nodes...)
	return m.charge(1, c.pos)
}

// literal reads a string, number, quantity, date, dateTime or time.
func (p *parser) literal(t token) (expr, error) {
	l, err := p.literalOf(t)
	if err != nil {
		return nil, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if t.kind == tokNumber {
		return p.quantity(l, t)
	}
	return literalExpr(l, t.pos), nil
}

func (p *parser) literalOf(t token) (literal, error) {
	switch t.kind {
	case tokText:
		return str(t.text), nil
	case tokNumber:
		return p.numberOf(t)
	}
	l, ok := parseTemporal(t.text, map[tokenKind]kind{tokDate: kDate, tokDateTime: kDateTime, tokTime: kTime}[t.kind])
	if !ok {
		return nil, p.fail("not a date or time")
	}
	return l, nil
}

// numberOf reads an Integer, or a Decimal if there is a point. 2147483648 is let through for the sake of its negative.
func (p *parser) numberOf(t token) (literal, error) {
	d, ok := parseDecimal(t.text)
	if !ok {
		return nil, p.fail("this number has too many digits")
	}
	if d.Exponent < 0 {
		return decimal{d}, nil
	}
	i, err := d.Int64()
	if err != nil || i > maxInt+1 {
		return nil, p.fail("an Integer has at most 32 bits; write .0 behind it for a Decimal")
	}
	return integer(i), nil
}

// quantity takes a unit that follows a number.
func (p *parser) quantity(l literal, t token) (expr, error) {
	u := p.tok
	if u.kind != tokText && (u.kind != tokWord || calendarWord(u.text) == noCalendar) {
		return literalExpr(l, t.pos), nil
	}
	return literalExpr(newQuantity(numberOf(l), u.text, u.kind == tokWord), t.pos), p.advance()
}
