package xml

import "github.com/ficushealth/ficus/fhir/r4"

// fits checks that the element whose start tag was just read may stand here: it is known,
// in the right namespace, and behind those that come before it.
func (r *reader) fits(f *frame, e *r4.Element) error {
	want := fhirSpace
	if e != nil && e.Name == "div" && f.t.Name == "Narrative" {
		want = xhtmlSpace
	}
	switch got := r.space(r.tag.prefix); {
	case e == nil && got == fhirSpace:
		return r.refuse(r.tag.at, "FHIR R4 has no such element in "+f.t.Name)
	case got == unknownSpace || want == fhirSpace && got != want:
		return r.alien()
	case got != want:
		return r.refuse(r.tag.at, "the div of a narrative must be in the namespace "+xhtmlURI)
	case isAttribute(f.t, e.JSON):
		return r.refuse(r.tag.at, "in XML, this is an attribute and no element")
	}
	return r.inOrder(f, e)
}

func (r *reader) inOrder(f *frame, e *r4.Element) error {
	switch {
	case f.last != nil && e.Index == f.last.Index:
		return r.repeats(f, e)
	case f.last != nil && e.Index < f.last.Index && !r.anyOrder:
		return r.refuse(r.tag.at, "this element must stand before "+f.last.JSON)
	case f.seen>>e.Index&1 == 1:
		return r.refuse(r.tag.at, "this element must stand beside the one of its name that came before")
	}
	f.seen |= 1 << e.Index
	return nil
}

// repeats checks an element that follows one of its name, or of its choice.
func (r *reader) repeats(f *frame, e *r4.Element) error {
	switch {
	case e != f.last:
		return r.refuse(r.tag.at, "of the elements "+e.Name+"[x] only one may be there")
	case !e.Many():
		return r.refuse(r.tag.at, "this element may stand here only once")
	}
	return nil
}
