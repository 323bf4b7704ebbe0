package xml

import "github.com/ficushealth/ficus/fhir/r4"

// list is what is written so far of an element that repeats. Of a primitive one there are
// up to two lists in JSON: the values, and under the name with an underscore ids and extensions.
type list struct {
	from  int  // where the member begins in the buffer
	any   bool // the object had a member before
	items int
	valid bool    // some item has a value
	below *buffer // ids and extensions; nil: no item has any
}

// primitive is a primitive element whose start tag was read.
type primitive struct {
	frame           // its ids and extensions
	value, id attr  // absent: at is 0, where no attribute can be
	full      bool  // it has an id or content
	list      *list // nil: the element does not repeat
}

// primitive writes the element whose start tag was just read, as a child of f.
func (r *reader) primitive(f *frame, e *r4.Element, t *r4.TypeInfo) error {
	p := r.borrow(t)
	defer r.giveBack(p)
	p.name, p.at = r.tag.name, r.tag.at
	empty, mark := r.tag.empty, r.enter()
	if err := r.parts(p); err != nil {
		return err
	}
	if e.Many() {
		p.list = &f.list
	}
	if err := r.plain(f, e, p); err != nil {
		return err
	}
	if err := r.ahead(p, empty); err != nil {
		return err
	}
	if p.value.at == 0 && !p.full {
		return r.refuse(p.at, "an element must have a value, or else extensions")
	}
	err := r.extended(f, e, p)
	r.leave(mark)
	return err
}

// parts takes the attributes.
func (r *reader) parts(p *primitive) error {
	for i := range r.tag.attrs {
		switch a := &r.tag.attrs[i]; {
		case r.declares(a):
		case a.prefix.empty() && r.is(a.local, "value"):
			p.value = *a
		case a.prefix.empty() && r.is(a.local, "id"):
			p.id, p.full = *a, true
		default:
			return r.refuse(a.at, "this element has no such attribute")
		}
	}
	return nil
}

// plain writes the value.
func (r *reader) plain(f *frame, e *r4.Element, p *primitive) error {
	there := p.value.at > 0
	switch {
	case p.list != nil:
		if p.list.items++; p.list.items > 1 {
			r.byte(',')
		}
		p.list.valid = p.list.valid || there
		if !there {
			r.text("null")
		}
	case there:
		r.comma(f)
		r.key("", e.JSON)
	}
	if !there {
		return nil
	}
	return r.literal(&p.value, formOf(p.t))
}

// ahead finds out whether the element has content. If not, it is over.
func (r *reader) ahead(p *primitive, empty bool) error {
	if empty {
		p.ended = true
		return nil
	}
	switch k, err := r.next(); {
	case err != nil:
		return err
	case k == closing:
		p.ended = true
		return r.ends(p.name)
	}
	p.full = true
	r.back()
	return nil
}

// extended writes the id and the extensions, if there are any.
func (r *reader) extended(f *frame, e *r4.Element, p *primitive) error {
	switch {
	case p.list != nil:
		return r.below(p)
	case !p.full:
		return nil
	}
	r.comma(f)
	r.key("_", e.JSON)
	return r.sibling(p)
}

// below writes into the list beside that of the values, which begins with the first item that
// has something to say there.
func (r *reader) below(p *primitive) error {
	l := p.list
	switch {
	case l.below == nil && !p.full:
		return nil
	case l.below == nil:
		l.below = &buffer{}
		for range l.items - 1 {
			l.below.text("null,")
		}
	default:
		l.below.byte(',')
	}
	if !p.full {
		l.below.text("null")
		return nil
	}
	values := r.buffer
	r.buffer = l.below
	err := r.sibling(p)
	r.buffer = values
	return err
}

// sibling writes the object of id and extensions.
func (r *reader) sibling(p *primitive) error {
	r.mark(p.at)
	if err := r.down('{'); err != nil {
		return err
	}
	if p.id.at > 0 {
		r.comma(&p.frame)
		r.key("", "id")
		if err := r.literal(&p.id, tokenForm); err != nil {
			return err
		}
	}
	if !p.ended {
		if err := r.children(&p.frame); err != nil {
			return err
		}
	}
	r.up('}')
	return nil
}

// finish ends the list of the child before, if there is one.
func (r *reader) finish(f *frame) {
	if f.last == nil || !f.last.Many() {
		return
	}
	r.up(']')
	if r4.ByID(f.last.Type).Kind != r4.Primitive {
		return
	}
	if !f.list.valid {
		r.cut(f.list.from)
		f.any = f.list.any
	}
	if f.list.below != nil {
		r.comma(f)
		r.key("_", f.last.JSON)
		r.byte('[')
		r.add(f.list.below)
		r.byte(']')
	}
}
