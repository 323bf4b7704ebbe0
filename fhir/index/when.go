package index

import (
	"math"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
)

func emitDate(e *emitter, _ *param, n path.Node) {
	lo, hi, ok := covers(n)
	if !ok {
		return
	}
	for _, k := range e.keys {
		e.rows.Date = append(e.rows.Date, DateRow{k, lo, hi})
	}
}

// covers is the interval of a date, dateTime, instant, Period or Timing.
func covers(n path.Node) (lo, hi int64, ok bool) {
	switch v := n.Value(); shapeOf(n) {
	case moment:
		return ofDate(v)
	case period:
		return ofPeriod(v)
	case timing:
		return ofTiming(v)
	}
	return 0, 0, false
}

func ofDate(v fhir.Value) (lo, hi int64, ok bool) {
	lo, hi, err := ParseDate(v.Str())
	return lo, hi, err == nil
}

// ofPeriod is open where there is no start or end; with neither it is no period.
func ofPeriod(v fhir.Value) (lo, hi int64, ok bool) {
	lo, _, hasStart := ofDate(v.Get("start"))
	_, hi, hasEnd := ofDate(v.Get("end"))
	if !hasStart {
		lo = math.MinInt64
	}
	if !hasEnd {
		hi = math.MaxInt64
	}
	return lo, hi, (hasStart || hasEnd) && lo <= hi
}

// ofTiming reaches from the first event to the last, and over the bounds of the repetition
// (https://hl7.org/fhir/R4/search.html#date).
func ofTiming(v fhir.Value) (lo, hi int64, ok bool) {
	lo, hi, ok = ofPeriod(v.Get("repeat").Get("boundsPeriod"))
	for event := range v.Get("event").Items() {
		from, to, valid := ofDate(event)
		if !valid {
			continue
		}
		if !ok {
			lo, hi, ok = from, to, true
		}
		lo, hi = min(lo, from), max(hi, to)
	}
	return lo, hi, ok
}
