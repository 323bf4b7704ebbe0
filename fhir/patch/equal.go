package patch

import (
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fhir"
)

// equal compares as RFC 6902 section 4.6 says: numbers by what they are worth, objects whatever the order of their members.
func (n *node) equal(o *node) bool {
	if n.kind != o.kind {
		return false
	}
	switch n.kind {
	case fhir.Object:
		return n.sameMembers(o)
	case fhir.Array:
		return n.sameItems(o)
	case fhir.Number:
		return sameNumber(n.v.Str(), o.v.Str())
	}
	return n.v.Str() == o.v.Str()
}

func (n *node) sameMembers(o *node) bool {
	if len(n.open().kids) != len(o.open().kids) {
		return false
	}
	others := make(map[string]*node, len(o.names))
	for i, name := range o.names {
		others[name] = o.kids[i]
	}
	for i, name := range n.names {
		if other := others[name]; other == nil || !n.kids[i].equal(other) {
			return false
		}
	}
	return true
}

func (n *node) sameItems(o *node) bool {
	if len(n.open().kids) != len(o.open().kids) {
		return false
	}
	for i, kid := range n.kids {
		if !kid.equal(o.kids[i]) {
			return false
		}
	}
	return true
}

// sameNumber compares two literals by value, whatever their size.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, okX := plain(a)
	y, okY := plain(b)
	return okX && okY && x == y
}

// figure is a number as digits without zeros at either end, times ten to the power.
type figure struct {
	negative bool
	digits   string
	power    int64
}

// plain brings a JSON number into its one form; false for powers of ten beyond any use.
func plain(s string) (f figure, ok bool) {
	s, f.negative = strings.CutPrefix(s, "-")
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if exponent != "" {
		var err error
		if f.power, err = strconv.ParseInt(exponent, 10, 62); err != nil {
			return f, false
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	f.power -= int64(len(fraction))
	f.digits = strings.TrimLeft(whole+fraction, "0")
	trimmed := strings.TrimRight(f.digits, "0")
	f.power += int64(len(f.digits) - len(trimmed))
	if f.digits = trimmed; trimmed == "" {
		return figure{}, true // zero has no sign
	}
	return f, true
}
