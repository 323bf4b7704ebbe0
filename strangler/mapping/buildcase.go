package mapping

import (
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/strangler/source"
)

// kase builds a case of a map.
func (b *binder) kase(m *Map, s *mapSpec, c *caseSpec) {
	k := &kase{name: c.name.s}
	if c.when.given() {
		k.when = b.compile(&b.problems, c.when, names{table: m.table, joins: m.joins}, cel.BoolType)
	}
	ledger := b.ledger(m)
	types := map[string]int{}
	for i := range c.targets {
		t := &c.targets[i]
		built := b.target(m, s, t, ledger)
		if types[built.typ]++; types[built.typ] > 1 {
			built.suffix = built.slot
		}
		k.targets = append(k.targets, built)
		m.Targets = append(m.Targets, TargetInfo{built.slot, built.typ})
	}
	for i := range c.drops {
		k.drops = append(k.drops, b.drop(m, &c.drops[i], ledger))
	}
	for _, name := range c.none {
		if j := b.findJoin(m, name, true); j >= 0 {
			k.none = append(k.none, j)
		}
	}
	ledger.close(m, k, c.at)
	m.cases = append(m.cases, k)
}

func (b *binder) target(m *Map, s *mapSpec, t *targetSpec, ledger *columnLedger) *target {
	out := &target{slot: t.slot.s, typ: t.typ.s, record: t.record.given(), at: t.at}
	if out.record {
		out.typ = t.record.s
	}
	if out.slot == "" {
		out.slot = out.typ
	}
	if t.when.given() {
		out.when = b.compile(&b.problems, t.when, names{table: m.table, joins: m.joins}, cel.BoolType)
	}
	bt := &builder{binder: b, m: m, spec: s, target: t, ledger: ledger, join: -1, patterns: b.patterns(t)}
	bt.scope = &scope{table: m.table}
	out.scope = bt.scope
	if out.record {
		bt.rules(t.rules)
		return out
	}
	typ := r4.Lookup(t.typ.s)
	if typ == nil || typ.Kind != r4.Resource {
		b.add(t.typ.at, "R4 has no resource type %s%s", t.typ.s, near(t.typ.s, r4.Resources()))
		return out
	}
	bt.scope.root, bt.path = &branch{typ: typ}, typ.Name
	bt.rules(t.rules)
	bt.unusedSlices()
	return out
}

// patterns are the slices of a target by their path.
func (b *binder) patterns(t *targetSpec) map[string]*pattern {
	all := map[string]*pattern{}
	for _, s := range t.slices {
		if all[s.path.s] != nil {
			b.add(s.path.at, "slice %s is described twice", s.path.s)
		}
		all[s.path.s] = &pattern{at: s.path.at, value: s.pattern}
	}
	return all
}

// unusedSlices says which slices no rule uses, and which cannot be told from another of the same element.
func (b *builder) unusedSlices() {
	for _, path := range keys(b.patterns) {
		if !b.patterns[path].used {
			b.add(b.patterns[path].at, "no rule uses the slice %s", path)
		}
		for _, other := range keys(b.patterns) {
			if other > path && elementOf(other) == elementOf(path) && b.alike(path, other) {
				b.add(b.patterns[path].at, "an item of the slice %s cannot be told from one of %s", path, other)
			}
		}
	}
}

// elementOf is the path of a slice without its name.
func elementOf(slice string) string { return slice[:strings.LastIndexByte(slice, '(')+1] }

func (b *builder) alike(one, two string) bool {
	v, w := b.patternValue(b.patterns[one]), b.patternValue(b.patterns[two])
	return holds(v, w) || holds(w, v)
}

func (b *binder) drop(m *Map, s *dropSpec, ledger *columnLedger) *drop {
	t, join := m.table, -1
	if s.child.given() {
		if join = b.findJoin(m, s.child, true); join < 0 {
			return &drop{join: -1}
		}
		t = m.joins[join].table
	}
	d := &drop{at: s.at, reason: s.reason.s, join: join, index: b.column(t, s.column), path: t.String() + "." + s.column.s}
	if _, there := t.Index(s.column.s); there {
		ledger.take(join, d.index, s.column.at, t)
	}
	d.constant, d.always = s.constant, source.Text(s.always.s)
	if s.null {
		d.always = source.NullCell()
	}
	if s.equal.given() {
		d.equal = b.compile(&b.problems, s.equal, dropNames(m, join))
	}
	if s.reason.s == Technical && named(t, d.index) {
		b.add(s.at, "column %s is part of a key, so it is not only technical", d.path)
	}
	d.lens = lens{class: t.Columns[d.index].Class(), alone: tableOf(&t.Columns[d.index])}
	return d
}

func dropNames(m *Map, join int) names {
	n := names{table: m.table, joins: m.joins}
	if join >= 0 {
		n.item = m.joins[join].table
	}
	return n
}

// named reports whether a column is part of a key of its table.
func named(t *source.Table, i int) bool {
	for _, c := range t.PrimaryKey {
		if at, _ := t.Index(c); at == i {
			return true
		}
	}
	for _, f := range t.ForeignKeys {
		if at, ok := t.Indexes(f.Columns); ok && at[0] == i {
			return true
		}
	}
	return false
}

// findJoin is the number of a join by name, -1 and a problem if there is none.
func (b *binder) findJoin(m *Map, name text, owned bool) int {
	var known []string
	for i, j := range m.joins {
		if j.name == name.s && j.owned == owned {
			return i
		}
		known = append(known, j.name)
	}
	kind := map[bool]string{true: "child", false: "lookup"}[owned]
	b.add(name.at, "the map has no %s %q%s", kind, name.s, near(name.s, known))
	return -1
}

// tableOf is a table of one column only.
func tableOf(c *source.Column) *source.Table {
	return &source.Table{Columns: []source.Column{{Name: c.Name, Type: c.Type, Charset: c.Charset}}}
}

func quoteName(s string) string { return strconv.Quote(s) }
