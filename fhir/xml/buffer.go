package xml

// buffer is a piece of JSON, and where in the XML its values stand.
type buffer struct {
	b     []byte
	marks []mark
}

// mark says that the JSON from a byte on was made of the XML at a byte.
type mark struct{ json, xml uint32 }

func (b *buffer) text(s string) { b.b = append(b.b, s...) }

func (b *buffer) byte(c byte) { b.b = append(b.b, c) }

// mark notes that what is appended next stands at a place of the XML.
func (b *buffer) mark(at int) { b.marks = append(b.marks, mark{uint32(len(b.b)), uint32(at)}) }

// key begins a member.
func (b *buffer) key(prefix, name string) {
	b.b = append(b.b, '"')
	b.b = append(append(b.b, prefix...), name...)
	b.b = append(b.b, '"', ':')
}

// cut drops what was appended since the buffer had n bytes.
func (b *buffer) cut(n int) {
	b.b = b.b[:n]
	for len(b.marks) > 0 && int(b.marks[len(b.marks)-1].json) >= n {
		b.marks = b.marks[:len(b.marks)-1]
	}
}

// add appends another buffer.
func (b *buffer) add(other *buffer) {
	from := uint32(len(b.b))
	for _, m := range other.marks {
		b.marks = append(b.marks, mark{from + m.json, m.xml})
	}
	b.b = append(b.b, other.b...)
}
