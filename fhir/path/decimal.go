package path

import (
	"math/big"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// arithmetic is how decimals are computed: 34 digits, as decimal128 has, up to 1E400, halves
// away from zero. It is never changed.
var arithmetic = apd.Context{Precision: 34, MaxExponent: maxExponent, MinExponent: -maxExponent, Rounding: apd.RoundHalfUp, Traps: apd.DefaultTraps}

const (
	maxExponent = 400
	maxDigits   = 400 // of a decimal's literal
)

type decimal struct{ d *apd.Decimal }

func (decimal) kind() kind     { return kDecimal }
func (d decimal) text() string { return d.d.Text('f') }
func (i integer) text() string { return apd.New(int64(i), 0).Text('f') }

func fromInt(i int64) *apd.Decimal { return apd.New(i, 0) }

// parseDecimal reads what JSON calls a number, with an optional sign.
func parseDecimal(s string) (*apd.Decimal, bool) {
	if len(s) > maxDigits || strings.Trim(s, "0123456789+-.eE") != "" {
		return nil, false
	}
	d, _, err := apd.NewFromString(s)
	if err != nil || d.Form != apd.Finite || d.Exponent > maxExponent || d.Exponent < -maxExponent {
		return nil, false
	}
	return d, true
}

func decimalOrNil(s string) literal {
	d, ok := parseDecimal(s)
	if !ok {
		return nil
	}
	return decimal{d}
}

func integerOrNil(s string) literal {
	d, ok := parseDecimal(s)
	if !ok {
		return nil
	}
	return integerOf(d)
}

// integerOf is the integer that d is, nil if it is none or beyond 32 bits.
func integerOf(d *apd.Decimal) literal {
	i, err := d.Int64()
	if err != nil || i > maxInt || i < minInt {
		return nil
	}
	return integer(i)
}

const (
	maxInt = 1<<31 - 1
	minInt = -1 << 31
)

// numberOf is the decimal that an Integer or Decimal stands for, nil for everything else.
func numberOf(l literal) *apd.Decimal {
	switch l := l.(type) {
	case integer:
		return fromInt(int64(l))
	case decimal:
		return l.d
	}
	return nil
}

// places counts the digits behind the point, trailing zeros left out.
func places(d *apd.Decimal) int32 {
	var r apd.Decimal
	r.Reduce(d)
	return max(0, -r.Exponent)
}

// roundTo rounds to n digits behind the point.
func roundTo(d *apd.Decimal, n int32, how apd.Rounder) *apd.Decimal {
	c := arithmetic
	c.Precision, c.Rounding = uint32(max(0, d.NumDigits()+int64(d.Exponent)+int64(n))+1), how
	var out apd.Decimal
	if _, err := c.Quantize(&out, d, -n); err != nil {
		return d
	}
	return &out
}

func ratOf(d *apd.Decimal) *big.Rat {
	r, _ := new(big.Rat).SetString(d.Text('E'))
	return r
}

// decimalOf is a rational as a decimal: exact where 34 digits suffice.
func decimalOf(r *big.Rat) *apd.Decimal {
	num := apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(r.Num()), 0)
	den := apd.NewWithBigInt(new(apd.BigInt).SetMathBigInt(r.Denom()), 0)
	var out apd.Decimal
	if _, err := arithmetic.Quo(&out, num, den); err != nil {
		return nil
	}
	out.Reduce(&out)
	if out.Exponent > 0 {
		return roundTo(&out, 0, apd.RoundHalfUp)
	}
	return &out
}
