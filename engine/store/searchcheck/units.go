package searchcheck

import (
	"math/big"
	"strings"
)

// ucum is the system of the units in this table.
const ucum = "http://unitsofmeasure.org"

// units gives for some units of UCUM what they measure and how many of its base unit they are
// (https://ucum.org/ucum, tables 1 to 6).
const units = `
mass kg 1000
mass g 1
mass mg 0.001
mass ug 0.000001
mass ng 0.000000001
mass [lb_av] 453.59237
volume L 1
volume dL 0.1
volume mL 0.001
volume uL 0.000001
time a 31557600
time mo 2629800
time wk 604800
time d 86400
time h 3600
time min 60
time s 1
time ms 0.001
length km 1000
length m 1
length cm 0.01
length mm 0.001
length [in_i] 0.0254
concentration g/L 1
concentration mg/dL 0.01
concentration g/dL 10
concentration mg/L 0.001
concentration ug/dL 0.00001
concentration ug/L 0.000001
pressure mm[Hg] 1
`

type unit struct {
	measures string
	factor   *big.Rat
}

func unitOf(code string) (unit, bool) {
	for line := range strings.Lines(units) {
		if f := strings.Fields(line); len(f) == 3 && f[1] == code {
			factor, ok := new(big.Rat).SetString(f[2])
			return unit{f[0], factor}, ok
		}
	}
	return unit{}, false
}

// convert brings a value of UCUM to another unit of UCUM (https://hl7.org/fhir/R4/search.html#quantity). It is maybe where
// the table does not know both units.
func convert(value *big.Rat, from, to string) (*big.Rat, verdict) {
	a, knowsA := unitOf(from)
	b, knowsB := unitOf(to)
	switch {
	case from == to:
		return value, yes
	case !knowsA || !knowsB:
		return value, maybe
	case a.measures != b.measures:
		return value, no
	}
	out := new(big.Rat).Mul(value, a.factor)
	return out.Quo(out, b.factor), yes
}
