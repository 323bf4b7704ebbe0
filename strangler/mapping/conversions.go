package mapping

import (
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/strangler/source"
)

// conversion picks how a column becomes the element at a place, nil and a problem if there is no way.
func (b *builder) conversion(l *lens, s, p *ruleSpec, c *source.Column, at location) conversion {
	if s.ref != nil && p == s {
		return b.refer(s.ref, at.elem.Types[0] == "Reference", at.path)
	}
	if name := b.termsOf(s, p); name.given() {
		return b.coded(l, s, name, at)
	}
	if s.cel.given() && p == s {
		return b.computed(l, s, at.elem)
	}
	as := p.as
	if as.s == "present" {
		return b.present(p, at)
	}
	if as.given() && as.s != at.elem.Types[0] && !slices.Contains(alternatives(at.elem.Types[0]), as.s) {
		b.add(as.at, "%s is %s and cannot be written as %q%s", at.path, fault.A(at.elem.Types[0]), as.s, near(as.s, alternatives(at.elem.Types[0])))
		return nil
	}
	return b.primitive(s, p, c, at)
}

func (b *builder) termsOf(s, p *ruleSpec) text {
	if p.terms.given() || p != s {
		return p.terms
	}
	return s.terms
}

// alternatives are the names under which as may speak of an element's type.
func alternatives(typ string) []string {
	switch typ {
	case "dateTime", "instant":
		return []string{"dateTime", "instant", "date"}
	case "base64Binary":
		return []string{"bytes", "base64"}
	case "Quantity":
		return []string{"quantity"}
	}
	return []string{typ}
}

func (b *builder) primitive(s, p *ruleSpec, c *source.Column, at location) conversion {
	if c.Class() == source.BitClass {
		return b.bits(p, c, at)
	}
	typ := at.elem.Types[0]
	if valid := validFor(at.elem); valid != nil {
		return textual{s.prefix.s, valid}
	}
	switch typ {
	case "decimal":
		return numeric{}
	case "integer":
		return numeric{-1 << 31, 1<<31 - 1}
	case "unsignedInt":
		return numeric{0, 1<<31 - 1}
	case "positiveInt":
		return numeric{1, 1<<31 - 1}
	case "boolean":
		return truth{}
	case "date", "dateTime", "instant", "time":
		return b.temporal(s, p, c, at)
	case "base64Binary":
		if p.as.s == "base64" || c.Class() == source.TextClass {
			return armored{}
		}
		return encoded{}
	case "Quantity":
		return quantity{}
	}
	b.add(p.at, "%s is %s: name a part of it, or say how: terms, ref, as: present", at.path, fault.A(typ))
	return nil
}

func (b *builder) temporal(s, p *ruleSpec, c *source.Column, at location) conversion {
	typ := at.elem.Types[0]
	switch {
	case c.Class() != source.TemporalClass:
		b.add(p.at, "%s is %s, but column %s is %s", at.path, fault.A(typ), c.Name, c.Full)
	case typ == "time" && c.Type == "time":
		return clock{}
	case c.Type == "date" && (typ == "date" || typ == "dateTime"):
		return calendar{}
	case typ == "date" || typ == "dateTime" && p.as.s == "date":
		return calendar{midnight(fraction(c))}
	case c.Type == "datetime" || c.Type == "timestamp":
		if zone := b.zone(s, c, p.at); zone != nil {
			return scaled{instant{zone: zone}, fraction(c)}
		}
	default:
		b.add(p.at, "%s is %s, but column %s is %s", at.path, fault.A(typ), c.Name, fault.A(c.Type))
	}
	return nil
}

// fraction is how many digits of a second a column has.
func fraction(c *source.Column) int { return max(c.Len, c.Scale) }

// zone is the time zone in which a column is written.
func (b *builder) zone(s *ruleSpec, c *source.Column, at place) *time.Location {
	name := firstGiven(s.zone, b.spec.zone, b.pack.zone)
	if c.Type == "timestamp" && b.scope.table.Zone != "" && !s.zone.given() {
		name = text{b.scope.table.Zone, at}
	}
	if !name.given() {
		b.add(at, "say in which time zone the column is written: zone: America/Toronto, here, in the map or in pack.yaml")
		return nil
	}
	zone, err := zoneNamed(name.s)
	if err != nil {
		b.add(name.at, "there is no time zone %q", name.s)
		return nil
	}
	return zone
}

func firstGiven(list ...text) text {
	for _, t := range list {
		if t.given() {
			return t
		}
	}
	return text{}
}

func (b *builder) coded(l *lens, s *ruleSpec, name text, at location) conversion {
	t := b.pack.terms[name.s]
	if t == nil {
		b.add(name.at, "there is no terminology map %s%s; it would be terms/%s.csv", name.s, near(name.s, keys(b.pack.terms)), name.s)
		return nil
	}
	l.terms = t
	kind, ok := map[string]codedKind{"code": asCode, "uri": asCode, "Coding": asCoding, "CodeableConcept": asConcept, "string": asCode}[at.elem.Types[0]]
	if !ok {
		b.add(name.at, "%s is %s, which holds no code", at.path, fault.A(at.elem.Types[0]))
		return nil
	}
	if s.unmapped.given() {
		l.keep = s.unmapped.s == "as-is"
	}
	if s.unmapped.s == "text" && kind != asConcept {
		b.add(s.unmapped.at, "only a CodeableConcept can hold a code as text; %s is %s", at.path, fault.A(at.elem.Types[0]))
	}
	if !s.unmapped.given() {
		l.keep, l.open = false, !s.invalid.given()
	}
	b.checkTerms(t, kind, at)
	return newCoded(t, kind, s.unmapped.s == "text")
}

// checkTerms asks the value set of an element about every code of a terminology map.
func (b *builder) checkTerms(t *terms, kind codedKind, at location) {
	set := at.elem.Codes()
	for _, n := range t.list {
		if set != nil && !inSet(set, n, kind) {
			b.add(n.at, "%s cannot be %q: the value set %s does not have it", at.path, n.code, set.URL)
		}
	}
}

func inSet(set *r4.ValueSet, n *term, kind codedKind) bool {
	if kind == asCode {
		return set.Has(n.code)
	}
	return set.Contains(n.system, n.code)
}

func (b *builder) computed(l *lens, s *ruleSpec, elem *r4.Element) conversion {
	if !s.inverse.given() {
		b.add(s.cel.at, "a computed column needs its way back: inverse: an expression over value")
		return nil
	}
	back := b.names()
	back.value = true
	c := &computed{
		forward:  b.compile(&b.problems, s.cel, b.names(), cel.StringType),
		inverse:  b.compile(&b.problems, s.inverse, back, cel.StringType),
		valid:    validText,
		verbatim: s.invalid.s == "as-is",
	}
	if elem != nil {
		c.valid = validFor(elem)
	}
	if c.valid == nil {
		b.add(s.cel.at, "an expression gives text, which %s is not", fault.A(elem.Types[0]))
		return nil
	}
	if c.forward == nil || c.inverse == nil {
		return nil
	}
	return c
}

// present makes a slice stand for 1 and its absence for 0.
func (b *builder) present(p *ruleSpec, at location) conversion {
	part := strings.Split(p.to.s, ".")
	pattern := b.patterns[b.prefix+p.to.s]
	if pattern == nil || !strings.HasSuffix(part[len(part)-1], ")") {
		b.add(p.at, "as: present needs a slice: to: meta.tag(test), and under slices what it holds")
		return nil
	}
	if at.entry.branch != nil {
		at.entry.branch.members = nil // written as a whole
	}
	return present{jsonOf(pattern.value)}
}
