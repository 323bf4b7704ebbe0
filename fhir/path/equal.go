package path

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/ficushealth/ficus/fhir"
)

// equals is = and != (http://hl7.org/fhirpath/N1/#equals).
func equals(m *machine, b *binary, base, mid int) error {
	t := m.equalLists(base, mid)
	if b.op == "!=" {
		t = not(t)
	}
	if err := m.charge(0, b.pos); err != nil {
		return err
	}
	return m.give(base, t.literal())
}

// equalLists compares the stack from base to mid with that from mid on.
func (m *machine) equalLists(base, mid int) truth {
	n := mid - base
	switch {
	case n == 0 || len(m.stack) == mid:
		return empty
	case len(m.stack)-mid != n:
		return no
	}
	out := yes
	for i := range n {
		switch m.equal(m.stack[base+i], m.stack[mid+i]) {
		case no:
			return no
		case empty:
			out = empty
		}
	}
	return out
}

// equal compares two items.
func (m *machine) equal(a, b Node) truth {
	m.left--
	if a.v.Exists() && a.v.Same(b.v) {
		return yes
	}
	if a.kind() == kString && b.kind() == kString && (a.hasValue() || b.hasValue()) {
		x, y := a.Str(), b.Str()
		m.read(x, y)
		return truthFor(a.hasValue() && b.hasValue() && x == y)
	}
	x, y := a.literal(), b.literal()
	if x != nil && y != nil {
		m.weigh(x, y)
		return equalLiterals(x, y)
	}
	if a.sys != nil || b.sys != nil {
		return no
	}
	return truthFor(m.deepEqual(a.v, b.v) && m.deepEqual(a.ext, b.ext))
}

// hasValue says whether a primitive or System value is more than its extensions.
func (n Node) hasValue() bool { return n.sys != nil || n.v.Exists() }

func equalLiterals(a, b literal) truth {
	if x, y := numberOf(a), numberOf(b); x != nil && y != nil {
		return truthFor(x.Cmp(y) == 0)
	}
	if a.kind() == kQuantity || b.kind() == kQuantity {
		return equalQuantities(a, b)
	}
	x, ok1 := a.(temporal)
	y, ok2 := b.(temporal)
	if ok1 && ok2 && (x.k == kTime) == (y.k == kTime) {
		order, known := compareTemporal(x, y)
		if !known {
			return empty
		}
		return truthFor(order == 0)
	}
	return truthFor(!ok1 && !ok2 && a == b && numberOf(a) == nil)
}

func equalQuantities(a, b literal) truth {
	x, ok1 := asQuantity(a)
	y, ok2 := asQuantity(b)
	if !ok1 || !ok2 {
		return no
	}
	order, how := compareQuantity(x, y)
	if how == unknown {
		return empty
	}
	return truthFor(how == compared && order == 0)
}

// deepEqual compares two JSON values: members in any order, items in theirs, numbers by value.
func (m *machine) deepEqual(a, b fhir.Value) bool {
	m.left -= 1 + len(a.Raw())/bytesPerStep
	if m.left < 0 || a.Kind() != b.Kind() {
		return false
	}
	if bytes.Equal(a.Raw(), b.Raw()) {
		return true
	}
	switch a.Kind() {
	case fhir.String:
		return a.Str() == b.Str()
	case fhir.Number:
		x, ok1 := parseDecimal(a.Str())
		y, ok2 := parseDecimal(b.Str())
		return ok1 && ok2 && x.Cmp(y) == 0
	case fhir.Object:
		return m.equalMembers(a, b)
	case fhir.Array:
		return m.equalItems(a, b)
	}
	return false
}

func (m *machine) equalMembers(a, b fhir.Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	c := a.Cursor()
	for v := c.Next(); v.Exists(); v = c.Next() {
		if !m.deepEqual(v, b.Get(v.Name())) {
			return false
		}
	}
	return true
}

func (m *machine) equalItems(a, b fhir.Value) bool {
	c, d := a.Cursor(), b.Cursor()
	for {
		x, y := c.Next(), d.Next()
		if !x.Exists() || !y.Exists() {
			return x.Exists() == y.Exists()
		}
		if !m.deepEqual(x, y) {
			return false
		}
	}
}

// equivalents is ~ and !~ (http://hl7.org/fhirpath/N1/#equivalent).
func equivalents(m *machine, b *binary, base, mid int) error {
	same := m.equivalentLists(m.stack[base:mid], m.stack[mid:])
	if err := m.charge(0, b.pos); err != nil {
		return err
	}
	return m.give(base, boolean(same == (b.op == "~")))
}

// equivalentLists pairs the items of two collections in any order.
func (m *machine) equivalentLists(a, b []Node) bool {
	if len(a) != len(b) {
		return false
	}
	used := make([]bool, len(b))
	for _, x := range a {
		if !m.pair(x, b, used) {
			return false
		}
	}
	return true
}

func (m *machine) pair(x Node, b []Node, used []bool) bool {
	for i, y := range b {
		if m.left < 0 {
			return false
		}
		if !used[i] && m.equivalent(x, y) {
			used[i] = true
			return true
		}
	}
	return false
}

func (m *machine) equivalent(a, b Node) bool {
	m.left--
	x, y := a.literal(), b.literal()
	if x != nil && y != nil {
		m.weigh(x, y)
		m.read(a.Str(), b.Str())
		return equivalentLiterals(x, y)
	}
	if a.sys != nil || b.sys != nil {
		return false
	}
	return m.deepEquivalent(a.v, b.v) && m.deepEquivalent(a.ext, b.ext)
}

func equivalentLiterals(a, b literal) bool {
	if x, y := numberOf(a), numberOf(b); x != nil && y != nil {
		return equivalentNumber(x, y)
	}
	x, ok1 := asQuantity(a)
	y, ok2 := asQuantity(b)
	if ok1 && ok2 {
		return equivalentQuantity(x, y)
	}
	if a.kind() == kString && b.kind() == kString {
		return equivalentText(a.text(), b.text())
	}
	return equalLiterals(a, b) == yes
}

// equivalentText ignores case and what sort of white space there is.
func equivalentText(a, b string) bool {
	return strings.EqualFold(strings.Map(plainSpace, a), strings.Map(plainSpace, b))
}

func plainSpace(r rune) rune {
	if unicode.IsSpace(r) {
		return ' '
	}
	return r
}

// deepEquivalent compares JSON values: members and items in any order, strings as equivalentText does.
func (m *machine) deepEquivalent(a, b fhir.Value) bool {
	if m.left--; m.left < 0 || a.Kind() != b.Kind() {
		return false
	}
	switch a.Kind() {
	case fhir.String:
		m.read(a.Str(), b.Str())
		return equivalentText(a.Str(), b.Str())
	case fhir.Number:
		x, ok1 := parseDecimal(a.Str())
		y, ok2 := parseDecimal(b.Str())
		return ok1 && ok2 && equivalentNumber(x, y)
	case fhir.Object:
		return m.equivalentMembers(a, b)
	case fhir.Array:
		return m.equivalentItems(a, b)
	}
	return bytes.Equal(a.Raw(), b.Raw())
}

func (m *machine) equivalentMembers(a, b fhir.Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	c := a.Cursor()
	for v := c.Next(); v.Exists(); v = c.Next() {
		if !m.deepEquivalent(v, b.Get(v.Name())) {
			return false
		}
	}
	return true
}

func (m *machine) equivalentItems(a, b fhir.Value) bool {
	var x, y []Node
	for v := range a.Items() {
		x = append(x, Node{v: v})
	}
	for v := range b.Items() {
		y = append(y, Node{v: v})
	}
	return m.equivalentLists(x, y)
}
