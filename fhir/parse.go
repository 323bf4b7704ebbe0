package fhir

import (
	"math"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fault"
)

// Limits bound what Parse accepts. A zero field means its default.
type Limits struct {
	Bytes  int // size of the document; default 64 MiB, at most 4 GiB
	Depth  int // nesting of arrays and objects; default 64
	Values int // values of all kinds; default 65,536, or one for each 16 bytes that the document may have
}

const (
	defaultBytes = 64 << 20
	defaultDepth = 64

	// bytesPerValue is less than FHIR needs for a value with its name. A value costs memory and time however short it is, so
	// a document of nothing but commas and zeros would cost a hundred times its size.
	bytesPerValue = 16
	fewValues     = 1 << 16 // are always accepted
)

// ParseValue reads one JSON document. Faults: TooLarge beyond the limits,
// Invalid with line and column for everything that is not strict JSON.
// The Value keeps b, which must not be changed afterwards.
func ParseValue(b []byte, lim Limits) (Value, error) {
	lim = lim.OrDefault()
	if len(b) > lim.Bytes {
		return Value{}, fault.New(fault.TooLarge, "the document has %d bytes, at most %d are accepted", len(b), lim.Bytes)
	}
	if !utf8.Valid(b) {
		return Value{}, at(b, badUTF8(b), "not valid UTF-8")
	}
	p := parser{raw: b, depth: lim.Depth, values: lim.Values, nodes: make([]node, 0, roomFor(b, lim.Values))}
	if err := p.document(); err != nil {
		return Value{}, err
	}
	return Value{&doc{raw: b, nodes: p.nodes}, 0}, nil
}

// OrDefault is l with the defaults in place of what is not set.
func (l Limits) OrDefault() Limits {
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	l.Bytes = min(l.Bytes, math.MaxUint32)
	if l.Values <= 0 {
		l.Values = max(fewValues, l.Bytes/bytesPerValue)
	}
	return l
}

func badUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

func at(raw []byte, i int, text string) error {
	line, col := position(raw, min(i, len(raw)))
	return fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: "malformed JSON: " + text, Line: line, Col: col})
}

type parser struct {
	raw   []byte
	i     int
	depth int
	nodes []node

	values int // how many are accepted
}

func (p *parser) fail(text string) error { return at(p.raw, p.i, text) }

func (p *parser) document() error {
	p.space()
	if err := p.value(); err != nil {
		return err
	}
	p.space()
	if p.i < len(p.raw) {
		return p.fail("something follows the end of the document")
	}
	return nil
}

func (p *parser) space() {
	for p.i < len(p.raw) {
		switch p.raw[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *parser) peek() byte {
	if p.i < len(p.raw) {
		return p.raw[p.i]
	}
	return 0
}

// value reads the value at p.i and appends its node and those below it.
func (p *parser) value() error {
	self := len(p.nodes)
	if self >= p.values {
		return fault.New(fault.TooLarge, "the document has more than %d values, which is more than are accepted", p.values)
	}
	p.nodes = append(p.nodes, node{start: uint32(p.i)})
	kind, err := p.body(self)
	if err != nil {
		return err
	}
	n := &p.nodes[self]
	n.kind, n.end, n.next = kind, uint32(p.i), uint32(len(p.nodes))
	return nil
}

func (p *parser) body(self int) (Kind, error) {
	switch c := p.peek(); {
	case c == '"':
		escaped, err := p.str()
		p.nodes[self].escaped = escaped
		return String, err
	case c == '{':
		return Object, p.nested(p.object)
	case c == '[':
		return Array, p.nested(p.array)
	case c == '-' || c >= '0' && c <= '9':
		return Number, p.number()
	case c == 't':
		return Bool, p.word("true")
	case c == 'f':
		return Bool, p.word("false")
	case c == 'n':
		return Null, p.word("null")
	}
	if p.i == 0 && len(p.raw) >= 3 && string(p.raw[:3]) == "\ufeff" {
		return Absent, p.fail("the document begins with a byte order mark, which JSON must not have (RFC 8259 section 8.1)")
	}
	return Absent, p.fail("a value is expected here")
}

func (p *parser) nested(read func() error) error {
	if p.depth == 0 {
		return p.fail("nested too deep")
	}
	p.depth--
	p.i++
	err := read()
	p.depth++
	return err
}

func (p *parser) word(w string) error {
	if len(p.raw)-p.i < len(w) || string(p.raw[p.i:p.i+len(w)]) != w {
		return p.fail("a value is expected here")
	}
	p.i += len(w)
	return nil
}

func (p *parser) array() error {
	p.space()
	if p.peek() == ']' {
		p.i++
		return nil
	}
	for {
		p.space()
		if err := p.value(); err != nil {
			return err
		}
		if done, err := p.more(']'); done || err != nil {
			return err
		}
	}
}

// more steps over the comma or the closing bracket behind an item.
func (p *parser) more(end byte) (done bool, err error) {
	p.space()
	switch p.peek() {
	case ',':
		p.i++
		return false, nil
	case end:
		p.i++
		return true, nil
	}
	return false, p.fail("expected ',' or '" + string(end) + "'")
}

func (p *parser) object() error {
	first := len(p.nodes)
	p.space()
	if p.peek() == '}' {
		p.i++
		return nil
	}
	for {
		if err := p.member(); err != nil {
			return err
		}
		done, err := p.more('}')
		if err != nil {
			return err
		}
		if done {
			return p.unique(first)
		}
	}
}

func (p *parser) member() error {
	p.space()
	if p.peek() != '"' {
		return p.fail("a member name in double quotes is expected here")
	}
	start := p.i + 1
	escaped, err := p.str()
	if err != nil {
		return err
	}
	end := p.i - 1
	p.space()
	if p.peek() != ':' {
		return p.fail("expected ':'")
	}
	p.i++
	p.space()
	self := len(p.nodes)
	if err := p.value(); err != nil {
		return err
	}
	n := &p.nodes[self]
	n.keyStart, n.keyEnd, n.keyEscaped = uint32(start), uint32(end), escaped
	return nil
}

// unique refuses an object that has a name twice. Comparing all pairs is the
// fastest way for objects of FHIR's size; large ones take a table.
func (p *parser) unique(first int) error {
	d, count := doc{raw: p.raw, nodes: p.nodes}, 0
	for i := first; i < len(p.nodes); i = int(p.nodes[i].next) {
		if count++; count > 48 {
			return p.uniqueByHash(&d, first)
		}
		for j := first; j < i; j = int(p.nodes[j].next) {
			if d.sameKey(&p.nodes[i], &p.nodes[j]) {
				return p.duplicate(i)
			}
		}
	}
	return nil
}

func (d *doc) sameKey(a, b *node) bool {
	if a.keyEscaped || b.keyEscaped {
		return d.key(a) == d.key(b)
	}
	la, lb := a.keyEnd-a.keyStart, b.keyEnd-b.keyStart
	return la == lb && string(d.raw[a.keyStart:a.keyEnd]) == string(d.raw[b.keyStart:b.keyEnd])
}

func (p *parser) duplicate(i int) error {
	return at(p.raw, int(p.nodes[i].keyStart)-1, "this member name stands twice in its object")
}

func (p *parser) number() error {
	if p.peek() == '-' {
		p.i++
	}
	if p.peek() == '0' {
		p.i++
	} else if !p.digits() {
		return p.fail("a digit is expected here")
	}
	if c := p.peek(); c >= '0' && c <= '9' {
		return p.fail("a number must not begin with 0")
	}
	if p.peek() == '.' {
		if p.i++; !p.digits() {
			return p.fail("a digit is expected here")
		}
	}
	return p.exponent()
}

func (p *parser) exponent() error {
	if c := p.peek(); c != 'e' && c != 'E' {
		return nil
	}
	p.i++
	if c := p.peek(); c == '+' || c == '-' {
		p.i++
	}
	if !p.digits() {
		return p.fail("a digit is expected here")
	}
	return nil
}

func (p *parser) digits() bool {
	from := p.i
	for p.i < len(p.raw) && p.raw[p.i] >= '0' && p.raw[p.i] <= '9' {
		p.i++
	}
	return p.i > from
}
