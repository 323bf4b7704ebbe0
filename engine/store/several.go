package store

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// several is a search over several types on its way. In the order of creation it goes
// through them one after the other, in the order of their names, so that a page touches few; in any other
// order the next resources of all of them are merged.
type several struct {
	finders []*finder
	limit   int
	paused  position // where a page ends early, in the order of creation
}

// typesFor are the types that a search over several looks at: those that it names, each of which the caller
// must be allowed to search, or those of all that he is. Faults: Forbidden.
func (v sight) typesFor(q search.Query) ([]string, error) {
	if len(q.Types) > 0 {
		for _, t := range q.Types {
			if _, err := v.may(access.Search, t); err != nil {
				return nil, err
			}
		}
		return q.Types, nil
	}
	types := slices.Sorted(slices.Values(r4.Resources()))
	if q.Compartment.Type != "" {
		types = compartmentTypes(q.Compartment.Type)
	}
	types = slices.DeleteFunc(types, func(t string) bool {
		_, err := v.may(access.Search, t)
		return err != nil
	})
	if len(types) == 0 {
		return nil, v.whole(access.Search, "")
	}
	return types, nil
}

var presentSQL = db.Text{
	SQLite: `SELECT $3, 1 WHERE EXISTS (SELECT 1 FROM resource WHERE tenant = $1 AND type = $2 AND NOT deleted)`,
	Postgres: `SELECT q.n - 1, 1 FROM unnest($1::int4[], $2::int2[]) WITH ORDINALITY AS q(tenant, type, n)
		WHERE EXISTS (SELECT 1 FROM resource r WHERE r.tenant = q.tenant AND r.type = q.type AND NOT r.deleted)`,
}

// peopled are those of the types that have a resource, so that the others are not asked one by one.
func (s *Store) peopled(ctx context.Context, tenant int32, types []string) (out []string, err error) {
	index := make([]int32, len(types))
	for n, t := range types {
		i, known := typeIndex(t)
		if !known {
			return nil, unknownType(t)
		}
		index[n] = int32(i)
	}
	err = s.db.EachQuery(ctx, presentSQL, func(r db.Row) error {
		out = append(out, types[r.Int64(0)])
		return nil
	}, repeat(tenant, len(types)), index)
	slices.Sort(out)
	return out, err
}

func (s *Store) several(ctx context.Context, tenant int32, q search.Query) (*several, error) {
	types, err := s.peopled(ctx, tenant, q.Types)
	if err != nil {
		return nil, err
	}
	all, used := &several{limit: limitOf(q)}, &spent{}
	for _, t := range types {
		f, err := s.finderOf(ctx, tenant, ofType(q, t), used)
		if err != nil {
			return nil, err
		}
		if n := len(all.finders); n > 0 && !sameKeys(all.finders[n-1].keys, f.keys) {
			return nil, fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: "http._sort", Text: "the types of this search have no common order by these parameters"})
		}
		all.finders = append(all.finders, f)
	}
	return all, nil
}

// ofType is the part of the search that one type has.
func ofType(q search.Query, typ string) search.Query {
	q.Type, q.Clauses = typ, typed(q.Clauses, typ)
	for i := range q.Sort {
		if p, ok := r4.FindParam(typ, q.Sort[i].Code); ok && len(q.Sort[i].Via) == 0 {
			q.Sort = slices.Clone(q.Sort)
			q.Sort[i].Param = p
		}
	}
	return q
}

// typed says of clauses that were asked of several types that they are asked of one.
func typed(list []search.Clause, typ string) []search.Clause {
	out := slices.Clone(list)
	for i := range out {
		k := &out[i]
		if k.Type != "" {
			continue
		}
		k.Type = typ
		switch k.Form {
		case search.Compare:
			if p, ok := r4.FindParam(typ, k.Code); ok {
				k.Param = p
			}
		case search.All, search.Any, search.None:
			k.Sub = typed(k.Sub, typ)
		}
	}
	return out
}

func sameKeys(a, b []key) bool {
	return slices.EqualFunc(a, b, func(a, b key) bool { return kindOf(a.last) == kindOf(b.last) })
}

// kindOf tells the columns apart by which an order goes.
func kindOf(last any) byte {
	switch last.(type) {
	case int64:
		return 'i'
	case float64:
		return 'f'
	}
	return 's'
}

// findSeveral is find over several types.
func (s *Store) findSeveral(ctx context.Context, tenant int32, q search.Query) (page Page, err error) {
	all, err := s.several(ctx, tenant, q)
	if err != nil {
		return page, err
	}
	page.Total = -1
	if wantsTotal(q) {
		if page.Total, err = all.count(); err != nil {
			return Page{}, err
		}
	}
	if all.limit == 0 {
		return page, nil
	}
	k, err := s.keys(ctx, tenant)
	if err != nil {
		return Page{}, err
	}
	return all.page(page, k, fingerprint(q), q)
}

// page is the page of a cursor.
func (a *several) page(page Page, k *tenantKeys, print uint64, q search.Query) (Page, error) {
	order := len(q.Sort)
	at, err := k.readCursor(print, q.Cursor, max(1, order))
	if err != nil {
		return Page{}, err
	}
	next := a.inTurn
	if order > 0 {
		next = a.merged
	}
	hits, err := next(at)
	if err != nil {
		return Page{}, err
	}
	if a.paused.rid > 0 {
		page.Next = k.writeCursor(print, a.paused)
	}
	if len(hits) > a.limit {
		hits = hits[:a.limit]
		page.Next = k.writeCursor(print, a.position(hits[a.limit-1], order))
	}
	for _, h := range hits {
		page.Entries = append(page.Entries, h.Version)
	}
	return page, nil
}

func (a *several) count() (total int64, err error) {
	for _, f := range a.finders {
		n, err := f.count()
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// position is the place behind a resource: in the order of creation its type leads.
func (a *several) position(last hit, order int) position {
	if order == 0 {
		i, _ := typeIndex(last.Type)
		return position{last.RID, []any{int64(i)}}
	}
	return position{last.RID, last.keys}
}

// inTurn goes through the types one by one, from the place of the cursor on.
func (a *several) inTurn(at position) (hits []hit, err error) {
	from := ""
	if at.rid > 0 {
		i, ok := at.keys[0].(int64)
		if !ok || i < 0 || int(i) >= len(r4.Resources()) {
			return nil, badCursor()
		}
		from = r4.Resources()[i]
	}
	for _, f := range a.finders {
		if f.typ < from || len(hits) > a.limit || a.paused.rid > 0 {
			continue
		}
		if f.typ == from {
			f.at = position{rid: at.rid}
		}
		f.limit, f.pauses = a.limit-len(hits), true
		more, err := f.look()
		if err != nil {
			return nil, err
		}
		if f.paused.rid > 0 {
			a.paused = a.position(hit{Version: Version{Type: f.typ, RID: f.paused.rid}}, 0)
		}
		hits = append(hits, more...)
	}
	return hits, nil
}

// merged takes the next of all types in the order that was asked for.
func (a *several) merged(at position) (hits []hit, err error) {
	for _, f := range a.finders {
		f.at, f.limit = at, a.limit
		more, err := f.look()
		if err != nil {
			return nil, err
		}
		hits = append(hits, more...)
	}
	if len(a.finders) == 0 {
		return nil, nil
	}
	slices.SortFunc(hits, func(x, y hit) int { return a.finders[0].compare(x.keys, x.RID, y.keys, y.RID) })
	return hits, nil
}
