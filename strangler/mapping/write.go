package mapping

import "github.com/ficushealth/ficus/fhir"

// writer writes the JSON of a target from its tree and the slots of a row.
type writer struct {
	*run
	out []byte
}

// object writes an object and reports whether it holds anything but what its patterns demand; if not, it should not stand.
func (w *writer) object(b *branch, base int, id string) (content bool) {
	w.out = append(w.out, '{')
	if id != "" {
		w.out = append(append(w.out, `"resourceType":"`...), b.typ.Name...)
		w.out = append(append(append(w.out, `","id":"`...), id...), '"')
	}
	for _, m := range b.members {
		if w.member(m, b, base) {
			content = true
		}
	}
	w.out = append(w.out, '}')
	return content
}

// comma separates what follows from what stands in the same object or array.
func (w *writer) comma() {
	if c := w.out[len(w.out)-1]; c != '{' && c != '[' && c != ':' {
		w.out = append(w.out, ',')
	}
}

func (w *writer) member(m *member, b *branch, base int) bool {
	if m.name == "extension" {
		return w.extensions(m, b, base, nil)
	}
	switch first := m.entries[0]; {
	case first.fixed != nil:
		w.comma()
		w.out = append(append(w.out, m.quoted...), first.fixed...)
		return false
	case first.leaf != nil && !first.leaf.whole:
		return w.primitive(m, first.leaf, base)
	case m.many:
		return w.list(m, base)
	default:
		return w.single(m, first, base)
	}
}

// single writes a member that is an object.
func (w *writer) single(m *member, e *entry, base int) bool {
	before := len(w.out)
	w.comma()
	w.out = append(w.out, m.quoted...)
	content := w.entry(e, base)
	if !content && !e.demanded {
		w.out = w.out[:before]
	}
	return content
}

// list writes a member that is an array of objects.
func (w *writer) list(m *member, base int) bool {
	before := len(w.out)
	w.comma()
	w.out = append(append(w.out, m.quoted...), '[')
	content := false
	for _, e := range m.entries {
		if w.item(e, base) {
			content = true
		}
	}
	if !content && !m.entries[0].demanded {
		w.out = w.out[:before]
		return false
	}
	w.out = append(w.out, ']')
	return content
}

// item writes one entry of an array, or one for each row of a child, with the comma before it.
func (w *writer) item(e *entry, base int) bool {
	if e.each != nil {
		return w.items(e.each, base)
	}
	before := len(w.out)
	w.comma()
	if e.fixed != nil {
		w.out = append(w.out, e.fixed...)
		return false
	}
	content := w.entry(e, base)
	if !content && !e.demanded {
		w.out = w.out[:before]
	}
	return content
}

func (w *writer) items(e *each, base int) bool {
	span := w.children[e.number]
	for i := range span.rows {
		w.comma()
		w.object(e.scope.root, span.base+i*e.scope.slots, "")
	}
	return span.rows > 0
}

// entry writes an object; what it wrote is for the caller to take back if it reports false.
func (w *writer) entry(e *entry, base int) bool {
	if e.branch != nil {
		return w.object(e.branch, base, "")
	}
	if e.each != nil {
		return w.alone(e.each, base)
	}
	return w.whole(e.leaf, base)
}

// alone writes the object that a child of at most one row makes of a member that does not repeat.
func (w *writer) alone(e *each, base int) bool {
	span := w.children[e.number]
	if span.rows == 0 {
		return false
	}
	w.object(e.scope.root, span.base, "")
	return true
}

// whole writes an object that one rule made, with the extensions beside it as its first member.
func (w *writer) whole(l *leaf, base int) bool {
	if l.constant != nil {
		w.out = append(w.out, l.constant...)
		return true
	}
	s := &w.slots[base+l.slot]
	if s.beside == 0 {
		w.out = append(w.out, s.text...)
		return s.form != nothing
	}
	w.out = s.appendBeside(append(w.out, `{"extension":[`...), l)
	w.out = append(w.out, ']')
	if s.form != nothing && len(s.text) > 2 {
		w.out = append(append(w.out, ','), s.text[1:]...)
		return true
	}
	w.out = append(w.out, '}')
	return true
}

// primitive writes a primitive value and the member with the underscore beside it.
func (w *writer) primitive(m *member, l *leaf, base int) bool {
	content := w.value(m, l, base)
	if w.extras(m, l, base) {
		return true
	}
	return content
}

func (w *writer) value(m *member, l *leaf, base int) bool {
	var s slot
	switch {
	case l.slot < 0: // only there for what stands beside it
	case l.constant == nil:
		s = w.slots[base+l.slot]
	default:
		s = slot{form: raw, text: l.constant}
	}
	if s.form == nothing {
		return false
	}
	w.comma()
	w.out = append(w.out, m.quoted...)
	if !m.many {
		w.out = s.appendValue(w.out)
		return true
	}
	w.out = append(s.appendValue(append(w.out, '[')), ']')
	return true
}

func (w *writer) extras(m *member, l *leaf, base int) bool {
	if l.extras == nil {
		return false
	}
	before := len(w.out)
	w.comma()
	w.out = append(w.out, m.beside...)
	if m.many {
		w.out = append(w.out, '[')
	}
	w.out = append(w.out, '{')
	if !w.extensions(l.extras.find("extension"), l.extras, base, l) {
		w.out = w.out[:before]
		return false
	}
	w.out = append(w.out, '}')
	if m.many {
		w.out = append(w.out, ']')
	}
	return true
}

// extensions writes the extensions of an object: those of its rules, the marks of columns without a value, and what stands
// beside the value of a leaf.
func (w *writer) extensions(m *member, b *branch, base int, l *leaf) bool {
	before := len(w.out)
	w.comma()
	w.out = append(w.out, `"extension":[`...)
	content := false
	if l != nil && l.slot >= 0 && l.constant == nil && w.slots[base+l.slot].beside != 0 {
		w.out = w.slots[base+l.slot].appendBeside(w.out, l)
		content = true
	}
	if m != nil {
		for _, e := range m.entries {
			content = w.item(e, base) || content
		}
	}
	content = w.marks(b, base) || content
	if !content {
		w.out = w.out[:before]
		return false
	}
	w.out = append(w.out, ']')
	return true
}

func (w *writer) marks(b *branch, base int) bool {
	content := false
	for _, l := range b.marks {
		state := w.slots[base+l.slot].mark
		if state == "" {
			continue
		}
		w.comma()
		w.out = append(fhir.AppendString(append(w.out, `{"url":`...), l.markURL), `,"valueCode":"`...)
		w.out = append(append(w.out, state...), `"}`...)
		content = true
	}
	return content
}
