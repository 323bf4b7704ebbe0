package mapping

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/source"
)

// recordSpot gives a column to a field of a record.
func (b *builder) recordSpot(l *lens, s, p *ruleSpec, c *source.Column) *spot {
	if !p.to.given() || p != s {
		b.add(p.at, "a column of a record goes to one field: to: name")
		return nil
	}
	out := &spot{field: p.to.s, slot: b.field(p.to, false)}
	if out.conv = b.recordConversion(l, s, c); out.conv == nil {
		return nil
	}
	return out
}

// field reserves a field of the record. Rules that all have a condition may share one.
func (b *builder) field(name text, shared bool) int {
	for _, f := range b.scope.fields {
		if f.name != name.s {
			continue
		}
		if !shared || !f.shared {
			b.add(name.at, "the field %s has a rule already", name.s)
		}
		return f.slot
	}
	slot := b.newSlot()
	b.scope.fields = append(b.scope.fields, field{name.s, slot, shared})
	return slot
}

func (b *builder) deriveField(d *derive, s *ruleSpec) {
	d.path, d.slot = b.target.record.s+"."+s.to.s, b.field(s.to, s.when.given())
	if s.ref != nil {
		d.ref, _ = b.refer(s.ref, false, d.path).(*refer)
	}
	b.scope.derives = append(b.scope.derives, d)
}

// recordConversion writes times in UTC and 0 and 1 as false and true where the rule asks for it, all else as it is.
func (b *builder) recordConversion(l *lens, s *ruleSpec, c *source.Column) conversion {
	switch {
	case s.cel.given():
		return b.computed(l, s, nil)
	case s.terms.given():
		b.add(s.terms.at, "a record keeps codes as they are")
		return nil
	case s.as.s == "boolean":
		return truth{}
	case s.as.s == "instant" || !s.as.given() && (c.Type == "datetime" || c.Type == "timestamp"):
		if zone := b.zone(s, c, s.at); zone != nil {
			return scaled{instant{zone: zone, utc: true}, fraction(c)}
		}
		return nil
	case s.as.given() && s.as.s != "text":
		b.add(s.as.at, "a field of a record is text, instant or boolean, not %q", s.as.s)
		return nil
	}
	return verbatim{}
}

// verbatim keeps a value as it is.
type verbatim struct{}

func (verbatim) to(_ *run, b []byte) value { return quoted(b) }

func (verbatim) from(_ *run, v fhir.Value) ([]byte, bool) { return []byte(v.Str()), true }

// record makes the values of a record from the slots.
func (s *scope) record(r *run) *Record {
	values := make(map[string]*string, len(s.fields))
	for _, f := range s.fields {
		values[f.name] = nil
		if slot := &r.slots[f.slot]; slot.form != nothing {
			text := string(slot.text)
			values[f.name] = &text
		}
	}
	return &Record{Values: values}
}

// readRecord gives back the cell of a record's field. A record that is not there has no values.
func (l *lens) readRecord(r *run, rec *Record) (source.Cell, error) {
	var text *string
	if rec != nil {
		text = rec.Values[l.spots[0].field]
	}
	if text == nil {
		return l.nothing(r)
	}
	if *text == "" {
		return source.Cell{State: source.Value, Bytes: []byte{}}, nil
	}
	b, ok := fromField(r, l.spots[0].conv, *text)
	if !ok {
		return source.Cell{}, l.noWay("the field holds a value that the column cannot hold")
	}
	return source.Cell{State: source.Value, Bytes: b}, nil
}

// fromField is the way back from the text of a field.
func fromField(r *run, c conversion, text string) ([]byte, bool) {
	switch c := c.(type) {
	case truth:
		return []byte(map[string]string{"true": "1", "false": "0"}[text]), text == "true" || text == "false"
	case scaled:
		b, ok := c.local(text)
		if !ok {
			return nil, false
		}
		return c.fitted(b)
	case *computed:
		b := c.back(r, []byte(text))
		return b, b != nil
	}
	return []byte(text), true
}
