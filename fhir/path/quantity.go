package path

import (
	"cmp"
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/ucum"
)

const ucumSystem = "http://unitsofmeasure.org"

// quantity is a System.Quantity. Its unit is a UCUM code or a calendar duration.
type quantity struct {
	value *apd.Decimal
	unit  string   // as written: 'mg', days
	cal   calendar // what unit says of the calendar
	word  bool     // unit was written without quotes
}

func (quantity) kind() kind { return kQuantity }

func (q quantity) text() string {
	if q.word {
		return q.value.Text('f') + " " + q.unit
	}
	return q.value.Text('f') + " '" + q.unit + "'"
}

// object is the FHIR Quantity that q converts to.
func (q quantity) object() *fhir.Obj {
	return fhir.NewObject().Set("value", fhir.Num(q.value.Text('f'))).Set("unit", q.unit).
		Set("system", ucumSystem).Set("code", q.ucum().unit)
}

// calendar is a calendar duration (http://hl7.org/fhirpath/N1/#time-valued-quantities).
type calendar uint8

const (
	noCalendar calendar = iota
	years
	months
	weeks
	days
	hours
	minutes
	seconds
	millis
)

// calendarWord reads "year" or "years".
func calendarWord(s string) calendar {
	switch s {
	case "year", "years":
		return years
	case "month", "months":
		return months
	case "week", "weeks":
		return weeks
	case "day", "days":
		return days
	case "hour", "hours":
		return hours
	case "minute", "minutes":
		return minutes
	case "second", "seconds":
		return seconds
	case "millisecond", "milliseconds":
		return millis
	}
	return noCalendar
}

// definite is the UCUM code of the nearest definite duration.
func (c calendar) definite() string {
	return [...]string{"", "a", "mo", "wk", "d", "h", "min", "s", "ms"}[c]
}

func calendarOf(code string) calendar {
	for c := years; c <= millis; c++ {
		if c.definite() == code {
			return c
		}
	}
	return noCalendar
}

func newQuantity(value *apd.Decimal, unit string, word bool) quantity {
	return quantity{value, unit, calendarWord(unit), word}
}

// quantityOf converts a FHIR Quantity (https://hl7.org/fhir/R4/fhirpath.html#quantity); nil if it has no value, or a
// comparator.
func quantityOf(v fhir.Value) literal {
	d, ok := parseDecimal(v.Get("value").Str())
	if !ok || v.Get("comparator").Exists() {
		return nil
	}
	code := v.Get("code").Str()
	if v.Get("system").Str() == ucumSystem && code != "" {
		return quantity{value: d, unit: code, cal: calendarOf(code)}
	}
	if code == "" {
		code = v.Get("unit").Str()
	}
	if code == "" {
		code = "1"
	}
	return quantity{value: d, unit: code}
}

// asQuantity is a number or quantity as a quantity.
func asQuantity(l literal) (quantity, bool) {
	if q, ok := l.(quantity); ok {
		return q, true
	}
	if d := numberOf(l); d != nil {
		return quantity{value: d, unit: "1"}, true
	}
	return quantity{}, false
}

// ucum is q with a definite duration in place of a calendar one.
func (q quantity) ucum() quantity {
	if q.cal != noCalendar {
		q.unit, q.cal, q.word = q.cal.definite(), noCalendar, false
	}
	return q
}

// relation says how two quantities stand to each other.
type relation uint8

const (
	compared  relation = iota
	different          // the units do not measure the same
	unknown            // a unit is not UCUM, or a calendar duration has no definite length
)

// compareQuantity orders two quantities.
func compareQuantity(a, b quantity) (int, relation) {
	if a.unit == b.unit {
		return a.value.Cmp(b.value), compared
	}
	if a.calendarMonths() || b.calendarMonths() {
		return compareMonths(a, b)
	}
	return compareUCUM(a.ucum(), b.ucum())
}

// calendarMonths says whether the length of q depends on where in the calendar it lies.
func (q quantity) calendarMonths() bool { return q.cal == years || q.cal == months }

func compareMonths(a, b quantity) (int, relation) {
	if !a.calendarMonths() || !b.calendarMonths() {
		return 0, unknown
	}
	return a.inMonths().Cmp(b.inMonths()), compared
}

func (q quantity) inMonths() *big.Rat {
	r := ratOf(q.value)
	if q.cal == years {
		r.Mul(r, big.NewRat(12, 1))
	}
	return r
}

func compareUCUM(a, b quantity) (int, relation) {
	u, err1 := ucum.Parse(a.unit)
	w, err2 := ucum.Parse(b.unit)
	switch {
	case a.unit == b.unit:
		return a.value.Cmp(b.value), compared
	case err1 != nil || err2 != nil:
		return 0, unknown
	case !u.Comparable(w):
		return 0, different
	}
	return u.ToBase(ratOf(a.value)).Cmp(w.ToBase(ratOf(b.value))), compared
}

// equivalentQuantity compares in the unit of the coarser one, rounded to its precision
// (http://hl7.org/fhirpath/N1/#quantity-equivalence).
func equivalentQuantity(a, b quantity) bool {
	a, b = a.ucum(), b.ucum()
	if a.unit == b.unit {
		return equivalentNumber(a.value, b.value)
	}
	u, err1 := ucum.Parse(a.unit)
	w, err2 := ucum.Parse(b.unit)
	if err1 != nil || err2 != nil || !u.Comparable(w) {
		return false
	}
	if granule(u, a.value).Cmp(granule(w, b.value)) < 0 {
		a, b, u, w = b, a, w, u
	}
	in := decimalOf(u.FromBase(w.ToBase(ratOf(b.value))))
	return in != nil && roundTo(in, places(a.value), apd.RoundHalfUp).Cmp(a.value) == 0
}

// granule is the size of the last digit of a value, in base units.
func granule(u ucum.Unit, v *apd.Decimal) *big.Rat {
	zero, last := u.ToBase(new(big.Rat)), u.ToBase(ratOf(apd.New(1, -places(v))))
	return last.Sub(last, zero).Abs(last)
}

func equivalentNumber(a, b *apd.Decimal) bool {
	n := min(places(a), places(b))
	return cmp.Compare(roundTo(a, n, apd.RoundHalfUp).Cmp(roundTo(b, n, apd.RoundHalfUp)), 0) == 0
}
