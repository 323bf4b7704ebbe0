package store

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// Page is one page of a search or a history.
type Page struct {
	Entries  []Version
	Included []Version     // of a search: what the entries refer to or are referred to by, as its query asks; none of the entries
	Total    int64         // of all pages; -1: not asked for
	Warnings []fault.Issue // of a search: parameters that are not indexed for all resources yet, so that matches may be missing
	Next     string        // cursor of the next page; empty: this is the last
}

const (
	defaultCount = 20
	maxCount     = 1000
	// few is how many matches are sorted or filtered one by one; a predicate
	// that has more is dense enough to be met soon on a walk.
	few = 1000
	// while is how many rows of a parameter are met before anything is counted further.
	while = 20_000
	// many is how many are collected all the same if there is no index to walk
	// but that of all resources: what is looked for may be its last part.
	many = 50_000
)

// Search returns one page of the resources that meet the query. Faults:
// Forbidden, Invalid for what cannot be searched and for a cursor of another
// search, TooCostly for what would cost too much, TimedOut at the time-out. What is shown is on record before it returns.
func (d *Desk) Search(ctx context.Context, q search.Query) (Page, error) {
	q, err := d.permitted(ctx, q)
	if err != nil {
		return Page{}, d.refused(ctx, "search", q.Type, "", err)
	}
	page, err := d.s.find(ctx, d.p.Tenant, q)
	if err != nil {
		return Page{}, err
	}
	if err := d.include(ctx, q, &page); err != nil {
		return Page{}, err
	}
	if err := d.warn(ctx, q, &page); err != nil {
		return Page{}, err
	}
	if err := errors.Join(d.cutAll(ctx, page.Entries), d.cutAll(ctx, page.Included)); err != nil {
		return Page{}, err
	}
	return page, d.record(ctx, d.searched(q), slices.Concat(page.Entries, page.Included)...)
}

// permitted is the search as far as the caller may ask it. Faults: Forbidden.
func (d *Desk) permitted(ctx context.Context, q search.Query) (search.Query, error) {
	v, err := d.sight(ctx)
	if err != nil {
		return q, err
	}
	if q.Type != "" {
		_, err = v.may(access.Search, q.Type)
	}
	if err == nil {
		err = d.s.together(q.Types)
	}
	if err == nil && (q.Type == "" || q.Contained != search.ContainedFalse) { // what contains the resources is of any type
		q.Types, err = v.typesFor(q)
	}
	if err != nil {
		return q, err
	}
	if q, err = v.reachable(q); err != nil {
		return q, err
	}
	return v.limited(q)
}

// searched is the entry of a search, but for what it shows.
func (d *Desk) searched(q search.Query) audit.Entry {
	of := []audit.Thing{{Type: q.Type}}
	if c := q.Compartment; c.Type != "" {
		of = append(of, audit.Thing{Type: c.Type, ID: c.ID})
	}
	e := d.entry("search", of)
	for i, p := range q.Used {
		if i > 0 {
			e.Query += "&"
		}
		e.Query += p.Name
	}
	return e
}

// finder is one search on its way.
type finder struct {
	*compiler
	ctx   context.Context
	preds []predicate
	keys  []key
	at    position
	limit int

	bare   bool     // of what is found number and keys are enough
	only   any      // not nil: the first key that what is found must have
	words  []reader // what bodies must say besides
	pauses bool     // a page may end early, where paused is the place up to which it was looked
	paused position
}

func (s *Store) find(ctx context.Context, tenant int32, q search.Query) (Page, error) {
	switch from := s.sources[q.Type]; {
	case from != nil:
		return from.Search(ctx, tenant, q)
	case q.Type == "":
		return s.findSeveral(ctx, tenant, q)
	case q.Contained != search.ContainedFalse:
		return s.findContained(ctx, tenant, q)
	}
	f, err := s.finder(ctx, tenant, q)
	if err != nil {
		return Page{}, err
	}
	print := fingerprint(q)
	if f.at, err = f.k.readCursor(print, q.Cursor, len(f.keys)); err != nil {
		return Page{}, err
	}
	page := Page{Total: -1}
	if wantsTotal(q) {
		if page.Total, err = f.count(); err != nil {
			return Page{}, err
		}
	}
	if f.limit == 0 {
		return page, nil
	}
	return f.page(page, print)
}

// rehearse finds what is wrong with a search before it is carried out.
func (s *Store) rehearse(ctx context.Context, tenant int32, q search.Query) error {
	if q.Type == "" {
		return nil // its parts are searches of what several types have, which are in order if they could be read
	}
	if q.Contained != search.ContainedFalse {
		e, err := s.enclosed(ctx, tenant, q)
		if err == nil {
			_, err = e.k.readCursor(fingerprint(q), q.Cursor, 1)
		}
		return err
	}
	f, err := s.finder(ctx, tenant, q)
	if err != nil {
		return err
	}
	_, err = f.k.readCursor(fingerprint(q), q.Cursor, len(f.keys))
	return err
}

func (s *Store) finder(ctx context.Context, tenant int32, q search.Query) (*finder, error) {
	return s.finderOf(ctx, tenant, q, &spent{})
}

// finderOf is finder for a part of a search, whose parts share their bounds.
func (s *Store) finderOf(ctx context.Context, tenant int32, q search.Query, used *spent) (*finder, error) {
	c, err := s.compiler(ctx, tenant, q.Type)
	if err != nil {
		return nil, err
	}
	c.spent = used
	f := &finder{compiler: c, ctx: ctx, limit: limitOf(q)}
	if c.beside, err = c.conjunction(q.Limits[q.Type]); err != nil {
		return nil, err
	}
	indexed, spelled := apart(q.Clauses)
	if err := f.ask(indexed, spelled); err != nil {
		return nil, err
	}
	f.preds = append(f.preds, c.beside...)
	if err := f.lookInside(indexed); err != nil {
		return nil, err
	}
	if q.Compartment.Type != "" {
		in, err := c.compartment(q.Compartment)
		if err != nil {
			return nil, err
		}
		f.preds = append(f.preds, in)
	}
	f.keys, err = c.keys(q.Sort)
	return f, err
}

// ask compiles what the index is asked and what bodies must say.
func (f *finder) ask(indexed, spelled []search.Clause) (err error) {
	if f.preds, err = f.clauses(indexed); err != nil {
		return err
	}
	for _, k := range spelled {
		r, err := f.spelled(k)
		if err != nil {
			return err
		}
		f.words = append(f.words, r)
	}
	return nil
}

func wantsTotal(q search.Query) bool {
	return q.Total == search.TotalAccurate || q.Total == search.TotalEstimate || limitOf(q) == 0
}

func limitOf(q search.Query) int {
	switch {
	case q.Summary == search.SummaryCount:
		return 0
	case q.Count < 0:
		return defaultCount
	}
	return min(q.Count, maxCount)
}

// fingerprint tells one search from another, whatever its page.
func fingerprint(q search.Query) uint64 {
	h := xxh3.New()
	h.WriteString(q.Type + "\x00" + q.Compartment.Type + "/" + q.Compartment.ID)
	if q.Limited != "" {
		h.WriteString("\x00" + strconv.Itoa(len(q.Limited)) + q.Limited)
	}
	for _, p := range q.Used {
		switch p.Name {
		case "_count", "_cursor", "_total", "_elements", "_summary":
		default:
			h.WriteString("\x00" + strconv.Itoa(len(p.Name)) + p.Name + p.Value)
		}
	}
	return h.Sum64()
}

// page runs the search and cuts off the one resource too many that tells whether there is a next page.
func (f *finder) page(page Page, print uint64) (Page, error) {
	f.pauses = true
	hits, err := f.look()
	if err != nil {
		return Page{}, err
	}
	if f.paused.rid > 0 {
		page.Next = f.k.writeCursor(print, f.paused)
	}
	if len(hits) > f.limit {
		hits = hits[:f.limit]
		last := hits[f.limit-1]
		page.Next = f.k.writeCursor(print, position{last.RID, last.keys})
	}
	for _, h := range hits {
		page.Entries = append(page.Entries, h.Version)
	}
	return page, err
}

// look finds the page's resources. What may be dense is first walked for a
// moment only, then for a while: that mostly fills the page, whatever the counts.
func (f *finder) look() ([]hit, error) {
	if f.groups() {
		if hits, done, err := f.grouped(); done || err != nil {
			return hits, err
		}
	}
	if f.weighs() {
		return f.weigh()
	}
	if len(f.words) > 0 {
		return f.scan()
	}
	if i := f.alone(); i >= 0 {
		hits, whole, err := f.single(i)
		if err != nil || whole {
			return hits, err
		}
		return f.plenty(f.dense(f.positive()))
	}
	src, err := f.source()
	if err != nil {
		return nil, err
	}
	if src.dense && len(f.keys) == 0 {
		return f.plenty(src)
	}
	if src.along != nil {
		return f.walked(src)
	}
	return f.run(src)
}

// walked walks along the index of the order for a moment, before it looks whether there are so few matches that it is better to put
// these in order: they may be the last of that index.
func (f *finder) walked(src source) ([]hit, error) {
	hits, full, err := f.moment(src)
	if err != nil || full {
		return hits, err
	}
	if best, few, err := f.fewer(1); err != nil {
		return nil, err
	} else if few {
		src = source{walk: -1, collect: best}
	}
	return f.run(src)
}

// plenty walks a dense source for a while before it looks for one that is not.
func (f *finder) plenty(src source) ([]hit, error) {
	moment := src
	moment.first = few
	if src.sweep {
		moment.first = while
	}
	if hits, err := f.run(moment); err != nil || len(hits) > f.limit {
		return hits, err
	}
	src, err := f.patient(src)
	if err != nil {
		return nil, err
	}
	return f.run(src)
}

// alone is the one predicate of a search in the order of creation, if it can be swept; else -1.
func (f *finder) alone() int {
	positive := f.positive()
	if len(f.keys) > 0 || len(positive) != 1 {
		return -1
	}
	return f.sweepable(positive)
}

// hit is a resource found, with the keys of its place in the order.
type hit struct {
	Version
	keys []any
}

// run asks for one resource more than the page holds.
func (f *finder) run(src source) ([]hit, error) {
	hits, err := f.hits(src, f.limit+1)
	if err != nil || src.along == nil || src.along.table == "resource" || src.first > 0 || len(hits) > f.limit {
		return hits, err
	}
	src.rest = true
	rest, err := f.hits(src, f.limit+1-len(hits))
	return append(hits, rest...), err
}

func (f *finder) hits(src source, limit int) ([]hit, error) {
	st := newStatement(f.s.db.Dialect(), f.k.tenant)
	st.add("SELECT r.rid, r.version, r.updated, r.method, r.deleted, " + map[bool]string{false: "r.body", true: "NULL"}[f.bare] + ", r.id")
	f.keyNames(st)
	st.add(" FROM (")
	src.rids(f, st, limit)
	st.add(") q JOIN resource r ON r.tenant = $1 AND r.rid = q.rid ORDER BY ")
	f.orderBy(st)
	var hits []hit
	err := f.from.Query(f.ctx, st.text(), st.args, func(r db.Row) error {
		h, err := f.hit(r)
		hits = append(hits, h)
		return err
	})
	return hits, err
}

func (f *finder) keyNames(st *statement) {
	for i := range f.keys {
		st.add(", " + columnName(i))
	}
}

func (f *finder) orderBy(st *statement) {
	for i, k := range f.keys {
		st.add(columnName(i) + k.direction() + ", ")
	}
	st.add("q.rid")
}

func (f *finder) hit(r db.Row) (hit, error) {
	h := hit{Version: Version{Type: f.typ, ID: r.Text(6)}}
	for i, k := range f.keys {
		h.keys = append(h.keys, readColumn(r, 7+i, k.last))
	}
	return h, f.k.scan(&h.Version, r, 0)
}

// readColumn reads a key's column as the type of like.
func readColumn(r db.Row, i int, like any) any {
	switch like.(type) {
	case int64:
		return r.Int64(i)
	case float64:
		return r.Float64(i)
	}
	return r.Text(i)
}

// count is the number of all resources that meet the query.
func (f *finder) count() (n int64, err error) {
	if len(f.words) > 0 {
		return f.weighedCount()
	}
	src, err := f.candidates()
	if err == nil && src.dense {
		src, err = f.patient(src)
	}
	if err != nil {
		return 0, err
	}
	st := newStatement(f.s.db.Dialect(), f.k.tenant)
	src = src.unsplit(f)
	st.add("SELECT COUNT(DISTINCT c.rid) FROM ")
	src.from(f.anew(), st)
	src.filters(f, st)
	err = f.from.Query(f.ctx, st.text(), st.args, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	return n, err
}

// anew is the search from its beginning on, whatever the cursor: as for its count, or where the cursor is a place in another order.
func (f *finder) anew() *finder {
	all := *f
	all.at = position{}
	return &all
}
