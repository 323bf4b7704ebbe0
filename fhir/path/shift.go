package path

import (
	"time"

	"github.com/cockroachdb/apd/v3"
)

// shift adds a duration to a date or time, or takes it off (http://hl7.org/fhirpath/N1/#datetime-arithmetic). What is finer
// than the value's precision counts by whole units of it. fits is false if q is no calendar duration, nor the definite one
// of a week or less that is the same; the result is nil beyond the years 1 to 9999.
func shift(t temporal, q quantity, back bool) (out literal, fits bool) {
	unit := q.cal
	if unit == noCalendar {
		if unit = calendarOf(q.unit); unit == years || unit == months {
			return nil, false
		}
	}
	if unit == noCalendar || t.k == kTime && unit < hours {
		return nil, false
	}
	value := q.value
	if back {
		value = negated(value)
	}
	return t.move(unit, value), true
}

// move adds that many units.
func (t temporal) move(unit calendar, value *apd.Decimal) literal {
	whole, ok := integerOf(roundTo(value, 0, apd.RoundDown)).(integer)
	if !ok {
		return nil
	}
	n, exact := int(whole), time.Duration(0)
	if unit == seconds || unit == millis {
		exact = exactly(value, unit)
	}
	for unit > t.finest() {
		n, unit = n/perCoarser(t, unit), coarser(t, unit)
		exact = 0
	}
	at, ok := t.moved(unit, n, exact)
	if !ok {
		return nil
	}
	return at
}

// exactly is a number of seconds or milliseconds with its fraction.
func exactly(value *apd.Decimal, unit calendar) time.Duration {
	shiftBy := int32(9)
	if unit == millis {
		shiftBy = 6
	}
	scaled := *value
	scaled.Exponent += shiftBy
	n, err := roundTo(&scaled, 0, apd.RoundDown).Int64()
	if err != nil {
		return 0
	}
	return time.Duration(n)
}

// finest is the smallest unit that the precision of t can hold.
func (t temporal) finest() calendar {
	switch t.prec {
	case toYear:
		return years
	case toMonth:
		return months
	case toDay:
		return days
	case toHour:
		return hours
	case toMinute:
		return minutes
	}
	return millis
}

// coarser is the next unit up that leads to the precision of t.
func coarser(t temporal, unit calendar) calendar {
	switch unit {
	case months, weeks:
		if unit == weeks && t.prec == toMonth {
			return months
		}
		return years
	case days:
		if t.prec == toYear {
			return years
		}
		return months
	}
	return unit - 1
}

// perCoarser is how many of the unit make one coarser one: 365 days a year, 30 days a month.
func perCoarser(t temporal, unit calendar) int {
	switch unit {
	case millis:
		return 1000
	case seconds, minutes:
		return 60
	case hours:
		return 24
	case days:
		if t.prec == toYear {
			return 365
		}
		return 30
	case weeks:
		if t.prec == toYear {
			return 52
		}
		return 4
	}
	return 12
}

func (t temporal) moved(unit calendar, n int, exact time.Duration) (temporal, bool) {
	switch unit {
	case years:
		return t.addMonths(12 * n)
	case months:
		return t.addMonths(n)
	case weeks:
		n *= 7
		fallthrough
	case days:
		return t.withTime(t.time().AddDate(0, 0, n))
	case seconds, millis:
		return t.addClock(exact, 1)
	}
	return t.addClock(time.Duration(n), map[calendar]time.Duration{hours: time.Hour, minutes: time.Minute}[unit])
}

// addClock moves the clock; a Time goes round at midnight.
func (t temporal) addClock(n, unit time.Duration) (temporal, bool) {
	if t.k == kTime {
		n %= 24 * time.Hour / unit
	}
	d := n * unit
	if unit != 0 && d/unit != n {
		return t, false
	}
	out, ok := t.withTime(t.time().Add(d))
	if t.k == kTime {
		out.year, out.month, out.day, ok = t.year, t.month, t.day, true
	}
	if out.nanos != t.nanos {
		out.prec, out.digits = toMilli, max(out.digits, 3)
	}
	return out, ok
}

// addMonths moves the month and stays at its last day where it is too short.
func (t temporal) addMonths(n int) (temporal, bool) {
	total := t.year*12 + t.month - 1 + n
	if total < 12 || total >= 10000*12 {
		return t, false
	}
	t.year, t.month = total/12, total%12+1
	t.day = min(t.day, daysIn(t.year, t.month))
	return t, true
}
