package ucum

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// Unit is a unit as a multiple of a product of base units. The zero Unit is not usable: take One.
type Unit struct {
	factor *big.Rat // base = (value + offset) * factor
	offset *big.Rat // nil: none
	dims   []dim    // sorted by base, no exponent 0
}

type dim struct {
	base string
	exp  int
}

// One is the unit 1.
func One() Unit { return Unit{factor: big.NewRat(1, 1)} }

// Canonical is the product of base units ("g.m-3", "1" if there is none), the same for all units of one dimension.
func (u Unit) Canonical() string {
	if len(u.dims) == 0 {
		return "1"
	}
	var b strings.Builder
	for i, d := range u.dims {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(d.base)
		if d.exp != 1 {
			b.WriteString(strconv.Itoa(d.exp))
		}
	}
	return b.String()
}

// Comparable says whether values in u and w can be converted into each other.
func (u Unit) Comparable(w Unit) bool { return slices.Equal(u.dims, w.dims) }

// ToBase converts a value in u to the Canonical unit.
func (u Unit) ToBase(v *big.Rat) *big.Rat {
	out := new(big.Rat).Set(v)
	if u.offset != nil {
		out.Add(out, u.offset)
	}
	return out.Mul(out, u.factor)
}

// FromBase converts a value in the Canonical unit to u.
func (u Unit) FromBase(v *big.Rat) *big.Rat {
	out := new(big.Rat).Quo(v, u.factor)
	if u.offset != nil {
		out.Sub(out, u.offset)
	}
	return out
}

// Mul is the product of two units; offsets are dropped, as UCUM has none in products.
func (u Unit) Mul(w Unit) Unit {
	return Unit{factor: new(big.Rat).Mul(u.factor, w.factor), dims: product(u.dims, w.dims, 1)}
}

// Div is the quotient of two units.
func (u Unit) Div(w Unit) Unit {
	return Unit{factor: new(big.Rat).Quo(u.factor, w.factor), dims: product(u.dims, w.dims, -1)}
}

func (u Unit) pow(n int) Unit {
	if n == 1 {
		return u
	}
	out := One()
	for range max(n, -n) {
		out = out.Mul(u)
	}
	if n < 0 {
		return One().Div(out)
	}
	return out
}

func product(a, b []dim, sign int) []dim {
	out := slices.Clone(a)
	for _, d := range b {
		i, found := slices.BinarySearchFunc(out, d.base, func(o dim, base string) int { return strings.Compare(o.base, base) })
		if !found {
			out = slices.Insert(out, i, dim{d.base, sign * d.exp})
		} else if out[i].exp += sign * d.exp; out[i].exp == 0 {
			out = slices.Delete(out, i, i+1)
		}
	}
	return out
}

// Convert gives a value in another unit. Faults: Invalid if a unit cannot be read, Unprocessable if they do not measure
// the same.
func Convert(v *big.Rat, from, to string) (*big.Rat, error) {
	f, err := Parse(from)
	if err != nil {
		return nil, err
	}
	t, err := Parse(to)
	if err != nil {
		return nil, err
	}
	if !f.Comparable(t) {
		return nil, fault.New(fault.Unprocessable, "the units do not measure the same")
	}
	return t.FromBase(f.ToBase(v)), nil
}

// Compare is -1, 0 or 1 as a value in one unit is smaller than, equal to or greater than one in another. Faults as Convert.
func Compare(v *big.Rat, unit string, w *big.Rat, other string) (int, error) {
	in, err := Convert(v, unit, other)
	if err != nil {
		return 0, err
	}
	return in.Cmp(w), nil
}

// Canonical gives a value in the canonical unit of its dimension. Faults: Invalid.
func Canonical(v *big.Rat, unit string) (*big.Rat, string, error) {
	u, err := Parse(unit)
	if err != nil {
		return nil, "", err
	}
	return u.ToBase(v), u.Canonical(), nil
}
