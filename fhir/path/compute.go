package path

import (
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"github.com/ficushealth/ficus/fhir/ucum"
)

// computes is +, -, *, /, div and mod (http://hl7.org/fhirpath/N1/#math).
func computes(m *machine, b *binary, base, mid int) error {
	x, y, ok, err := m.singles(b, base, mid)
	if err != nil || !ok {
		m.stack = m.stack[:base]
		return err
	}
	p, q := x.literal(), y.literal()
	m.weigh(p, q)
	out, fits := compute(b.op, p, q)
	if !fits && !x.blank() && !y.blank() {
		return m.fail(b.pos, "'"+b.op+"' cannot take "+x.describe()+" and "+y.describe()+calendarHint(p, q))
	}
	if s, isText := out.(str); isText {
		return m.giveText(base, b.pos, string(s))
	}
	return m.give(base, out)
}

// calendarHint says what to write in place of the definite years and months of UCUM, which no date can be moved by
// (http://hl7.org/fhirpath/N1/#datetime-arithmetic).
func calendarHint(a, b literal) string {
	_, moved := a.(temporal)
	q, by := b.(quantity)
	if !moved || !by || q.cal != noCalendar {
		return ""
	}
	switch calendarOf(q.unit) {
	case years:
		return "; use the calendar duration, such as 1 year"
	case months:
		return "; use the calendar duration, such as 1 month"
	}
	return ""
}

// compute gives nil where the result has no value; fits is false if the operator has no meaning for the kinds.
func compute(op string, a, b literal) (out literal, fits bool) {
	if x, y := numberOf(a), numberOf(b); x != nil && y != nil {
		return computeNumber(op, a, b, x, y), true
	}
	if x, ok := a.(temporal); ok {
		q, ok := b.(quantity)
		if !ok || op != "+" && op != "-" {
			return nil, false
		}
		return shift(x, q, op == "-")
	}
	if x, ok := a.(str); ok {
		y, ok := b.(str)
		return x + y, ok && op == "+"
	}
	x, ok1 := asQuantity(a)
	y, ok2 := asQuantity(b)
	if !ok1 || !ok2 {
		return nil, false
	}
	return computeQuantity(op, x, y)
}

func computeNumber(op string, a, b literal, x, y *apd.Decimal) literal {
	var out apd.Decimal
	var err error
	switch op {
	case "+":
		_, err = arithmetic.Add(&out, x, y)
	case "-":
		_, err = arithmetic.Sub(&out, x, y)
	case "*":
		_, err = arithmetic.Mul(&out, x, y)
	case "/":
		return quotient(x, y)
	case "div":
		if _, err = arithmetic.QuoInteger(&out, x, y); err != nil {
			return nil
		}
		return integerOf(&out)
	case "mod":
		_, err = arithmetic.Rem(&out, x, y)
	}
	if err != nil {
		return nil
	}
	if a.kind() == kInteger && b.kind() == kInteger {
		return integerOf(&out)
	}
	return decimal{&out}
}

func quotient(x, y *apd.Decimal) literal {
	var out apd.Decimal
	if _, err := arithmetic.Quo(&out, x, y); err != nil {
		return nil
	}
	if out.Reduce(&out); out.Exponent > 0 {
		return decimal{roundTo(&out, 0, apd.RoundHalfUp)}
	}
	return decimal{&out}
}

func negated(d *apd.Decimal) *apd.Decimal { return new(apd.Decimal).Neg(d) }

func negatedNumber(l literal) literal {
	if i, ok := l.(integer); ok {
		return integer(-i)
	}
	return decimal{negated(numberOf(l))}
}

func computeQuantity(op string, x, y quantity) (literal, bool) {
	switch op {
	case "+", "-":
		return addQuantity(x, y, op == "-"), true
	case "*", "/":
		return scaleQuantity(x, y, op == "/"), true
	}
	return nil, false
}

// addQuantity gives the sum in the unit of x; nil if the units do not fit.
func addQuantity(x, y quantity, minus bool) literal {
	v := y.value
	if x.unit != y.unit {
		if v = converted(y, x); v == nil {
			return nil
		}
	}
	if minus {
		v = negated(v)
	}
	var out apd.Decimal
	if _, err := arithmetic.Add(&out, x.value, v); err != nil {
		return nil
	}
	x.value = &out
	return x
}

// converted is the value of q in the unit of like, nil if there is none.
func converted(q, like quantity) *apd.Decimal {
	if q.calendarMonths() != like.calendarMonths() {
		return nil
	}
	r, err := ucum.Convert(ratOf(q.value), q.ucum().unit, like.ucum().unit)
	if q.calendarMonths() {
		r, err = q.inMonths(), nil
		if like.cal == years {
			r.Quo(r, big.NewRat(12, 1))
		}
	}
	if err != nil {
		return nil
	}
	return decimalOf(r)
}

// scaleQuantity multiplies or divides; the result has the unit of the only operand with one, else base units.
func scaleQuantity(x, y quantity, divide bool) literal {
	if y.unit == "1" {
		return withValue(x, x.value, y.value, divide)
	}
	if x.unit == "1" && !divide {
		return withValue(y, x.value, y.value, false)
	}
	u, err1 := ucum.Parse(x.ucum().unit)
	w, err2 := ucum.Parse(y.ucum().unit)
	if err1 != nil || err2 != nil {
		return nil
	}
	unit := u.Mul(w)
	if divide {
		unit = u.Div(w)
	}
	a, b := decimalOf(u.ToBase(ratOf(x.value))), decimalOf(w.ToBase(ratOf(y.value)))
	if a == nil || b == nil {
		return nil
	}
	return withValue(quantity{unit: unit.Canonical()}, a, b, divide)
}

func withValue(q quantity, a, b *apd.Decimal, divide bool) literal {
	op := "*"
	if divide {
		op = "/"
	}
	out, ok := computeNumber(op, decimal{a}, decimal{b}, a, b).(decimal)
	if !ok {
		return nil
	}
	q.value = out.d
	return q
}

const maxText = 1 << 20 // bytes of a computed string

// giveText makes a computed string the result, if it is not too long.
func (m *machine) giveText(base, pos int, s string) error {
	if len(s) > maxText {
		m.left = 0
	}
	if err := m.charge(1+len(s)/32, pos); err != nil {
		return err
	}
	return m.give(base, str(s))
}

// concatenates is &, for which nothing is the empty string.
func concatenates(m *machine, b *binary, base, mid int) error {
	if mid-base > 1 || len(m.stack)-mid > 1 {
		return m.fail(b.pos, "'&' takes single items, not collections")
	}
	s := ""
	for _, n := range m.stack[base:] {
		if n.kind() != kString {
			return m.fail(b.pos, "'&' takes strings, not "+n.describe())
		}
		s += n.Str()
	}
	return m.giveText(base, b.pos, s)
}
