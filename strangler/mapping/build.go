package mapping

import (
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/strangler/source"
)

// builder builds the rules of one scope: of a target, or of an item that a child's row becomes.
type builder struct {
	*binder
	m        *Map
	spec     *mapSpec
	target   *targetSpec
	ledger   *columnLedger
	scope    *scope
	join     int    // child whose rows the scope is over; -1: the root
	path     string // of the scope's root: "Patient", "Patient.identifier"
	prefix   string // of a scope, in the paths of its slices: "identifier(mrn)."
	nested   bool   // the scope's root is an extension, so that extensions in it have short urls
	patterns map[string]*pattern
}

func (b *builder) record() bool { return b.target.record.given() }

// names are what expressions of this scope can use.
func (b *builder) names() names {
	n := names{table: b.m.table, joins: b.m.joins}
	if b.join >= 0 {
		n.item = b.scope.table
	}
	return n
}

func (b *builder) rules(list []ruleSpec) {
	for i := range list {
		s := &list[i]
		switch {
		case s.child.given():
			b.child(s)
		case s.column.given():
			b.column(s)
		case s.derive.given():
			b.derive(s)
		case s.hasValue:
			b.constant(s)
		}
	}
	// Defaults are computed from other columns, so they are read back last.
	slices.SortStableFunc(b.scope.lenses, func(x, y *lens) int { return rank(x) - rank(y) })
}

func rank(l *lens) int {
	if l.special.dflt != nil {
		return 1
	}
	return 0
}

// newSlot reserves a slot of the scope.
func (b *builder) newSlot() int {
	b.scope.slots++
	return b.scope.slots - 1
}

// column builds the rule of a column.
func (b *builder) column(s *ruleSpec) {
	t := b.scope.table
	i := b.binder.column(t, s.column)
	c := &t.Columns[i]
	if _, there := t.Index(s.column.s); there {
		b.ledger.take(b.join, i, s.column.at, t)
	}
	l := &lens{at: s.at, index: i, path: t.String() + "." + c.Name, class: c.Class(), alone: tableOf(c), public: s.public}
	l.keep = b.pack.keep && s.invalid.s != "quarantine" || s.invalid.s == "as-is"
	b.spots(l, s, c)
	if len(l.spots) == 0 {
		return
	}
	l.slot = l.spots[0].slot
	b.conditions(l, s)
	b.specials(l, s, c)
	b.scope.lenses = append(b.scope.lenses, l)
}

// spots builds the one or two places of a column.
func (b *builder) spots(l *lens, s *ruleSpec, c *source.Column) {
	for _, p := range []*ruleSpec{s, s.other} {
		if p == nil {
			continue
		}
		spot := b.spot(l, s, p, c)
		if spot == nil {
			l.spots = nil
			return
		}
		l.spots = append(l.spots, spot)
	}
}

// spot builds one place of a column: p says where, s how.
func (b *builder) spot(l *lens, s, p *ruleSpec, c *source.Column) *spot {
	if b.record() {
		return b.recordSpot(l, s, p, c)
	}
	at, ok := b.locate(p)
	if !ok {
		return nil
	}
	out := &spot{route: at.route}
	out.conv = b.conversion(l, s, p, c, at)
	if out.conv == nil {
		return nil
	}
	if _, ok := out.conv.(quantity); ok {
		return b.quantitySpot(out, p, at)
	}
	out.leaf = b.claim(at, p.at)
	out.leaf.shared = s.when.given() && p == s
	out.slot = out.leaf.slot
	b.beside(out.leaf, s, c)
	return out
}

// quantitySpot gives value and comparator of a Quantity to one column.
func (b *builder) quantitySpot(out *spot, p *ruleSpec, at location) *spot {
	quantity := at.entry.branch
	for _, name := range []string{"value", "comparator"} {
		m := quantity.member(name, quantity.typ.Find(name))
		if len(m.entries) > 0 {
			b.add(p.at, "%s.%s has a rule already", at.path, name)
			return nil
		}
		m.entries = []*entry{{leaf: &leaf{slot: b.newSlot()}}}
	}
	out.slot = quantity.find("value").entries[0].leaf.slot
	out.second = quantity.find("comparator").entries[0].leaf.slot
	return out
}

// conditions compiles what a rule asks of values.
func (b *builder) conditions(l *lens, s *ruleSpec) {
	if s.when.given() {
		l.when = b.compile(&b.problems, s.when, b.names(), cel.BoolType)
		if s.other == nil {
			b.add(s.when.at, "a column with a condition needs a second place: else")
		}
	}
	if s.expect.given() {
		re, err := regexp.Compile(s.expect.s)
		if err != nil {
			b.add(s.expect.at, "expect: %s", err)
		}
		l.expect = re
	}
}

// fieldName is how a column is named in urls: the table and the column, in lower case with hyphens.
func fieldName(t *source.Table, column string) string {
	return hyphens(t.Name) + "-" + hyphens(column)
}

// hyphens writes PatientSerNum as patient-ser-num and Is_Active as is-active.
func hyphens(name string) string {
	var out strings.Builder
	for i := range len(name) {
		c := name[i]
		upper := c >= 'A' && c <= 'Z'
		if upper && i > 0 && startsWord(name, i) {
			out.WriteByte('-')
		}
		switch {
		case upper:
			out.WriteByte(c + 'a' - 'A')
		case c == '_':
			out.WriteByte('-')
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}

func startsWord(name string, i int) bool {
	before := name[i-1]
	if before == '_' {
		return false
	}
	if before < 'A' || before > 'Z' {
		return true
	}
	return i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
}

// beside names the extensions that may stand beside a value.
func (b *builder) beside(l *leaf, s *ruleSpec, c *source.Column) {
	base := b.pack.extensions + b.pack.name + "-" + fieldName(b.scope.table, c.Name)
	l.asIs, l.damaged = base+"-as-is", base+"-damaged"
	if !l.whole && l.extras == nil {
		l.extras = &branch{typ: r4.Lookup("Element")}
	}
}

// child builds the rules for the rows of a child.
func (b *builder) child(s *ruleSpec) {
	j := b.findJoin(b.m, s.child, true)
	if j < 0 {
		return
	}
	if b.join >= 0 || b.record() {
		b.add(s.at, "a child stands directly in a target of a resource type")
		return
	}
	at, ok := b.locate(s)
	if !ok {
		return
	}
	if at.entry.branch == nil || !at.elem.Many() && !b.m.joins[j].one {
		b.add(s.at, "%s does not hold the rows of a child: it must be an object that repeats", at.path)
		return
	}
	e := &each{join: j, number: len(b.scope.eachs), at: s.at}
	e.scope = &scope{table: b.m.joins[j].table, root: at.entry.branch}
	at.entry.branch, at.entry.each = nil, e
	b.scope.eachs, b.scope.routes = append(b.scope.eachs, e), append(b.scope.routes, at.items())
	sub := *b
	sub.scope, sub.join, sub.path, sub.prefix, sub.nested = e.scope, j, at.path, s.to.s+".", s.extension.given()
	sub.rules(s.each)
}

// constant builds an element that always has the same value.
func (b *builder) constant(s *ruleSpec) {
	if b.record() {
		b.add(s.at, "a record has no constants; its module knows them")
		return
	}
	at, ok := b.locate(s)
	if !ok {
		return
	}
	value := s.value
	if p := b.patterns[b.prefix+s.to.s]; p != nil && value == "present" {
		value = p.value
		at.entry.branch = &branch{typ: at.entry.branch.typ}
	}
	if !s.when.given() {
		l := b.claim(at, s.at)
		l.constant = b.checkedJSON(value, at, s.at)
		return
	}
	b.scope.derives = append(b.scope.derives, &derive{
		at: s.at, path: at.path, slot: b.share(at, s).slot, constant: b.checkedJSON(value, at, s.at),
		when: b.compile(&b.problems, s.when, b.names(), cel.BoolType),
	})
}

// share is claim for rules that have a condition: they may stand beside others that have one too.
func (b *builder) share(at location, s *ruleSpec) *leaf {
	if l := at.entry.leaf; s.when.given() && l != nil && l.slot >= 0 && l.shared {
		return l
	}
	l := b.claim(at, s.at)
	l.shared = s.when.given()
	return l
}
