package fhir

// Cursor steps through the items of an array or the members of an object, as Items and Members do, for hot loops and for
// going through two values side by side. The zero Cursor is at its end.
type Cursor struct {
	d      *doc
	i, end uint32
}

// Cursor stands before the first item or member of v; at the end if v has none.
func (v Value) Cursor() Cursor {
	if k := v.Kind(); k != Array && k != Object {
		return Cursor{}
	}
	return Cursor{v.d, v.i + 1, v.d.nodes[v.i].next}
}

// Next steps on; absent behind the last.
func (c *Cursor) Next() Value {
	if c.i >= c.end {
		return Value{}
	}
	v := Value{c.d, c.i}
	c.i = c.d.nodes[c.i].next
	return v
}
