package path

import (
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// converts is a toX() function (http://hl7.org/fhirpath/N1/#conversion); the conversion gives nil where there is none.
func converts(to func(literal) literal) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		n, ok, err := c.single(m, base)
		if err != nil || !ok {
			return err
		}
		return m.give(base, convert(to, n))
	}
}

// canConvert is a convertsToX() function.
func canConvert(to func(literal) literal) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		n, ok, err := c.single(m, base)
		if err != nil || !ok {
			return err
		}
		return m.give(base, boolean(convert(to, n) != nil))
	}
}

func convert(to func(literal) literal, n Node) literal {
	l := n.literal()
	if l == nil {
		return nil
	}
	return to(l)
}

func toBoolean(l literal) literal {
	if d := numberOf(l); d != nil {
		return truthOfNumber(d)
	}
	switch l := l.(type) {
	case boolean:
		return l
	case str:
		switch strings.ToLower(string(l)) {
		case "true", "t", "yes", "y", "1", "1.0":
			return boolean(true)
		case "false", "f", "no", "n", "0", "0.0":
			return boolean(false)
		}
	}
	return nil
}

func truthOfNumber(d *apd.Decimal) literal {
	switch {
	case d.IsZero():
		return boolean(false)
	case d.Cmp(fromInt(1)) == 0:
		return boolean(true)
	}
	return nil
}

func toInteger(l literal) literal {
	switch l := l.(type) {
	case integer:
		return l
	case boolean:
		return integer(boolInt(bool(l)))
	case str:
		if plainNumber(string(l), false) {
			return integerOrNil(string(l))
		}
	}
	return nil
}

func toDecimal(l literal) literal {
	switch l := l.(type) {
	case integer:
		return decimal{fromInt(int64(l))}
	case decimal:
		return l
	case boolean:
		return decimal{apd.New(int64(boolInt(bool(l)))*10, -1)}
	case str:
		if plainNumber(string(l), true) {
			return decimalOrNil(string(l))
		}
	}
	return nil
}

// plainNumber is [+-]digits[.digits], the point only where it is allowed.
func plainNumber(s string, point bool) bool {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	whole, fraction, dot := strings.Cut(s, ".")
	if dot && (!point || fraction == "") {
		return false
	}
	return whole != "" && strings.Trim(whole, "0123456789") == "" && strings.Trim(fraction, "0123456789") == ""
}

func toText(l literal) literal { return str(l.text()) }

func toDate(l literal) literal {
	switch l := l.(type) {
	case temporal:
		if l.k == kTime {
			return nil
		}
		return l.onlyDate()
	case str:
		if t, ok := parseTemporal(string(l), kDateTime); ok {
			return t.onlyDate()
		}
	}
	return nil
}

func (t temporal) onlyDate() temporal {
	return temporal{k: kDate, prec: min(t.prec, toDay), year: t.year, month: t.month, day: t.day}
}

func toDateTime(l literal) literal {
	switch l := l.(type) {
	case temporal:
		if l.k == kTime {
			return nil
		}
		l.k = kDateTime
		return l
	case str:
		return temporalOrNil(string(l), kDateTime)
	}
	return nil
}

func toTime(l literal) literal {
	switch l := l.(type) {
	case temporal:
		if l.k == kTime {
			return l
		}
	case str:
		return temporalOrNil(strings.TrimPrefix(string(l), "T"), kTime)
	}
	return nil
}

// quantityIn is toQuantity() and convertsToQuantity(), both with an optional unit to convert to.
func quantityIn(asks bool) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		n, ok, err := c.single(m, base)
		if err != nil || !ok {
			return err
		}
		out := convert(toQuantity, n)
		if len(c.args) == 1 {
			unit, _, err := m.text(c.args[0])
			if err != nil {
				return err
			}
			out = inUnit(out, unit)
		}
		if asks {
			return m.give(base, boolean(out != nil))
		}
		return m.give(base, out)
	}
}

func inUnit(l literal, unit string) literal {
	q, ok := l.(quantity)
	if !ok {
		return nil
	}
	like := newQuantity(nil, unit, calendarWord(unit) != noCalendar)
	if like.value = converted(q, like); like.value == nil {
		return nil
	}
	return like
}

func toQuantity(l literal) literal {
	switch l := l.(type) {
	case quantity:
		return l
	case boolean:
		return quantity{value: apd.New(int64(boolInt(bool(l)))*10, -1), unit: "1"}
	case str:
		return parseQuantity(string(l))
	}
	if q, ok := asQuantity(l); ok {
		return q
	}
	return nil
}

// parseQuantity reads a number, and behind it a unit in quotes or a calendar duration.
func parseQuantity(s string) literal {
	end := strings.IndexFunc(s, func(r rune) bool { return !strings.ContainsRune("+-.0123456789", r) })
	if end < 0 {
		end = len(s)
	}
	if !plainNumber(s[:end], true) {
		return nil
	}
	value, ok := parseDecimal(s[:end])
	unit := strings.TrimLeft(s[end:], " \t\r\n")
	switch {
	case !ok:
		return nil
	case s[end:] == "":
		return quantity{value: value, unit: "1"}
	case len(unit) > 2 && unit[0] == '\'' && strings.IndexByte(unit[1:], '\'') == len(unit)-2:
		return newQuantity(value, unit[1:len(unit)-1], false)
	case calendarWord(unit) != noCalendar:
		return newQuantity(value, unit, true)
	}
	return nil
}
