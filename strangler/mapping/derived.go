package mapping

import (
	"time"

	"cel.dev/cel-go/cel"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// derive builds an element that is computed and has no way back.
func (b *builder) derive(s *ruleSpec) {
	d := &derive{at: s.at, prog: b.compile(&b.problems, s.derive, b.names())}
	if d.prog == nil {
		return
	}
	if s.when.given() {
		d.when = b.compile(&b.problems, s.when, b.names(), cel.BoolType)
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
		d.valid, d.number = derivedCheck(at.elem)
	default:
		b.add(s.at, "%s is %s: an expression gives a single value; name a part", at.path, fault.A(typ.Name))
		return
	}
	d.slot = b.share(at, s).slot
	b.scope.derives = append(b.scope.derives, d)
}

// derivedCheck is the check of a computed text for a primitive element; number says that the element is no text.
func derivedCheck(e *r4.Element) (valid func([]byte) bool, number bool) {
	switch e.Types[0] {
	case "date":
		return func(b []byte) bool { return len(b) == 10 && isDate(b) }, false
	case "dateTime":
		return func(b []byte) bool { return len(b) == 10 && isDate(b) || isInstant(b) }, false
	case "instant":
		return isInstant, false
	case "decimal", "integer", "unsignedInt", "positiveInt":
		return isNumber, true
	case "boolean":
		return func(b []byte) bool { return string(b) == "true" || string(b) == "false" }, true
	}
	valid = validFor(e)
	if valid == nil {
		valid = validText
	}
	return valid, false
}

func isDate(b []byte) bool {
	_, ok := readDate(view(b))
	return ok
}

func isInstant(b []byte) bool {
	_, err := time.Parse(time.RFC3339Nano, view(b))
	return err == nil
}

// run evaluates the expression into its slot. What the element cannot hold is left out and reported.
func (d *derive) run(r *run, base int) {
	if holds, ok := r.test(d.when, d.path); !ok || !holds {
		return
	}
	if d.constant != nil {
		r.slots[base+d.slot] = slot{form: raw, text: d.constant}
		return
	}
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
	case d.valid != nil && !d.valid(text):
		r.find(d.at, d.path, Unfit)
	case d.number:
		s.form, s.text = raw, text
	default:
		s.form, s.text = str, text
	}
}
