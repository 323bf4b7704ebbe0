package path

import (
	"math"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/fhir"
)

// set is a collection in which each item is once, as = compares them. Small ones are searched, large ones hashed.
type set struct {
	m     *machine
	items []Node
	at    map[uint64][]int32
}

const smallSet = 16

func (m *machine) setOf(items []Node) *set {
	s := &set{m: m}
	for _, n := range items {
		s.add(n)
	}
	return s
}

func (s *set) has(n Node) bool {
	if s.at == nil {
		for i := range s.items {
			if s.m.left < 0 || s.m.equal(s.items[i], n) == yes {
				return true
			}
		}
		return false
	}
	for _, i := range s.at[s.m.hash(n)] {
		if s.m.left < 0 || s.m.equal(s.items[i], n) == yes {
			return true
		}
	}
	return false
}

// add reports whether n is new.
func (s *set) add(n Node) bool {
	if s.has(n) {
		return false
	}
	s.items = append(s.items, n)
	if s.at != nil {
		s.note(len(s.items) - 1)
	} else if len(s.items) > smallSet {
		s.at = make(map[uint64][]int32, 4*smallSet)
		for i := range s.items {
			s.note(i)
		}
	}
	return true
}

func (s *set) note(i int) {
	h := s.m.hash(s.items[i])
	s.at[h] = append(s.at[h], int32(i))
}

// hash is the same for items that are equal. Numbers and quantities may be, and moments with and without a zone hide
// when they are; they share what cannot tell them apart.
func (m *machine) hash(n Node) uint64 {
	m.left--
	switch n.kind() {
	case kString:
		m.read(n.Str(), "")
		return xxh3.HashString(n.Str())
	case kInteger, kDecimal:
		return hashNumber(numberText(n))
	case kBoolean:
		return uint64(kBoolean)
	case kQuantity:
		return hashQuantity(n.literal())
	case kDate, kDateTime, kTime:
		return hashMoment(n.literal())
	}
	return m.hashValue(n.v)
}

func numberText(n Node) float64 {
	d := numberOf(n.literal())
	if d == nil {
		return 0
	}
	f, _ := d.Float64()
	return f
}

func hashNumber(f float64) uint64 { return math.Float64bits(f + 0) }

// hashQuantity goes by the value only where the unit is 1, because then a number may be equal.
func hashQuantity(l literal) uint64 {
	if q, ok := l.(quantity); ok && q.unit == "1" {
		f, _ := q.value.Float64()
		return hashNumber(f)
	}
	return uint64(kQuantity)
}

func hashMoment(l literal) uint64 {
	t, ok := l.(temporal)
	if !ok {
		return uint64(kDate)
	}
	if t.zoned {
		t = t.utc()
	}
	return uint64(t.year)<<40 ^ uint64(t.month)<<34 ^ uint64(t.day)<<28 ^ uint64(t.hour)<<20 ^ uint64(t.minute)<<12 ^ uint64(t.seconds)
}

func (m *machine) hashValue(v fhir.Value) uint64 {
	m.left--
	switch v.Kind() {
	case fhir.String:
		m.read(v.Str(), "")
		return xxh3.HashString(v.Str())
	case fhir.Number:
		return hashNumber(numberText(Node{v: v}))
	}
	sum := uint64(v.Kind())
	c := v.Cursor()
	for x := c.Next(); x.Exists(); x = c.Next() {
		sum += xxh3.HashStringSeed(x.Name(), m.hashValue(x))
	}
	return sum
}
