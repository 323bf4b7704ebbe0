package mapping

import "github.com/ficushealth/ficus/fhir/r4"

// derive builds an element that is computed and has no way back.
func (b *builder) derive(s *ruleSpec) {
	d := &derive{at: s.at, prog: b.compile(&b.problems, s.derive, b.names())}
	if d.prog == nil {
		return
	}
	if b.record() {
		b.deriveField(d, s)
		return
	}
	at, ok := b.locate(s)
	if !ok {
		return
	}
	typ := r4.ByID(at.elem.Type)
	d.path = at.path
	switch {
	case s.ref != nil:
		d.ref, _ = b.refer(s.ref, typ.Name == "Reference", at.path).(*refer)
	case typ.Kind == r4.Primitive:
		d.valid = validFor(at.elem)
		d.number = d.valid == nil
	default:
		b.add(s.at, "%s is a %s: an expression gives a single value; name a part", at.path, typ.Name)
		return
	}
	d.slot = b.claim(at, s.at).slot
	b.scope.derives = append(b.scope.derives, d)
}

// run evaluates the expression into its slot. What the element cannot hold is left out and reported.
func (d *derive) run(r *run, base int) {
	f, text, err := d.prog.eval(r)
	s := &r.slots[base+d.slot]
	switch {
	case err != nil:
		r.refuse(d.at, d.path, Failed, "the expression fails")
	case f == nothing:
	case d.ref != nil:
		v := d.ref.to(r, text)
		s.form, s.text = v.form, v.text
		if v.code != "" {
			r.find(d.at, d.path, v.code)
		}
	case d.number:
		s.form, s.text = raw, text
	case d.valid != nil && !d.valid(text):
		r.find(d.at, d.path, Unfit)
	default:
		s.form, s.text = str, text
	}
}
