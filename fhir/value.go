package fhir

import (
	"bytes"
	"iter"
	"unsafe"
)

// Kind is the JSON kind of a Value.
type Kind uint8

// The kinds; Absent is that of the zero Value.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// node is one JSON value of a document, in document order; its children follow
// it directly, and next is the index of the first node behind its subtree.
type node struct {
	start, end       uint32 // the value's bytes, quotes included
	keyStart, keyEnd uint32 // the member name's bytes, without quotes; equal outside objects
	next             uint32
	kind             Kind
	escaped          bool // the string holds a backslash
	keyEscaped       bool
}

type doc struct {
	raw   []byte
	nodes []node
	place func(at int) (line, col int) // nil: the document is what was written
}

// Value is one JSON value inside a parsed document. The zero Value is absent.
type Value struct {
	d *doc
	i uint32
}

// Kind tells what v is.
func (v Value) Kind() Kind {
	if v.d == nil {
		return Absent
	}
	return v.d.nodes[v.i].kind
}

// Exists reports whether v is there at all (null exists).
func (v Value) Exists() bool { return v.d != nil }

// Get returns the member of that name, absent if there is none or v is no object.
func (v Value) Get(name string) Value {
	if v.Kind() != Object {
		return Value{}
	}
	n := v.d.nodes
	for i, end := v.i+1, n[v.i].next; i < end; i = n[i].next {
		if v.d.keyIs(&n[i], name) {
			return Value{v.d, i}
		}
	}
	return Value{}
}

func (d *doc) keyIs(n *node, name string) bool {
	if n.keyEscaped {
		return d.key(n) == name
	}
	return int(n.keyEnd-n.keyStart) == len(name) && string(d.raw[n.keyStart:n.keyEnd]) == name
}

func (d *doc) key(n *node) string {
	b := d.raw[n.keyStart:n.keyEnd]
	if n.keyEscaped {
		return unescape(b)
	}
	return text(b)
}

// text shares the document's bytes, which never change after parsing.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Name is the member name under which v stands, empty outside objects.
func (v Value) Name() string {
	if v.d == nil {
		return ""
	}
	return v.d.key(&v.d.nodes[v.i])
}

// At returns item i of an array, absent if there is none.
func (v Value) At(i int) Value {
	if v.Kind() != Array || i < 0 {
		return Value{}
	}
	n := v.d.nodes
	for j, end := v.i+1, n[v.i].next; j < end; j = n[j].next {
		if i == 0 {
			return Value{v.d, j}
		}
		i--
	}
	return Value{}
}

// Len counts the items of an array or the members of an object.
func (v Value) Len() int {
	if k := v.Kind(); k != Array && k != Object {
		return 0
	}
	c, n := 0, v.d.nodes
	for j, end := v.i+1, n[v.i].next; j < end; j = n[j].next {
		c++
	}
	return c
}

// Items yields the items of an array; of any other value that exists, itself.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		switch v.Kind() {
		case Absent:
		case Array:
			v.each(func(c Value) bool { return yield(c) })
		default:
			yield(v)
		}
	}
}

// Members yields name and value of each member of an object, in document order.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.Kind() == Object {
			v.each(func(c Value) bool { return yield(c.Name(), c) })
		}
	}
}

func (v Value) each(yield func(Value) bool) {
	n := v.d.nodes
	for i, end := v.i+1, n[v.i].next; i < end; i = n[i].next {
		if !yield(Value{v.d, i}) {
			return
		}
	}
}

// Str is the text of a string, unescaped, or the literal of a number or boolean;
// empty for everything else. It shares memory with the document where it can.
func (v Value) Str() string {
	switch v.Kind() {
	case String:
		n := &v.d.nodes[v.i]
		b := v.d.raw[n.start+1 : n.end-1]
		if n.escaped {
			return unescape(b)
		}
		return text(b)
	case Number, Bool:
		return text(v.Raw())
	}
	return ""
}

// IsTrue reports whether v is the literal true.
func (v Value) IsTrue() bool { return v.Kind() == Bool && v.Raw()[0] == 't' }

// Raw is the value's bytes in the document; they must not be changed.
func (v Value) Raw() []byte {
	if v.d == nil {
		return nil
	}
	n := &v.d.nodes[v.i]
	return v.d.raw[n.start:n.end:n.end]
}

// Span is the place of the value's bytes inside the Raw of outer, a value of the same document.
func (v Value) Span(outer Value) (start, end int) {
	n, o := &v.d.nodes[v.i], &outer.d.nodes[outer.i]
	return int(n.start - o.start), int(n.end - o.start)
}

// Pos is the line and column of the value in its document, from 1; a column counts bytes. Absent: 0, 0.
func (v Value) Pos() (line, col int) {
	if v.d == nil {
		return 0, 0
	}
	return v.d.pos(int(v.d.nodes[v.i].start))
}

// PosAt is the line and column of a byte of v.Raw.
func (v Value) PosAt(at int) (line, col int) {
	return v.d.pos(int(v.d.nodes[v.i].start) + at)
}

// Converted reports whether the document was made of another form, whose places Pos and PosAt tell.
func (v Value) Converted() bool { return v.d != nil && v.d.place != nil }

func (d *doc) pos(at int) (line, col int) {
	if d.place != nil {
		return d.place(at)
	}
	return position(d.raw, at)
}

// Moved reports whether Pos tells places of another text than Raw, such as the XML that the document came from.
func (v Value) Moved() bool { return v.d != nil && v.d.place != nil }

// Root is the whole document in which v stands; absent for an absent v.
func (v Value) Root() Value { return Value{d: v.d} }

// Holds reports whether w is v or stands inside it.
func (v Value) Holds(w Value) bool {
	return v.d != nil && v.d == w.d && w.i >= v.i && w.i < v.d.nodes[v.i].next
}

// Same reports whether v and w are the same place of the same document.
func (v Value) Same(w Value) bool { return v == w }

func position(raw []byte, at int) (line, col int) {
	before := raw[:at]
	line = 1 + bytes.Count(before, []byte{'\n'})
	return line, at - bytes.LastIndexByte(before, '\n')
}
