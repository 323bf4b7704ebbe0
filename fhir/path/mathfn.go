package path

import "github.com/cockroachdb/apd/v3"

// numeric is a function of a number (http://hl7.org/fhirpath/N1/#math); a nil result is none.
func numeric(f func(literal) literal) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		l, ok, err := c.number(m, base)
		if err != nil || !ok {
			return err
		}
		return m.give(base, f(l))
	}
}

// number is the input as a single number or quantity.
func (c *call) number(m *machine, base int) (l literal, ok bool, err error) {
	n, ok, err := c.single(m, base)
	if err != nil || !ok {
		return nil, false, err
	}
	l = n.literal()
	if _, fits := asQuantity(l); !fits {
		if n.blank() {
			return nil, false, m.give(base, nil)
		}
		return nil, false, c.fail(m, "takes a number, not "+n.describe())
	}
	return l, true, nil
}

// numericWith is a function of a number with one more as its argument.
func numericWith(f func(x, y literal) literal) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		l, ok, err := c.number(m, base)
		if err != nil {
			return err
		}
		n, there, err := m.one(c.args[0])
		if err != nil {
			return err
		}
		if !ok || !there {
			return m.give(base, nil)
		}
		y := n.literal()
		if numberOf(l) == nil || numberOf(y) == nil {
			return c.fail(m, "takes numbers")
		}
		return m.give(base, f(l, y))
	}
}

// onValue applies f to a number, or to the value of a quantity.
func onValue(l literal, f func(*apd.Decimal) *apd.Decimal) literal {
	if q, ok := l.(quantity); ok {
		if q.value = f(q.value); q.value == nil {
			return nil
		}
		return q
	}
	d := f(numberOf(l))
	switch {
	case d == nil:
		return nil
	case l.kind() == kInteger:
		return integerOf(d)
	}
	return decimal{d}
}

func abs(l literal) literal {
	return onValue(l, func(d *apd.Decimal) *apd.Decimal { return new(apd.Decimal).Abs(d) })
}

// rounding gives an Integer, of a quantity a quantity.
func rounding(l literal, how apd.Rounder) literal {
	if d := numberOf(l); d != nil {
		return integerOf(roundTo(d, 0, how))
	}
	return onValue(l, func(d *apd.Decimal) *apd.Decimal { return roundTo(d, 0, how) })
}

func ceiling(l literal) literal  { return rounding(l, apd.RoundCeiling) }
func floor(l literal) literal    { return rounding(l, apd.RoundFloor) }
func truncate(l literal) literal { return rounding(l, apd.RoundDown) }

// computed runs one of apd's functions with some digits more and rounds to 28, so that a result that should be exact is.
func computed(f func(c *apd.Context, out *apd.Decimal) error) literal {
	c := arithmetic
	var raw, out apd.Decimal
	if err := f(&c, &raw); err != nil || raw.Form != apd.Finite {
		return nil
	}
	c.Precision = 28
	if _, err := c.Round(&out, &raw); err != nil {
		return nil
	}
	if out.Reduce(&out); out.Exponent > 0 {
		return decimal{roundTo(&out, 0, apd.RoundHalfUp)}
	}
	return decimal{&out}
}

// beyond says whether the size of d exceeds n: what exp() and power() give for such arguments is out of range, and
// refusing them keeps the functions quick.
func beyond(d *apd.Decimal, n int64) bool { return new(apd.Decimal).Abs(d).Cmp(fromInt(n)) > 0 }

func exponential(l literal) literal {
	d := numberOf(l)
	if d == nil || beyond(d, 1000) {
		return nil
	}
	return computed(func(c *apd.Context, out *apd.Decimal) error { _, err := c.Exp(out, d); return err })
}

func naturalLog(l literal) literal {
	d := numberOf(l)
	if d == nil || d.Sign() <= 0 {
		return nil
	}
	return computed(func(c *apd.Context, out *apd.Decimal) error { _, err := c.Ln(out, d); return err })
}

func squareRoot(l literal) literal {
	d := numberOf(l)
	if d == nil || d.Sign() < 0 {
		return nil
	}
	return computed(func(c *apd.Context, out *apd.Decimal) error { _, err := c.Sqrt(out, d); return err })
}

func logarithm(x, y literal) literal {
	d, b := numberOf(x), numberOf(y)
	if d.Sign() <= 0 || b.Sign() <= 0 {
		return nil
	}
	return computed(func(c *apd.Context, out *apd.Decimal) error {
		var n, m apd.Decimal
		if _, err := c.Ln(&n, d); err != nil {
			return err
		}
		if _, err := c.Ln(&m, b); err != nil {
			return err
		}
		_, err := c.Quo(out, &n, &m)
		return err
	})
}

// raised is power(); of integers it is an Integer where it can be one.
func raised(x, y literal) literal {
	d, e := numberOf(x), numberOf(y)
	if beyond(e, 20000) {
		return nil
	}
	out, ok := computed(func(c *apd.Context, out *apd.Decimal) error { _, err := c.Pow(out, d, e); return err }).(decimal)
	switch {
	case !ok:
		return nil
	case x.kind() == kInteger && y.kind() == kInteger && e.Sign() >= 0:
		return integerOf(out.d)
	}
	return out
}

// round rounds to a number of digits behind the point, halves away from zero.
func round(m *machine, c *call, base int) error {
	l, ok, err := c.number(m, base)
	if err != nil || !ok {
		return err
	}
	digits := int64(0)
	if len(c.args) == 1 {
		if digits, ok, err = m.integer(c.args[0]); err != nil {
			return err
		}
		if digits < 0 {
			return c.fail(m, "takes a number of digits that is not negative")
		}
	}
	if !ok {
		return m.give(base, nil)
	}
	return m.give(base, onValue(l, func(d *apd.Decimal) *apd.Decimal {
		if digits >= int64(-d.Exponent) {
			return d
		}
		return roundTo(d, int32(digits), apd.RoundHalfUp)
	}))
}
