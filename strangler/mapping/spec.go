package mapping

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// The spec types are a mapping file as written, before anything is looked up.

type mapSpec struct {
	at         place
	name, zone text
	table      text
	key, id    []text
	joins      []joinSpec
	filters    []filterSpec
	cases      []caseSpec
}

type joinSpec struct {
	name, table text
	on          [][2]text // column of the joined table, column of the root
	order       []text
	owned, one  bool
}

type filterSpec struct{ when, reason, proof text }

type caseSpec struct {
	at      place
	name    text
	when    text
	targets []targetSpec
	drops   []dropSpec
	none    []text // children that the case does not have
}

type targetSpec struct {
	at                      place
	slot, typ, record, when text
	slices                  []sliceSpec
	rules                   []ruleSpec
}

type sliceSpec struct {
	path    text
	pattern any // what every item of the slice holds, as fhir.Obj takes it
}

type ruleSpec struct {
	at                     place
	column, child, derive  text
	value                  any // constant, as fhir.Obj takes it
	hasValue               bool
	to, extension, on, typ text
	url, lang              text
	as, zone, prefix       text
	terms, unmapped        text
	null, empty, zero      text
	absent, dflt           text
	hasAbsent              bool
	cel, inverse, invalid  text
	expect, when, about    text
	public                 bool
	other                  *ruleSpec
	ref                    *refSpec
	each                   []ruleSpec
}

type refSpec struct{ target, slot, lookup, display text }

type dropSpec struct {
	at                           place
	column, child, reason, equal text
	always                       text
	constant, null               bool // always is given; it is NULL
}

// readMap reads a mapping file, nil if it is no YAML.
func readMap(r *reader, src []byte) *mapSpec {
	o := r.parse(src, "map", "about", "zone", "source", "filter", "id", "cases", "target", "targets", "slices", "fields", "keep", "drop")
	if o.broken {
		return nil
	}
	m := &mapSpec{at: o.at, name: o.need("map"), zone: o.text("zone"), id: o.texts("id")}
	m.readSource(o.child("source", "table", "key", "children", "lookups"))
	for _, n := range o.nodes("filter") {
		f := r.object(n, "when", "reason", "proof")
		m.filters = append(m.filters, filterSpec{f.need("when"), f.choice("reason", reasons()...), f.text("proof")})
	}
	m.readCases(o)
	return m
}

func (m *mapSpec) readSource(o object) {
	m.table, m.key = o.need("table"), o.texts("key")
	m.readJoins(o.child("children"), true)
	m.readJoins(o.child("lookups"), false)
}

func (m *mapSpec) readJoins(o object, owned bool) {
	for _, name := range o.keys {
		j := o.child(name.s, "table", "on", "order", "one")
		join := joinSpec{name: name, table: j.need("table"), order: j.texts("order"), one: j.flag("one"), owned: owned}
		on := j.child("on")
		for _, k := range on.keys {
			join.on = append(join.on, [2]text{k, on.text(k.s)})
		}
		if len(on.keys) == 0 {
			o.r.add(name.at, "say by which columns the rows of %s are found: on: {column there: column here}", name.s)
		}
		m.joins = append(m.joins, join)
	}
}

func (m *mapSpec) readCases(o object) {
	if !o.has("cases") {
		m.cases = []caseSpec{readCase(o)}
		return
	}
	for _, key := range []string{"target", "targets", "slices", "fields", "keep"} {
		if o.has(key) {
			o.r.add(o.place(key), "%q belongs into a case when there are cases", key)
		}
	}
	shared := readDrops(o)
	for _, n := range o.nodes("cases") {
		c := readCase(o.r.object(n, "case", "when", "none", "target", "targets", "slices", "fields", "keep", "drop"))
		c.drops = append(c.drops, shared...)
		m.cases = append(m.cases, c)
	}
}

func readCase(o object) caseSpec {
	c := caseSpec{at: o.at, name: o.text("case"), when: o.text("when"), drops: readDrops(o), none: o.texts("none")}
	if !o.has("targets") {
		c.targets = []targetSpec{readTarget(o, o.child("target", "type", "module", "record"), text{})}
		return c
	}
	for _, n := range o.nodes("targets") {
		t := o.r.object(n, "slot", "when", "type", "module", "record", "slices", "fields", "keep")
		c.targets = append(c.targets, readTarget(t, t, t.text("when")))
	}
	return c
}

// readTarget reads a target: its rules stand in o, what it is in kind.
func readTarget(o, kind object, when text) targetSpec {
	t := targetSpec{at: o.at, slot: o.text("slot"), typ: kind.text("type"), when: when}
	if kind.has("record") {
		t.record = kind.text("record")
		t.record.s = kind.need("module").s + "." + t.record.s
	}
	if t.typ.given() == t.record.given() {
		o.r.add(kind.at, "a target is either {type: Patient} or {module: caregivers, record: SecurityAnswer}")
	}
	slices := o.child("slices")
	for _, k := range slices.keys {
		t.slices = append(t.slices, sliceSpec{k, o.r.json(slices.members[k.s])})
	}
	t.rules = append(readRules(o, "fields"), readRules(o, "keep")...)
	return t
}

func readRules(o object, key string) (list []ruleSpec) {
	for _, n := range o.nodes(key) {
		list = append(list, readRule(o.r, n))
	}
	return list
}

func ruleKeys() []string {
	return strings.Fields("column child derive value to extension on type url lang as zone prefix terms unmapped null empty zero absent default " +
		"cel inverse invalid expect when else about sensitive ref each")
}

func readRule(r *reader, n ast.Node) ruleSpec {
	o := r.object(n, ruleKeys()...)
	s := ruleSpec{
		at: o.at, column: o.text("column"), child: o.text("child"), derive: o.text("derive"),
		to: o.text("to"), extension: o.text("extension"), on: o.text("on"), typ: o.text("type"), url: o.text("url"), lang: o.text("lang"),
		as: o.text("as"), zone: o.text("zone"), prefix: o.text("prefix"),
		terms: o.text("terms"), unmapped: o.choice("unmapped", "quarantine", "text", "as-is"),
		null: o.choice("null", states()...), empty: o.choice("empty", states()...), zero: o.choice("zero", states()...),
		absent: o.text("absent"), hasAbsent: o.has("absent"), dflt: o.text("default"),
		cel: o.text("cel"), inverse: o.text("inverse"), invalid: o.choice("invalid", "quarantine", "as-is"),
		expect: o.text("expect"), when: o.text("when"), about: o.text("about"), public: o.has("sensitive") && !o.flag("sensitive"),
	}
	s.readParts(o)
	s.checkKind(r)
	return s
}

func states() []string { return []string{"absent", "unknown", "mark"} }

func (s *ruleSpec) readParts(o object) {
	if o.has("value") {
		s.value, s.hasValue = o.r.json(o.members["value"]), true
	}
	if o.has("else") {
		other := readPlace(o.r, o.members["else"])
		s.other = &other
	}
	if o.has("ref") {
		f := o.child("ref", "map", "slot", "lookup", "display")
		s.ref = &refSpec{target: f.need("map"), slot: f.text("slot"), lookup: f.text("lookup"), display: f.text("display")}
	}
	for _, n := range o.nodes("each") {
		s.each = append(s.each, readRule(o.r, n))
	}
}

// readPlace reads the second place of a column.
func readPlace(r *reader, n ast.Node) ruleSpec {
	o := r.object(n, "to", "extension", "on", "type", "url", "as", "terms", "about")
	return ruleSpec{
		at: o.at, to: o.text("to"), extension: o.text("extension"), on: o.text("on"), typ: o.text("type"), url: o.text("url"),
		as: o.text("as"), terms: o.text("terms"), about: o.text("about"),
	}
}

// checkKind sees to it that a rule is of exactly one kind.
func (s *ruleSpec) checkKind(r *reader) {
	kinds := 0
	for _, is := range []bool{s.column.given(), s.child.given(), s.derive.given(), s.hasValue} {
		if is {
			kinds++
		}
	}
	if kinds != 1 {
		r.add(s.at, "a rule names exactly one of column, child, derive, value")
	}
	if s.to.given() == s.extension.given() && !s.child.given() {
		r.add(s.at, "a rule says where to: either to: (a path) or extension: (a name)")
	}
}

func readDrops(o object) (list []dropSpec) {
	for _, n := range o.nodes("drop") {
		d := o.r.object(n, "column", "child", "reason", "always", "equal", "about")
		s := dropSpec{at: d.at, column: d.need("column"), child: d.text("child"), reason: d.choice("reason", reasons()...), equal: d.text("equal")}
		s.readAlways(d)
		s.check(d)
		list = append(list, s)
	}
	return list
}

func (s *dropSpec) readAlways(o object) {
	s.constant = o.has("always")
	if _, s.null = o.members["always"].(*ast.NullNode); s.constant && !s.null {
		s.always = o.text("always")
	}
}

func (s *dropSpec) check(o object) {
	if !s.reason.given() {
		o.r.add(o.at, "say why the column is dropped: reason: one of %s", strings.Join(reasons(), ", "))
	}
	if s.reason.s == Derivable && !s.equal.given() {
		o.r.add(o.at, "a derivable column needs its proof: equal: an expression that gives its value")
	}
	if s.reason.s == Constant && !s.constant {
		o.r.add(o.at, "a constant column needs its proof: always: the value that it holds")
	}
}
