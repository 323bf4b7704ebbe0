package index

import (
	"math"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
)

// amount is a number or quantity as an interval with its unit.
type amount struct {
	lo, hi             float64
	code, system, unit string
}

func emitNumber(e *emitter, _ *param, n path.Node) {
	if a, ok := amountOf(n); ok {
		e.measure(a)
	}
}

// UCUM is the system of the units that can be converted (https://ucum.org).
const UCUM = "http://unitsofmeasure.org"

// measure adds an amount; one more row lets the unit be found as people write it.
func (e *emitter) measure(a amount) {
	code, system := e.h.Unit(a.code), e.h.Unit(a.system)
	if a.code == "" {
		code = e.h.Unit(a.unit)
	}
	e.addNumber(NumberRow{Lo: a.lo, Hi: a.hi, Code: code, System: system})
	if a.system == UCUM && a.code != "" {
		e.rows.Units = append(e.rows.Units, a.code)
	}
	if a.code != "" && a.unit != "" && a.unit != a.code {
		e.addNumber(NumberRow{Lo: a.lo, Hi: a.hi, Code: e.h.Unit(a.unit)})
	}
}

func (e *emitter) addNumber(r NumberRow) {
	for _, k := range e.keys {
		r.Hash = k
		e.rows.Number = append(e.rows.Number, r)
	}
}

func amountOf(n path.Node) (amount, bool) {
	switch v := n.Value(); shapeOf(n) {
	case number:
		f, ok := float(v)
		return amount{lo: f, hi: f}, ok
	case quantity:
		return ofQuantity(v)
	case money:
		f, ok := float(v.Get("value"))
		a := amount{lo: f, hi: f, code: v.Get("currency").Str()}
		if a.code != "" {
			a.system = Currencies
		}
		return a, ok
	case rangeOf:
		return ofRange(v)
	case sampled:
		return ofSamples(v)
	}
	return amount{}, false
}

func float(v fhir.Value) (float64, bool) {
	if v.Kind() != fhir.Number {
		return 0, false
	}
	f, err := strconv.ParseFloat(v.Str(), 64)
	return f, err == nil
}

// ofQuantity is open to the side that the comparator names.
func ofQuantity(v fhir.Value) (amount, bool) {
	f, ok := float(v.Get("value"))
	a := amount{f, f, v.Get("code").Str(), v.Get("system").Str(), v.Get("unit").Str()}
	switch v.Get("comparator").Str() {
	case "<", "<=":
		a.lo = math.Inf(-1)
	case ">", ">=":
		a.hi = math.Inf(1)
	}
	return a, ok
}

// ofRange has the unit of whichever end is there.
func ofRange(v fhir.Value) (amount, bool) {
	low, hasLow := ofQuantity(v.Get("low"))
	high, hasHigh := ofQuantity(v.Get("high"))
	a := low
	if !hasLow {
		a, a.lo = high, math.Inf(-1)
	}
	if a.hi = high.hi; !hasHigh {
		a.hi = math.Inf(1)
	}
	return a, (hasLow || hasHigh) && a.lo <= a.hi
}

// ofSamples reaches from the smallest sample to the largest; one beyond a limit counts as the limit, or as open without.
func ofSamples(v fhir.Value) (amount, bool) {
	a, ok := ofQuantity(v.Get("origin"))
	factor, has := float(v.Get("factor"))
	if !has {
		factor = 1
	}
	lo, hi, any := math.Inf(1), math.Inf(-1), false
	for word := range strings.FieldsSeq(v.Get("data").Str()) {
		f, valid := sample(word, v)
		if valid {
			lo, hi, any = min(lo, f), max(hi, f), true
		}
	}
	origin := a.lo
	a.lo, a.hi = origin+min(lo*factor, hi*factor), origin+max(lo*factor, hi*factor)
	return a, ok && any && !math.IsNaN(a.lo) && !math.IsNaN(a.hi)
}

// sample reads one sample (https://hl7.org/fhir/R4/datatypes.html#SampledData); E is none.
func sample(word string, v fhir.Value) (float64, bool) {
	limit, open := "", 0
	switch word {
	case "E":
		return 0, false
	case "L":
		limit, open = "lowerLimit", -1
	case "U":
		limit, open = "upperLimit", 1
	default:
		f, err := strconv.ParseFloat(word, 64)
		return f, err == nil && !math.IsNaN(f)
	}
	if f, ok := float(v.Get(limit)); ok {
		return f, true
	}
	return math.Inf(open), true
}
