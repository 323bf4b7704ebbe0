package path

import "github.com/cockroachdb/apd/v3"

// side is the lower or the upper end of what a value may stand for.
type side bool

const (
	lowest  side = false
	highest side = true
)

const maxPlaces = 31 // digits behind the point that a boundary may have

// boundary is lowBoundary() and highBoundary(), which the editions after N1 define: the least and the greatest value that
// what was written may stand for, to a precision.
func boundary(s side) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		n, ok, err := c.single(m, base)
		if err != nil || !ok {
			return err
		}
		places, given := int64(0), false
		if len(c.args) == 1 {
			if places, given, err = m.integer(c.args[0]); err != nil {
				return err
			}
		}
		out, fits := boundaryOf(n.literal(), s, places, given)
		if !fits {
			return c.fail(m, "takes a Decimal, Date, DateTime, Time or Quantity, not "+n.describe())
		}
		return m.give(base, out)
	}
}

func boundaryOf(l literal, s side, places int64, given bool) (out literal, fits bool) {
	switch l := l.(type) {
	case temporal:
		return l.boundary(s, places, given), true
	case quantity:
		d, ok := decimalBoundary(l.value, s, places, given).(decimal)
		if !ok {
			return nil, true
		}
		l.value = d.d
		return l, true
	}
	if d := numberOf(l); d != nil {
		return decimalBoundary(d, s, places, given), true
	}
	return nil, l == nil
}

// decimalBoundary moves by half a unit of the last digit. Cut to fewer digits, the end away from zero is rounded and the
// one towards it truncated, as the official tests have it.
func decimalBoundary(d *apd.Decimal, s side, places int64, given bool) literal {
	if !given {
		places = 8
	}
	if places < 0 || places > maxPlaces {
		return nil
	}
	outward := (s == highest) != d.Negative
	half, size := apd.New(5, d.Exponent-1), new(apd.Decimal).Abs(d)
	how := apd.RoundHalfUp
	if !outward && !d.IsZero() {
		half, how = half.Neg(half), apd.RoundDown
	}
	var end apd.Decimal
	if _, err := arithmetic.Add(&end, size, half); err != nil {
		return nil
	}
	out := roundTo(&end, int32(places), how)
	if d.Negative || d.IsZero() && s == lowest {
		out = negated(out)
	}
	return decimal{out}
}

// boundary fills what is not written with its first or last value. A clock without a zone may be at +14:00 or -12:00. An
// hour without minutes, which FHIR does not write, counts as minute 0.
func (t temporal) boundary(s side, places int64, given bool) literal {
	p, ok := t.fullPrecision(), true
	if given {
		p, ok = t.precisionOf(places)
	}
	if !ok {
		return nil
	}
	if t.k == kDateTime && t.prec == toHour {
		t.prec = toMinute
	}
	if s == highest {
		t = t.filled()
	}
	if p > toDay && t.k == kDateTime && !t.zoned {
		t.zoned, t.zone = true, 14*60
		if s == highest {
			t.zone = -12 * 60
		}
	}
	t.digits = 3
	t.prec = p
	return t
}

func (t temporal) fullPrecision() precision {
	if t.k == kDate {
		return toDay
	}
	return toMilli
}

// precisionOf is the precision of that many digits; of a Time, the date's eight are not counted.
func (t temporal) precisionOf(places int64) (precision, bool) {
	if t.k == kTime {
		places += int64(toDay)
	}
	switch p := precision(places); p {
	case toYear, toMonth, toDay:
		return p, t.k != kTime
	case toHour, toMinute, toSecond, toMilli:
		return p, t.k != kDate && places <= int64(toMilli)
	}
	return 0, false
}

// filled has the last value in everything beyond its precision.
func (t temporal) filled() temporal {
	if t.prec < toMonth {
		t.month = 12
	}
	if t.prec < toDay {
		t.day = daysIn(t.year, t.month)
	}
	if t.prec < toHour {
		t.hour = 23
	}
	if t.prec < toMinute {
		t.minute = 59
	}
	if t.prec < toSecond {
		t.seconds = 59
	}
	if t.prec < toMilli {
		t.nanos = 999_000_000
	}
	return t
}

// precisionOf is precision(): digits behind the point of a number, all digits of a date or time.
func precisionOf(m *machine, c *call, base int) error {
	n, ok, err := c.single(m, base)
	if err != nil || !ok {
		return err
	}
	switch l := n.literal().(type) {
	case temporal:
		if l.k == kTime {
			l.prec -= toDay
		}
		return m.give(base, integer(l.prec))
	case quantity:
		return m.give(base, integer(max(0, -l.value.Exponent)))
	case integer, decimal:
		return m.give(base, integer(max(0, -numberOf(l).Exponent)))
	}
	return c.fail(m, "takes a Decimal, Date, DateTime or Time, not "+n.describe())
}

// comparable says whether two quantities measure the same.
func comparable(m *machine, c *call, base int) error {
	x, ok, err := c.number(m, base)
	if err != nil {
		return err
	}
	n, there, err := m.one(c.args[0])
	if err != nil || !ok || !there {
		m.stack = m.stack[:base]
		return err
	}
	a, _ := asQuantity(x)
	b, fits := asQuantity(n.literal())
	if !fits {
		return c.fail(m, "compares with a Quantity, not "+n.describe())
	}
	_, how := compareQuantity(a, b)
	return m.give(base, boolean(how == compared))
}
