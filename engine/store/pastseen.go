package store

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/search"
)

// A history shows a version if the caller may see it and what has become of it. The current one is asked for in the query, for
// it has index rows; of a page of those the bodies are asked, until there are enough.

// farAway is behind all instants and numbers, and still a number of 64 bits as both databases read it.
const farAway = 1 << 62

// seenHistory is where a narrowed history reads from.
type seenHistory struct {
	ctx    context.Context
	s      *Store
	k      *tenantKeys
	q      HistoryQuery
	limits map[string][]search.Clause
	types  []int16
}

// historyOf is the history as far as the caller may see it; nil if nothing narrows it. Faults: Forbidden.
func (d *Desk) historyOf(ctx context.Context, q HistoryQuery) (*seenHistory, error) {
	if d.p.Whole(q.right(), q.Type) {
		return nil, nil
	}
	v, err := d.sight(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := v.may(q.right(), q.Type); err != nil {
		return nil, err
	}
	k, err := d.s.keys(ctx, d.p.Tenant)
	if err != nil {
		return nil, err
	}
	h := &seenHistory{ctx: ctx, s: d.s, k: k, q: q, limits: map[string][]search.Clause{}}
	types, err := typesOf(q.Type)
	if err != nil {
		return nil, err
	}
	for _, i := range types {
		if err := h.limit(v, i); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// limit takes up a type, unless it is closed to the caller.
func (h *seenHistory) limit(v sight, i int16) error {
	typ := typeName(int32(i))
	n, err := v.may(h.q.right(), typ)
	if err != nil {
		return unless(h.q.Type != "", err)
	}
	if h.types = append(h.types, i); len(n.Where) > 0 {
		h.limits[typ] = n.Where
	}
	return nil
}

func unless(matters bool, err error) error {
	if matters {
		return err
	}
	return nil
}

// versions are the next ones behind a place that may be seen, one more than the page holds.
func (h *seenHistory) versions(at position) (out []Version, err error) {
	for {
		list, err := h.next(at)
		if err != nil {
			return nil, err
		}
		c, err := h.s.compiler(h.ctx, h.k.tenant, typeName(int32(h.types[0])))
		if err != nil {
			return nil, err
		}
		ok, err := c.judgeAll(h.limits, list)
		if err != nil {
			return nil, err
		}
		for i, v := range list {
			if ok[i] {
				out = append(out, v)
			}
		}
		if len(list) <= h.q.Count || len(out) > h.q.Count {
			return out[:min(len(out), h.q.Count+1)], nil
		}
		last := list[len(list)-1]
		at = position{last.RID, []any{last.Updated.UnixMicro()}}
	}
}

// next are the next versions, seen or not, one more than the page holds.
func (h *seenHistory) next(at position) ([]Version, error) {
	if h.q.ID != "" {
		return h.s.instanceVersions(h.ctx, h.k, h.q, at)
	}
	var all []Version
	p := h.q.stretch(at)
	err := h.s.db.Read(h.ctx, func(tx db.Tx) error { // one snapshot: a version moves from one table to the other
		for _, i := range h.types {
			for _, table := range []string{"resource", "resource_history"} {
				list, err := h.ofType(tx, table, i, p)
				if err != nil {
					return err
				}
				all = append(all, list...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, p.compare)
	return all[:min(h.q.Count+1, len(all))], nil
}

// ofType reads the next versions of a type whose current one may be seen, or is that of a deletion.
func (h *seenHistory) ofType(tx db.Tx, table string, i int16, p stretch) (list []Version, err error) {
	typ := typeName(int32(i))
	c, err := h.s.compiler(h.ctx, h.k.tenant, typ)
	if err != nil {
		return nil, err
	}
	preds, err := c.conjunction(h.limits[typ])
	if err != nil {
		return nil, err
	}
	st := newStatement(h.s.db.Dialect(), h.k.tenant)
	columns, body, order := historyParts(table, p)
	place := func(n int64) string { return strconv.FormatInt(max(-farAway, min(farAway, n)), 10) }
	named := strings.NewReplacer("x.", "h.", table+" x", table+" h").Replace // x is what a predicate looks up
	st.add(named("SELECT " + columns + expand(body, "$1", place(int64(i)), place(p.lo), place(p.hi), place(p.rid), place(p.from)) + " AND ("))
	st.add("(SELECT g.deleted FROM resource g WHERE g.tenant = $1 AND g.rid = h.rid) OR (TRUE")
	for _, pred := range preds {
		st.filter(pred, "h.rid")
	}
	st.add(")) " + named(order) + " LIMIT " + strconv.Itoa(h.q.Count+1))
	err = tx.Query(h.ctx, st.text(), st.args, func(r db.Row) error {
		v := Version{ID: r.Text(6), Type: typ, Reborn: r.Bool(8)}
		err := h.k.scan(&v, r, 0)
		list = append(list, v)
		return err
	})
	return list, err
}
