package move

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

// Plan says what a run would do, found out by mapping the rows without writing anything.
type Plan struct {
	Source    source.Identity   `json:"source"`
	Problems  []mapping.Problem `json:"problems"`
	Tables    []PlannedTable    `json:"tables"`
	Uncovered []Uncovered       `json:"uncovered"`
	Rows      int64             `json:"rows"`            // of covered tables
	Mapped    int64             `json:"mapped"`          // rows of root tables that were mapped to find this out
	Took      time.Duration     `json:"tookNanoseconds"` // to map them
	Time      time.Duration     `json:"timeNanoseconds"` // that a run may take, if Study.Rate is given
	Fails     []string          `json:"fails"`           // why the plan fails; empty: it may be run
}

// PlannedTable is what a run would do with the rows of a table.
type PlannedTable struct {
	Name    string   `json:"name"`
	Map     string   `json:"map"`
	Child   bool     `json:"child"`   // its rows go with those of the map's root table
	Targets []string `json:"targets"` // resource types and records
	Rows    int64    `json:"rows"`
	History int64    `json:"history"` // old versions of rows that the source keeps; they are not moved
	Looked  int64    `json:"looked"`  // rows that were mapped, or whose roots were; fewer than Rows if only a sample was

	// What would become of the rows that were looked at: together they are Rows, if it was not a sample.
	Mapped      int64 `json:"mapped"`
	Left        int64 `json:"filteredRows"` // filtered, with their root if they are children
	Quarantined int64 `json:"quarantined"`  // the same; Orphans are among them
	Orphans     int64 `json:"orphans"`      // children that no root owns

	Filtered []Tally `json:"filtered"` // of roots: why
	Refused  []Tally `json:"refused"`
	Findings []Tally `json:"findings"`

	Unnamed  int64         `json:"unmappedColumns"` // columns that no rule names
	Codes    int64         `json:"codes"`           // codes that were looked up in terminology maps, with those of the children
	Unmapped int64         `json:"unmappedCodes"`   // of these, those that no terminology map has
	Took     time.Duration `json:"tookNanoseconds"` // to map the rows
	Time     time.Duration `json:"timeNanoseconds"` // that a run may take for them, with their children
}

// Tally counts rows under one heading.
type Tally struct {
	Code  string `json:"code"`
	Path  string `json:"path"`
	Rule  string `json:"rule"`
	Text  string `json:"text"`
	Value string `json:"value"` // the code that is not mapped, of a column that the map declares as not sensitive
	Open  bool   `json:"open"`  // the map does not say what becomes of such a code: the plan fails
	Rows  int64  `json:"rows"`
}

// Uncovered is a table that the pack does not account for.
type Uncovered struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

// Study is how a plan is made.
type Study struct {
	Legacy  source.Family
	Name    string
	Pack    *mapping.Pack // bound to the tables of Legacy
	Check   func(fhir.Resource) error
	Approve []string // filters that may take more than 1% of a table: see Approved
	Sample  int      // rows of each table to be mapped; 0 is all
	Workers int
	Now     func() time.Time
	Rate    int // rows of root tables that the database writes in a second; 0 leaves the times out
}

// Plan maps the rows of the source and tells what came of it. It writes nothing. Problems of binding the pack come in.
func (s Study) Plan(ctx context.Context, problems []mapping.Problem) (*Plan, error) {
	p := &Plan{Source: s.Legacy.Identity(), Problems: problems}
	for _, x := range problems {
		if !x.Warning {
			p.Fails = append(p.Fails, x.String())
		}
	}
	var err error
	if s.Legacy, err = mapping.Whole(ctx, s.Pack, s.Legacy); err != nil {
		return p, err
	}
	if err := s.survey(ctx, p); err != nil || len(p.Fails) > 0 {
		return p, err
	}
	have, err := mapping.TablesOf(ctx, s.Legacy)
	if err != nil {
		return p, err
	}
	begun := s.Now()
	for _, mp := range s.Pack.Maps() {
		from := s.Now()
		if err := s.try(ctx, p, mp, have); err != nil {
			return p, err
		}
		p.table(mp.Table).Took = s.Now().Sub(from)
	}
	p.Took = s.Now().Sub(begun)
	s.estimate(p)
	s.judge(p)
	return p, nil
}

// survey counts the rows of all tables.
func (s Study) survey(ctx context.Context, p *Plan) error {
	tables, err := s.Legacy.Tables(ctx)
	if err != nil {
		return err
	}
	covered := map[string]mapping.Covered{}
	for _, c := range s.Pack.Covered() {
		covered[c.Table] = c
	}
	for _, t := range tables {
		n, err := s.Legacy.Count(ctx, t)
		if err != nil {
			return err
		}
		c, ok := covered[t.String()]
		if !ok {
			p.Uncovered = append(p.Uncovered, Uncovered{t.String(), n.Rows})
			continue
		}
		p.Rows += n.Rows
		p.Tables = append(p.Tables, PlannedTable{
			Name: c.Table, Map: c.Map, Child: c.Child != "", Targets: s.targets(c), Rows: n.Rows, History: n.History, Unnamed: unnamed(p.Problems, c.Table),
		})
	}
	return nil
}

func unnamed(problems []mapping.Problem, table string) (n int64) {
	for _, x := range problems {
		if x.Unnamed == table {
			n++
		}
	}
	return n
}

// estimate says how long a run may take: to map the rows as measured, and to write them at the given rate.
func (s Study) estimate(p *Plan) {
	for i := range p.Tables {
		t := &p.Tables[i]
		if s.Rate <= 0 || t.Child {
			continue
		}
		t.Time = time.Duration(float64(t.Rows) / float64(s.Rate) * float64(time.Second))
		if t.Looked > 0 {
			t.Time += time.Duration(float64(t.Took) * float64(t.Rows) / float64(t.Looked))
		}
		p.Time += t.Time
	}
}

func (s Study) targets(c mapping.Covered) (types []string) {
	for _, mp := range s.Pack.Maps() {
		for _, t := range mp.Targets {
			if mp.Name == c.Map && !slices.Contains(types, t.Type) {
				types = append(types, t.Type)
			}
		}
	}
	return types
}

// table is the plan's entry for a table.
func (p *Plan) table(name string) *PlannedTable {
	for i := range p.Tables {
		if p.Tables[i].Name == name {
			return &p.Tables[i]
		}
	}
	return &PlannedTable{}
}

// count is what the workers find out about the rows of one map, summed up under a lock.
type count struct {
	sync.Mutex
	codes, unmapped             int64
	filtered, refused, findings map[Tally]int64
	rows                        map[string]*fate // by table: the root and its children
}

// fate is what becomes of the rows of a table.
type fate struct{ mapped, left, held int64 }

func (f fate) sum() int64 { return f.mapped + f.left + f.held }

// try maps the rows of one map.
func (s Study) try(ctx context.Context, p *Plan, mp *mapping.Map, have mapping.Tables) error {
	m := &Mover{Job: Job{Legacy: s.Legacy}, size: newSize(firstRows), tables: have}
	c := newCount()
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, s.Workers))
	err := m.read(inner, &walk{mp: mp, table: have[mp.Table]}, func(b *batch) error {
		if s.Sample > 0 && c.seen(mp.Table) >= int64(s.Sample) {
			return errEnough
		}
		group.Go(func() error { return s.tryBatch(mp, b, c) })
		return inner.Err()
	})
	if failed := group.Wait(); failed != nil {
		return failed
	}
	if err != nil && err != errEnough {
		return err
	}
	c.report(p, mp)
	return nil
}

// errEnough stops the reading when the sample is complete.
var errEnough = errors.New("enough")

func newCount() *count {
	return &count{filtered: map[Tally]int64{}, refused: map[Tally]int64{}, findings: map[Tally]int64{}, rows: map[string]*fate{}}
}

func (c *count) of(table string) *fate {
	if c.rows[table] == nil {
		c.rows[table] = &fate{}
	}
	return c.rows[table]
}

func (c *count) seen(table string) int64 {
	c.Lock()
	defer c.Unlock()
	return c.of(table).sum()
}

func (s Study) tryBatch(mp *mapping.Map, b *batch, c *count) error {
	for _, f := range b.families {
		out, err := mp.Forward(f.Input)
		if err != nil {
			return err
		}
		f.out = out
		if r := wrong(mp, f.Input, out, s.check); r != nil {
			f.refuse(*r)
		}
		c.add(mp, f)
	}
	return nil
}

func (s Study) check(r fhir.Resource) error {
	if s.Check == nil {
		return nil
	}
	return s.Check(r)
}

func (c *count) add(mp *mapping.Map, f *family) {
	c.Lock()
	defer c.Unlock()
	c.codes += int64(f.out.Codes)
	one := fate{mapped: 1}
	switch {
	case f.out.Refused != nil:
		r := f.out.Refused
		c.refused[Tally{Code: r.Code, Path: r.Path, Rule: r.Rule, Text: r.Text, Value: c.code(r.Code, r.Value), Open: r.Open}]++
		one = fate{held: 1}
	case f.out.Filtered != "":
		c.filtered[Tally{Code: f.out.Filtered}]++
		one = fate{left: 1}
	}
	for _, x := range f.out.Findings {
		c.findings[Tally{Code: x.Code, Path: x.Path, Rule: x.Rule, Value: c.code(x.Code, x.Value)}]++
	}
	c.of(mp.Table).add(one, 1)
	for i, j := range mp.Joins {
		if j.Owned { // what becomes of a root becomes of its children
			c.of(j.Table).add(one, int64(len(f.Joined[i])))
		}
	}
}

func (f *fate) add(one fate, rows int64) {
	f.mapped, f.left, f.held = f.mapped+one.mapped*rows, f.left+one.left*rows, f.held+one.held*rows
}

// code counts a code that is not mapped, and is its value, to be told apart from others. Values of other findings differ
// from row to row.
func (c *count) code(code, value string) string {
	if code != mapping.Unmapped {
		return ""
	}
	c.unmapped++
	return value
}

func (c *count) report(p *Plan, mp *mapping.Map) {
	t := p.table(mp.Table)
	t.take(*c.of(mp.Table))
	t.Codes, t.Unmapped = c.codes, c.unmapped
	t.Filtered, t.Refused, t.Findings = tallies(c.filtered), tallies(c.refused), tallies(c.findings)
	p.Mapped += t.Looked
	for _, j := range mp.Joins {
		if !j.Owned {
			continue
		}
		k := p.table(j.Table)
		k.take(*c.of(j.Table))
		if t.Looked == t.Rows {
			k.Orphans = k.Rows - k.Looked
			k.Quarantined += k.Orphans
		}
	}
}

func (t *PlannedTable) take(f fate) {
	t.Looked, t.Mapped, t.Left, t.Quarantined = f.sum(), f.mapped, f.left, f.held
}

// tallies are the counts, the largest first.
func tallies(counts map[Tally]int64) (all []Tally) {
	for t, n := range counts {
		t.Rows = n
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Value, b.Value))
	})
	return all
}

// judge finds filters that take more than their share and have not been approved, and codes without a meaning of which no
// rule says what becomes of them.
func (s Study) judge(p *Plan) {
	for _, t := range p.Tables {
		for _, f := range t.Filtered {
			if ok, why := Approved(s.Approve, t.Name, f.Code, f.Rows, t.Looked); !ok {
				p.Fails = append(p.Fails, why)
			}
		}
		p.Fails = append(p.Fails, openCodes(t)...)
	}
}

// openCodes are, by rule, the codes that make the plan fail.
func openCodes(t PlannedTable) (fails []string) {
	type rule struct{ path, at string }
	rows, codes := map[rule]int64{}, map[rule][]string{}
	var order []rule
	for _, x := range t.Refused {
		if !x.Open {
			continue
		}
		r := rule{x.Path, x.Rule}
		if rows[r] == 0 {
			order = append(order, r)
		}
		if rows[r] += x.Rows; x.Value != "" && len(codes[r]) < mostCodes {
			codes[r] = append(codes[r], strconv.Quote(x.Value))
		}
	}
	for _, r := range order {
		of := ""
		if len(codes[r]) > 0 {
			of = " (" + strings.Join(codes[r], ", ") + ")"
		}
		fails = append(fails, fmt.Sprintf("%s: %d rows hold a code that the terminology map does not have%s: add it there, or let the rule at %s say what becomes of such rows, as unmapped: quarantine does",
			r.path, rows[r], of, r.at))
	}
	return fails
}

// mostCodes is how many codes of a rule are named.
const mostCodes = 5
