package searchcheck

import (
	"encoding/json"
	"math/big"
	"strings"
)

// quantityMatch compares exactly, in fractions (https://hl7.org/fhir/R4/search.html#quantity).
func quantityMatch(v any, t string) verdict {
	parts := split(t, '|')
	prefix, digits := cutPrefix(parts[0])
	if member(v, "origin") != nil || member(v, "comparator") != nil {
		return maybe // sampled data, and more or less than a number: what they compare as is open
	}
	value, ok := numberOf(v)
	asked, known := new(big.Rat).SetString(digits)
	if !ok || !known {
		return no
	}
	best := no
	if unitMatches(v, parts[1:]) {
		best = compare(prefix, value, asked, halfUnit(digits))
	}
	if len(parts) != 3 || unescape(parts[1]) != ucum || parts[2] == "" || str(v.(map[string]any), "system") != ucum || str(v.(map[string]any), "code") == "" {
		return best
	}
	value, same := convert(value, str(v.(map[string]any), "code"), unescape(parts[2]))
	if same == maybe {
		return max(best, maybe)
	}
	return max(best, min(same, compare(prefix, value, asked, halfUnit(digits))))
}

// compare has a precision only where the standard gives it one: equal and not equal.
func compare(prefix string, value, asked, half *big.Rat) verdict {
	sign := value.Cmp(asked)
	near := new(big.Rat).Sub(value, asked)
	equal := near.Cmp(new(big.Rat).Neg(half)) >= 0 && near.Cmp(half) < 0
	switch prefix {
	case "ne":
		return is(!equal)
	case "gt", "sa":
		return is(sign > 0)
	case "lt", "eb":
		return is(sign < 0)
	case "ge":
		return is(sign >= 0)
	case "le":
		return is(sign <= 0)
	case "ap":
		return about(near.Abs(near), new(big.Rat).Abs(asked), half)
	}
	return is(equal)
}

// about is free; the standard recommends a tenth of the value.
func about(distance, asked, half *big.Rat) verdict {
	tenth := new(big.Rat).Mul(asked, big.NewRat(1, 10))
	switch {
	case distance.Cmp(new(big.Rat).Mul(tenth, big.NewRat(99, 100))) <= 0:
		return yes
	case distance.Cmp(new(big.Rat).Add(tenth, half)) <= 0:
		return maybe
	}
	return no
}

func numberOf(v any) (*big.Rat, bool) {
	if m, ok := v.(map[string]any); ok {
		v = m["value"]
	}
	n, ok := v.(json.Number)
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(n.String())
}

// halfUnit is half a unit of the last digit written.
func halfUnit(digits string) *big.Rat {
	_, fraction, _ := strings.Cut(digits, ".")
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(fraction))), nil)
	return new(big.Rat).SetFrac(big.NewInt(1), unit.Mul(unit, big.NewInt(2)))
}

// unitMatches takes system|code, or |code for a code or a unit of any system.
func unitMatches(v any, parts []string) bool {
	if len(parts) != 2 {
		return true
	}
	m, _ := v.(map[string]any)
	system, code := unescape(parts[0]), unescape(parts[1])
	if system == "" {
		return str(m, "code") == code || str(m, "unit") == code
	}
	return str(m, "system") == system && (code == "" || str(m, "code") == code)
}
