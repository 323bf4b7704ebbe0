package search

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

const (
	badNumber   = "is not a number: write something like 5.4, 100 or 1e-3, with a prefix such as ge in front if wanted"
	maxDigits   = 60
	maxExponent = 400
)

// number reads [prefix]number (https://hl7.org/fhir/R4/search.html#number).
func number(text string) (v Value, bad string) {
	p, rest := prefix(text)
	d, ok := parseDecimal(rest)
	if !ok {
		return Value{}, badNumber
	}
	v = Value{Prefix: p, Num: d.float(0)}
	v.NumLo, v.NumHi = d.implicit()
	if p == Ap {
		v.NumLo, v.NumHi = v.Num-math.Abs(v.Num)/10, v.Num+math.Abs(v.Num)/10
	}
	if math.IsInf(v.Num, 0) || math.IsInf(v.NumLo, 0) || math.IsInf(v.NumHi, 0) {
		return Value{}, "is out of range"
	}
	return v, ""
}

// quantity reads [prefix]number, number|system|code or number||code (https://hl7.org/fhir/R4/search.html#quantity).
func quantity(text string) (v Value, bad string) {
	parts := split(text, '|')
	if len(parts) != 1 && len(parts) != 3 {
		return Value{}, "must be number, number|system|code or number||code"
	}
	if v, bad = number(parts[0]); bad != "" {
		return Value{}, bad
	}
	if len(parts) == 3 {
		v.UnitSystem, v.UnitCode = unescape(parts[1]), unescape(parts[2])
	}
	return v, ""
}

// decimal is digits times ten to the power exp, as written.
type decimal struct {
	digits *big.Int // signed
	exp    int
	short  bool // one digit and an exponent
}

// parseDecimal reads [+-]digits[.digits][e[+-]digits].
func parseDecimal(s string) (decimal, bool) {
	mantissa, exponent, hasExp := strings.Cut(strings.ToLower(s), "e")
	exp := 0
	if hasExp {
		n, err := strconv.Atoi(exponent)
		if err != nil || n < -maxExponent || n > maxExponent {
			return decimal{}, false
		}
		exp = n
	}
	sign, body := cutSign(mantissa)
	whole, fraction, hasPoint := strings.Cut(body, ".")
	if !allDigits(whole) || hasPoint && !allDigits(fraction) || len(body) > maxDigits {
		return decimal{}, false
	}
	digits, ok := new(big.Int).SetString(sign+whole+fraction, 10)
	return decimal{digits, exp - len(fraction), hasExp && len(whole+fraction) == 1}, ok
}

func cutSign(s string) (sign, rest string) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		return strings.TrimPrefix(s[:1], "+"), s[1:]
	}
	return "", s
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// float is the double nearest to d plus half of its last digit's unit times halves.
func (d decimal) float(halves int64) float64 {
	n := new(big.Int).Mul(d.digits, big.NewInt(10))
	n.Add(n, big.NewInt(5*halves))
	f, _ := strconv.ParseFloat(n.String()+"e"+itoa(d.exp-1), 64) // out of range gives an infinity
	return f
}

// implicit is the range of the numbers that equal d to the precision written: 100 is
// [99.5, 100.5). The specification's own example reads 1e2 as [95, 105), so a single
// digit with an exponent counts as if it were followed by a zero.
func (d decimal) implicit() (lo, hi float64) {
	if d.short {
		d = decimal{new(big.Int).Mul(d.digits, big.NewInt(10)), d.exp - 1, false}
	}
	return d.float(-1), max(d.float(0), math.Nextafter(d.float(+1), math.Inf(-1)))
}

func itoa(n int) string { return strconv.Itoa(n) }
