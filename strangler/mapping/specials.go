package mapping

import (
	"github.com/ficushealth/ficus/strangler/source"
)

// specials decides what becomes of NULL, the empty text, zero and the value that a rule names, so that they stay apart.
func (b *builder) specials(l *lens, s *ruleSpec, c *source.Column) {
	sp := &l.special
	sp.zeroText = zeroDate(c.Type, fraction(c))
	if s.zero.given() && (l.class == source.IntegerClass || l.class == source.NumberClass) {
		sp.zeroText = "0"
	}
	b.nothingOf(l, s)
	possible := []struct {
		is     bool
		said   text
		act    *action
		absent absence
		record action
	}{
		{c.Nullable, s.null, &sp.null, isNull, absentIt},
		{l.class <= source.BinaryClass, s.empty, &sp.empty, isEmpty, valueIt},
		{sp.zeroText != "", s.zero, &sp.zero, isZero, refuseIt},
	}
	for _, p := range possible {
		b.say(l, p.said, p.act, p.absent)
	}
	for _, p := range possible {
		if p.is && !p.said.given() {
			b.choose(sp, p.act, p.absent, p.record, l.class)
		}
	}
	b.mark(l, c)
}

// nothingOf reads the rules that name the value for which nothing is written.
func (b *builder) nothingOf(l *lens, s *ruleSpec) {
	if _, ok := l.spots[0].conv.(present); ok {
		zero := "0"
		l.special.literal, l.special.absent = &zero, isLiteral
	}
	if s.hasAbsent {
		l.special.literal, l.special.absent = &s.absent.s, isLiteral
	}
	if s.dflt.given() {
		l.special.dflt, l.special.absent = b.compile(&b.problems, s.dflt, b.names()), isDefault
	}
}

// say takes what a rule says about a state.
func (b *builder) say(l *lens, said text, act *action, absent absence) {
	switch said.s {
	case "mark":
		*act = markIt
	case "unknown":
		*act = unknownIt
		if l.spots[0].leaf == nil {
			b.add(said.at, "the element cannot carry a data-absent-reason; mark it instead")
		}
	case "absent":
		if l.special.absent != never {
			b.add(said.at, "two states of the column would both be absent, so there is no way back; give this one: mark")
		}
		*act, l.special.absent = absentIt, absent
	}
	if said.given() && said.s != "absent" && b.record() {
		b.add(said.at, "a record can only be absent here")
	}
}

// choose decides about a state that the rule does not speak of: the first is the absence of the element, the others get a mark.
func (b *builder) choose(sp *special, act *action, absent absence, record action, class source.Class) {
	switch {
	case b.record() && (record != refuseIt || sp.absent != never):
		*act = record
		if absent == isNull && sp.absent == never {
			sp.absent = isNull
		}
	case sp.absent == never && (absent != isZero || class == source.TemporalClass):
		*act, sp.absent = absentIt, absent
	case sp.absent == absent:
		*act = absentIt
	default:
		*act = markIt
	}
}

// mark prepares the extension that names a state.
func (b *builder) mark(l *lens, c *source.Column) {
	sp := &l.special
	if b.record() || sp.null != markIt && sp.empty != markIt && sp.zero != markIt {
		return
	}
	elem := b.scope.root.typ.Find("extension")
	if elem == nil {
		b.add(l.at, "%s cannot carry extensions, so NULL, empty and zero cannot be told apart", b.path)
		return
	}
	b.scope.root.member("extension", elem)
	b.scope.root.marks = append(b.scope.root.marks, l)
	l.markURL = b.pack.extensions + b.pack.name + "-" + fieldName(b.scope.table, c.Name) + "-state"
	b.pack.definitions = append(b.pack.definitions, Definition{l.markURL, "code", b.path, l.path + ": null, empty or zero, where the element is absent"})
}
