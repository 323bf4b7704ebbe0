package store

import (
	"context"
	"math"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// Contained resources have no index rows: what contains one of the type has a row that says so, and is opened. What is
// asked is then asked of what it contains (inner), of at most maxWeighed containers for one answer.

// enclosed is a search for contained resources of one type on its way (https://hl7.org/fhir/R4/search.html#contained).
type enclosed struct {
	*finder
	types  map[string]bool // in which the caller may look
	asked  []predicate     // what is asked of what is contained; limits are those of what contains it
	limits map[string][]search.Clause
	both   bool // resources of their own come first
	bare   bool // the contained ones are the result, else what contains them
}

// ofItsOwn is the key of a cursor behind a resource of its own; behind a contained one it is the place in the container.
const ofItsOwn = int64(-1)

// portion is how many containers are opened at a time: what one statement takes along is looked through for each.
const portion = 200

func (s *Store) enclosed(ctx context.Context, tenant int32, q search.Query) (*enclosed, error) {
	if q.Compartment.Type != "" {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: "http._contained",
			Text: "search parameter _contained cannot be asked in a compartment; search the type, with a parameter that names the " + q.Compartment.Type})
	}
	if i := slices.IndexFunc(q.Clauses, alongURLs); i >= 0 {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: "http._contained",
			Text: "search parameter _contained cannot be asked together with " + search.Printable(q.Clauses[i].Name) + ", which follows canonical URLs"})
	}
	f, err := s.finder(ctx, tenant, q)
	if err != nil {
		return nil, err
	}
	if len(besides(f.words)) > 0 {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: "http._contained",
			Text: "search parameter _contained cannot be asked together with _text or _content joined to others by or or not"})
	}
	e := &enclosed{finder: f, types: map[string]bool{}, asked: f.preds[:len(f.preds)-len(f.beside)], limits: q.Limits, both: q.Contained == search.ContainedBoth, bare: q.Bare}
	for _, t := range q.Types {
		e.types[t] = true
	}
	return e, nil
}

// findContained is find with _contained.
func (s *Store) findContained(ctx context.Context, tenant int32, q search.Query) (Page, error) {
	e, err := s.enclosed(ctx, tenant, q)
	if err != nil {
		return Page{}, err
	}
	print := fingerprint(q)
	at, err := e.k.readCursor(print, q.Cursor, 1)
	if err != nil {
		return Page{}, err
	}
	page := Page{Total: -1}
	if wantsTotal(q) {
		if page.Total, err = e.total(); err != nil {
			return Page{}, err
		}
	}
	if e.limit == 0 {
		return page, nil
	}
	return e.page(page, print, at)
}

// total is the number of all results, as long as all containers can be opened.
func (e *enclosed) total() (n int64, err error) {
	if e.both {
		if n, err = e.count(); err != nil {
			return 0, err
		}
	}
	hits, paused, err := e.inside(position{}, maxWeighed*maxCount)
	if err == nil && paused.rid > 0 {
		err = fault.At(fault.TooCostly, fault.Issue{Code: "too-costly", Expression: "http._total",
			Text: "more than 10000 resources that contain others would have to be read to count these; leave _total out and go through the pages"})
	}
	return n + int64(len(hits)), err
}

// page begins with resources of their own, if these are asked for too.
func (e *enclosed) page(page Page, print uint64, at position) (Page, error) {
	hits, paused, err := e.own(&at)
	if err == nil && paused.rid == 0 && len(hits) <= e.limit {
		var more []hit
		more, paused, err = e.inside(at, e.limit-len(hits))
		hits = append(hits, more...)
	}
	if err != nil {
		return Page{}, err
	}
	if paused.rid > 0 {
		page.Next = e.k.writeCursor(print, paused)
	}
	if len(hits) > e.limit {
		hits = hits[:e.limit]
		last := hits[e.limit-1]
		page.Next = e.k.writeCursor(print, position{last.RID, last.keys})
	}
	for _, h := range hits {
		page.Entries = append(page.Entries, h.Version)
	}
	return page, nil
}

// own are the next resources of their own. Behind the last of them the cursor is at the beginning of the contained ones.
func (e *enclosed) own(at *position) (hits []hit, paused position, err error) {
	if at.rid > 0 && at.keys[0] != ofItsOwn || !e.both {
		return nil, paused, nil
	}
	e.at, e.pauses = position{rid: at.rid}, true
	*at = position{}
	hits, err = e.look()
	for i := range hits {
		hits[i].keys = []any{ofItsOwn}
	}
	if e.paused.rid > 0 {
		paused = position{e.paused.rid, []any{ofItsOwn}}
	}
	return hits, paused, err
}

// inside are the next results that containers give, one more than there is room for; paused is where it stopped for having
// opened enough.
func (e *enclosed) inside(at position, room int) (hits []hit, paused position, err error) {
	rid := max(0, at.rid-1) // the container in which the cursor stands may have more
	for range maxWeighed / portion {
		list, err := e.containers(rid)
		if err != nil {
			return nil, paused, err
		}
		found, err := e.opened(slices.Clone(list))
		if err != nil {
			return nil, paused, err
		}
		for _, h := range found {
			if h.RID > at.rid || h.keys[0].(int64) > at.keys[0].(int64) {
				hits = append(hits, h)
			}
		}
		if len(list) < portion || len(hits) > room {
			return hits, paused, nil
		}
		rid = list[portion-1].RID
	}
	return hits, position{rid, []any{int64(math.MaxInt32)}}, nil
}

// containersSQL finds what contains a resource of the type.
var containersSQL = containersText("r.rid, r.version, r.updated, r.method, r.deleted, r.body, r.id, r.type")

func containersText(columns string) db.Text {
	text := func(key string) string {
		return `SELECT ` + columns + ` FROM (
		SELECT x.rid FROM ix_token x WHERE x.tenant = $1 AND ` + key + ` AND x.rid > $3 ORDER BY x.rid LIMIT $4
	) q JOIN resource r ON r.tenant = $1 AND r.rid = q.rid ORDER BY r.rid`
	}
	return db.Text{SQLite: text("x.hash = $2"), Postgres: text("x.hash = $2 AND (x.hash >> 32)::int4 = ($2::int8 >> 32)::int4")}
}

// containers are the next ones behind a number, in that order.
func (e *enclosed) containers(rid int64) (list []Version, err error) {
	err = e.from.Query(e.ctx, containersSQL, []any{e.k.tenant, e.k.containing(e.typ), rid, portion}, func(r db.Row) error {
		v := Version{ID: r.Text(6), Type: r4.Resources()[r.Int32(7)]}
		err := e.k.scan(&v, r, 0)
		list = append(list, v)
		return err
	})
	return list, err
}

// opened are the results that some containers give.
func (e *enclosed) opened(list []Version) (hits []hit, err error) {
	list = slices.DeleteFunc(list, func(v Version) bool { return !e.types[v.Type] })
	if list, err = e.admit(e.limits, list); err != nil {
		return nil, err
	}
	for len(list) > 0 {
		in := e.finder.inside(e.asked)
		open, err := in.fill(e.finder.ctx, list)
		if err != nil {
			return nil, err
		}
		found, err := e.found(in, open)
		if err != nil {
			return nil, err
		}
		hits, list = append(hits, found...), list[len(open):]
	}
	return hits, nil
}

func (e *enclosed) found(in *inner, open []container) (hits []hit, err error) {
	var asked []int64
	for _, c := range open {
		if e.counted(c.Version) {
			asked = append(asked, c.RID)
		}
		for _, x := range c.held {
			asked = append(asked, x.rid)
		}
	}
	met, err := in.meeting(e.ctx, e.from, asked)
	if err != nil {
		return nil, err
	}
	for _, c := range open {
		if met[c.RID] && e.tells(&told{r: c.r}) {
			continue // it is there already, as a resource of its own
		}
		hits = append(hits, e.results(c.Version, c.held, met)...)
	}
	return hits, nil
}

// counted reports whether a container may be a result as a resource of its own too.
func (e *enclosed) counted(v Version) bool { return e.both && !e.bare && v.Type == e.typ }

// results are what one container gives: itself once, or each of what it contains that is met.
func (e *enclosed) results(v Version, held []contained, met map[int64]bool) (hits []hit) {
	for i, x := range held {
		if x.Type() != e.typ || !met[x.rid] || !e.tells(&told{r: x.Resource}) {
			continue
		}
		h := hit{v, []any{int64(i)}}
		if e.bare {
			h.Within, h.Body = x.ID(), x.Raw()
		}
		hits = append(hits, h)
		if !e.bare {
			h.keys[0] = int64(math.MaxInt32)
			return hits
		}
	}
	return hits
}
