package store

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// What a caller may see or change of a type is a condition (access.Narrow), that stands in every query beside what is asked.
// What he may not see is to him as if it were not there: not found, not counted, of no weight in an order, led to by no chain.

// sight is what one caller may see.
type sight struct {
	s   *Store
	p   *access.Principal
	own *ownParams
}

func (d *Desk) sight(ctx context.Context) (sight, error) {
	own, err := d.s.params(ctx, d.p.Tenant)
	return sight{d.s, &d.p, own}, err
}

// may says what of a type the caller may see or change by op. Faults: Forbidden if it is nothing.
func (v sight) may(op access.Op, typ string) (access.Narrow, error) {
	return v.s.decisions.Decide(v.p, op, typ, v.own.set, v.own.edition)
}

// may is that of sight, without looking at anything where nothing is narrowed.
func (d *Desk) may(ctx context.Context, op access.Op, typ string) (access.Narrow, error) {
	if d.p.Whole(op, typ) {
		return access.Narrow{All: true}, nil
	}
	v, err := d.sight(ctx)
	if err != nil {
		return access.Narrow{}, err
	}
	return v.may(op, typ)
}

// whole asks for a right to all resources of a type. Faults: Forbidden.
func (v sight) whole(op access.Op, typ string) error {
	n, err := v.may(op, typ)
	if err == nil && (!n.All || len(n.Hide) > 0) {
		err = fault.New(fault.Forbidden, "this needs the right to %s every %s, and you see a part of them", op, typ)
	}
	return err
}

// limited is the search with the limits of its caller. Faults: Forbidden.
func (v sight) limited(q search.Query) (search.Query, error) {
	q.Limits, q.Limited = nil, ""
	if q.Type != "" {
		if err := v.limit(&q, q.Type); err != nil {
			return q, err
		}
	}
	for _, t := range q.Types {
		if err := v.limit(&q, t); err != nil {
			return q, err
		}
	}
	return q, nil
}

func (v sight) limit(q *search.Query, typ string) error {
	if v.p.Whole(access.Search, typ) {
		return nil
	}
	n, err := v.may(access.Search, typ)
	if err != nil || n.All {
		return err
	}
	if q.Limits == nil {
		q.Limits, q.Limited = map[string][]search.Clause{}, v.p.Print()
	}
	q.Limits[typ] = n.Where
	return nil
}

// admit leaves of current, live resources those that meet the limits of their types.
func (c *compiler) admit(limits map[string][]search.Clause, list []Version) ([]Version, error) {
	rids := map[string][]int64{}
	for _, v := range list {
		if _, limited := limits[v.Type]; limited {
			rids[v.Type] = append(rids[v.Type], v.RID)
		}
	}
	seen := map[int64]bool{}
	for typ, some := range rids {
		if err := c.meeting(typ, limits[typ], some, seen); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(list, func(v Version) bool { return rids[v.Type] != nil && !seen[v.RID] }), nil
}

// meeting marks those of the numbers, of live resources of a type, that meet the conditions.
func (c *compiler) meeting(typ string, where []search.Clause, rids []int64, met map[int64]bool) error {
	i, _ := typeIndex(typ)
	preds, err := c.at(typ, i).conjunction(where)
	if err != nil {
		return err
	}
	st := newStatement(c.from.Dialect(), c.k.tenant)
	st.add("SELECT c.rid FROM resource c WHERE c.tenant = $1").tests([]test{within("x.rid", rids)}, "c")
	for _, p := range preds {
		st.filter(p, "c.rid")
	}
	return c.from.Query(c.ctx, st.text(), st.args, func(r db.Row) error {
		met[r.Int64(0)] = true
		return nil
	})
}

// admit leaves of current, live resources what the caller may see by op.
func (v sight) admit(ctx context.Context, op access.Op, list []Version) ([]Version, error) {
	limits, err := v.limits(op, list)
	if err != nil || limits == nil {
		return list, err
	}
	c, err := v.s.compiler(ctx, v.p.Tenant, list[0].Type)
	if err != nil {
		return nil, err
	}
	return c.admit(limits, list)
}

// limits are those of the types of a list; nil if there are none. Of a type that is closed to the caller nothing is seen.
func (v sight) limits(op access.Op, list []Version) (limits map[string][]search.Clause, err error) {
	for _, x := range list {
		if _, known := limits[x.Type]; known || v.p.Whole(op, x.Type) {
			continue
		}
		n, err := v.may(op, x.Type)
		switch {
		case fault.Is(err, fault.Forbidden):
			n.Where = []search.Clause{{Form: search.Any, Name: "access"}}
		case err != nil:
			return nil, err
		case n.All:
			continue
		}
		if limits == nil {
			limits = map[string][]search.Clause{}
		}
		limits[x.Type] = n.Where
	}
	return limits, nil
}

// admitPast is admit for versions that may be past.
func (v sight) admitPast(ctx context.Context, op access.Op, list []Version) (out []Version, err error) {
	limits, err := v.limits(op, list)
	if err != nil || limits == nil {
		return list, err
	}
	c, err := v.s.compiler(ctx, v.p.Tenant, list[0].Type)
	if err != nil {
		return nil, err
	}
	ok, err := c.judgeAll(limits, list)
	for i, x := range list {
		if err == nil && ok[i] {
			out = append(out, x)
		}
	}
	return out, err
}

// judgeAll tells of versions, current or past, whether they and the current ones of their resources meet the limits.
func (c *compiler) judgeAll(limits map[string][]search.Clause, list []Version) ([]bool, error) {
	places := map[string][]int{}
	for i, v := range list {
		places[v.Type] = append(places[v.Type], i)
	}
	ok := make([]bool, len(list))
	for typ, at := range places {
		where, limited := limits[typ]
		some := make([]Version, len(at))
		for n, i := range at {
			ok[i], some[n] = !limited, list[i]
		}
		if !limited {
			continue
		}
		index, _ := typeIndex(typ)
		yes, err := c.at(typ, index).judgePast(where, some)
		if err != nil {
			return nil, err
		}
		for n, i := range at {
			ok[i] = yes[n]
		}
	}
	return ok, nil
}

// judgePast is judgeAll for versions of c's type.
func (c *compiler) judgePast(where []search.Clause, list []Version) ([]bool, error) {
	now, err := c.standing(where, list)
	if err != nil {
		return nil, err
	}
	ok, err := c.judge(where, list)
	if err != nil {
		return nil, err
	}
	for i, v := range list {
		ok[i] = ok[i] && now[v.RID]
	}
	return ok, nil
}

// standing marks the numbers of those resources whose current version meets the conditions.
func (c *compiler) standing(where []search.Clause, list []Version) (map[int64]bool, error) {
	met, rids := map[int64]bool{}, make([]int64, len(list))
	for i, v := range list {
		rids[i] = v.RID
	}
	slices.Sort(rids)
	rids = slices.Compact(rids)
	if err := c.meeting(c.typ, where, rids, met); err != nil {
		return nil, err
	}
	currents, err := c.s.tombstones(c.ctx, c.from, c.k, c.typ, rids)
	if err != nil || len(currents) == 0 {
		return met, err
	}
	ok, err := c.judge(where, currents)
	for i, v := range currents {
		if err == nil {
			met[v.RID] = ok[i]
		}
	}
	return met, err
}

// tombstones are those of the resources, of a type, that are deleted now.
func (s *Store) tombstones(ctx context.Context, from asked, k *tenantKeys, typ string, rids []int64) (list []Version, err error) {
	err = from.EachQuery(ctx, byNumberSQL, func(r db.Row) error {
		v := Version{Type: typ, ID: r.Text(7)}
		if v.columns(r, 1); v.Deleted {
			list = append(list, v)
		}
		return nil
	}, repeat(k.tenant, len(rids)), rids)
	return list, err
}
