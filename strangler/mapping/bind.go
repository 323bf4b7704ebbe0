package mapping

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/ficushealth/ficus/strangler/source"
)

// Bind makes the pack ready for the tables of a source and returns every problem between the two. It must not be used if
// one of them is no warning: see Refuse. A table that the source does not have is a mistake unless the pack declares it as
// optional, and so is a column that the pack does not name.
func (p *Pack) Bind(tables []*source.Table) (*Pack, []Problem) {
	b := &binder{pack: p.bare(), tables: map[string]*source.Table{}}
	for _, t := range tables {
		b.tables[t.String()] = t
	}
	b.compare()
	rows, err := newRowTypes(b.known())
	if err != nil {
		b.add(p.at, "expressions: %s", err)
		return b.pack, b.sorted()
	}
	b.language = &language{rows: rows, pack: b.pack}
	for _, s := range p.specs {
		b.declare(s)
	}
	for _, s := range p.specs {
		b.fill(s)
	}
	b.owners()
	b.order()
	return b.pack, b.sorted()
}

// bare is the pack without what Bind adds.
func (p *Pack) bare() *Pack {
	n := *p
	n.maps, n.definitions = nil, nil
	return &n
}

type binder struct {
	problems
	*language
	pack   *Pack
	tables map[string]*source.Table
	maps   map[string]*Map
	specs  map[string]*mapSpec
}

// known are the tables that maps name and the source has; those that it lacks come from the schema of the pack, so that the
// maps can be checked all the same.
func (b *binder) known() map[string]*source.Table {
	known := map[string]*source.Table{}
	for _, t := range b.pack.schema.tables {
		known[t.String()] = t
	}
	for name := range known {
		if t := b.tables[name]; t != nil {
			known[name] = t
		}
	}
	return known
}

// compare says where the source differs from the schema for which the pack was written.
func (b *binder) compare() {
	for _, t := range b.pack.schema.tables {
		at := b.pack.schema.at[t.String()]
		theirs := b.tables[t.String()]
		if theirs == nil {
			b.missing(at, t)
			continue
		}
		for i := range t.Columns {
			b.compareColumn(at, theirs, &t.Columns[i])
		}
	}
}

// missing says that the source lacks a table. What was moved of it would not be proved, so only one that the pack declares
// as optional may be missing: it counts as empty then.
func (b *binder) missing(at place, t *source.Table) {
	switch {
	case b.pack.schema.optional[t.String()]:
		b.warn(at, "the source has no table %s; the pack does not need it, and takes it for empty", t)
	case b.tables[t.Name] != nil:
		b.add(at, "the source has no table %s, but a table %s of a database that it does not name: name it (--source-database %s)", t, t.Name, t.Database)
	default:
		b.add(at, "the source has no table %s%s", t, near(t.String(), keys(b.tables)))
	}
}

func (b *binder) compareColumn(at place, theirs *source.Table, c *source.Column) {
	i, ok := theirs.Index(c.Name)
	if !ok {
		b.add(at, "the source has no column %s.%s%s", theirs, c.Name, near(c.Name, columnNames(theirs)))
		return
	}
	have := &theirs.Columns[i]
	if have.Class() != c.Class() || have.Nullable != c.Nullable {
		b.warn(at, "column %s.%s is %s, the pack was written for %s", theirs, c.Name, declared(have), declared(c))
	}
}

func declared(c *source.Column) string {
	if c.Nullable {
		return c.Full + " null"
	}
	return c.Full
}

func keys[V any](m map[string]V) (list []string) {
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

func columnNames(t *source.Table) (list []string) {
	for i := range t.Columns {
		list = append(list, t.Columns[i].Name)
	}
	return list
}

// declare makes the map without its rules, so that others can refer to it.
func (b *binder) declare(s *mapSpec) {
	if b.maps == nil {
		b.maps, b.specs = map[string]*Map{}, map[string]*mapSpec{}
	}
	if b.maps[s.name.s] != nil {
		b.add(s.name.at, "there are two maps of the name %s", s.name.s)
	}
	m := &Map{Name: s.name.s, Table: s.table.s, pack: b.pack, at: s.at, pool: newPool()}
	b.maps[s.name.s], b.specs[s.name.s] = m, s
	b.pack.maps = append(b.pack.maps, m)
	if m.table = b.table(s.table); m.table == nil {
		return
	}
	m.rowType = b.rows.tables[m.Table]
	m.id = b.columns(m.table, slices.Concat(s.id, idFromKey(s)))
	b.columns(m.table, s.key)
	for i := range s.joins {
		b.join(m, &s.joins[i])
	}
}

// idFromKey are the columns of the id where the map does not name others.
func idFromKey(s *mapSpec) []text {
	if len(s.id) > 0 {
		return nil
	}
	return s.key
}

func (b *binder) table(name text) *source.Table {
	if t := b.rows.tables[name.s]; t != nil {
		return t.table
	}
	b.add(name.at, "schema.yaml has no table %s%s", name.s, near(name.s, keys(b.rows.tables)))
	return nil
}

func (b *binder) columns(t *source.Table, list []text) (at []int) {
	for _, c := range list {
		at = append(at, b.column(t, c))
	}
	return at
}

// column is the place of a column, 0 and a problem if there is none.
func (b *binder) column(t *source.Table, c text) int {
	i, ok := t.Index(c.s)
	if !ok {
		b.add(c.at, "%s has no column %s%s", t, c.s, near(c.s, columnNames(t)))
	}
	return i
}

func (b *binder) join(m *Map, s *joinSpec) {
	info := Join{Name: s.name.s, Table: s.table.s, Owned: s.owned, One: s.one}
	j := join{name: s.name.s, table: b.table(s.table), rowType: b.rows.tables[s.table.s], owned: s.owned, one: s.one}
	if j.table == nil {
		return
	}
	for _, on := range s.on {
		j.columns = append(j.columns, b.column(j.table, on[0]))
		j.from = append(j.from, b.column(m.table, on[1]))
		info.Columns, info.From = append(info.Columns, on[0].s), append(info.From, on[1].s)
	}
	b.columns(j.table, s.order)
	for _, o := range s.order {
		info.Order = append(info.Order, o.s)
	}
	if slices.Contains([]string{"row", "item", "value"}, j.name) {
		b.add(s.name.at, "%q is the name of something else in expressions", j.name)
	}
	m.Joins, m.joins = append(m.Joins, info), append(m.joins, j)
}

// fill adds filters and cases to a declared map.
func (b *binder) fill(s *mapSpec) {
	m := b.maps[s.name.s]
	if m.table == nil || len(m.joins) != len(s.joins) {
		return
	}
	b.checkKey(m, s)
	n := names{table: m.table, joins: m.joins}
	for _, f := range s.filters {
		c := filter{when: b.compile(&b.problems, f.when, n, cel.BoolType), reason: f.reason.s}
		if f.proof.given() {
			c.proof = b.compile(&b.problems, f.proof, n, cel.BoolType)
		}
		m.filters = append(m.filters, c)
	}
	for i := range s.cases {
		b.kase(m, s, &s.cases[i])
	}
	b.checkCases(m, s)
}

func (b *binder) checkKey(m *Map, s *mapSpec) {
	if len(s.key) == 0 {
		b.add(s.at, "say which columns are the key of %s: key: [...]", m.Table)
	}
	for _, f := range s.filters {
		if !f.reason.given() {
			b.add(f.when.at, "say why rows are filtered: reason: one of %s", strings.Join(reasons(), ", "))
		}
	}
}

// checkCases sees to it that a stored target tells its case.
func (b *binder) checkCases(m *Map, s *mapSpec) {
	seen := map[string]bool{}
	for i, k := range m.cases {
		if last := i == len(m.cases)-1; last != (k.when == nil) {
			b.add(s.cases[i].at, "every case but the last has a condition: when")
		}
		if len(k.targets) == 0 {
			continue
		}
		owner := k.targets[0]
		if owner.when != nil {
			b.add(owner.at, "the first target owns the row and cannot have a condition")
		}
		if seen[owner.typ] {
			b.add(owner.at, "two cases have a first target of type %s, so that a stored one does not tell its case", owner.typ)
		}
		seen[owner.typ] = true
	}
}

// owners sees to it that every table is accounted for by one map.
func (b *binder) owners() {
	owner := map[string]string{}
	for _, c := range b.pack.Covered() {
		if other := owner[c.Table]; other != "" {
			b.add(b.maps[c.Map].at, "the rows of %s belong to the map %s already", c.Table, other)
		}
		owner[c.Table] = c.Map
	}
}

// order sorts the maps so that those referred to come first.
func (b *binder) order() {
	slices.SortFunc(b.pack.maps, func(x, y *Map) int { return strings.Compare(x.Name, y.Name) })
	var sorted []*Map
	done := map[string]bool{}
	var visit func(m *Map)
	visit = func(m *Map) {
		if done[m.Name] {
			return
		}
		done[m.Name] = true
		for _, name := range m.refers {
			visit(b.maps[name])
		}
		sorted = append(sorted, m)
	}
	for _, m := range b.pack.maps {
		visit(m)
	}
	b.pack.maps = sorted
	slices.SortFunc(b.pack.definitions, func(x, y Definition) int { return strings.Compare(x.URL+x.Context, y.URL+y.Context) })
	b.pack.definitions = slices.Compact(b.pack.definitions)
}
