package store

import (
	"slices"
	"strconv"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// A chain is followed into contained resources too (https://hl7.org/fhir/R4/search.html#contained). These have no index
// rows, so where resources of the type that is searched contain some of the type to which the first step leads, those
// that meet all else are opened, and the step also holds for those that contain what is asked.

// inward is a step that may lead to contained resources, with what it has been compiled to.
type inward struct {
	search.Clause
	at *predicate
}

// inward lists the first steps of all chains.
func (c *compiler) inward(list []search.Clause, preds []predicate) (out []inward) {
	for i, k := range list {
		switch {
		case k.Form == search.Join && !k.Reverse && preds[i].form == search.Join:
			out = append(out, inward{k, &preds[i]})
		case k.Form != search.Join && len(k.Sub) == len(preds[i].sub):
			out = append(out, c.inward(k.Sub, preds[i].sub)...)
		}
	}
	return out
}

var containsAnySQL = db.Text{
	SQLite: `SELECT $3, 1 WHERE EXISTS (SELECT 1 FROM ix_token WHERE tenant = $1 AND hash = $2)`,
	Postgres: `SELECT q.n - 1, 1 FROM unnest($1::int4[], $2::int8[]) WITH ORDINALITY AS q(tenant, hash, n)
		WHERE EXISTS (SELECT 1 FROM ix_token x WHERE x.tenant = q.tenant AND x.hash = q.hash AND (x.hash >> 32)::int4 = (q.hash >> 32)::int4)`,
}

// lookInside lets the chains of a search hold for what is contained.
func (f *finder) lookInside(list []search.Clause) error {
	steps := f.inward(list, f.preds)
	if len(steps) == 0 {
		return nil
	}
	hashes := make([]int64, len(steps))
	for i, s := range steps {
		hashes[i] = f.k.containing(s.Other)
	}
	var there []inward
	err := f.from.EachQuery(f.ctx, containsAnySQL, func(r db.Row) error {
		there = append(there, steps[r.Int64(0)])
		return nil
	}, repeat(f.k.tenant, len(steps)), hashes)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(f.preds), predicate.leads)
	for _, s := range there {
		if err := f.widen(s, others); err != nil {
			return err
		}
	}
	return nil
}

// widen lets a step hold for the resources that contain what it asks for.
func (f *finder) widen(s inward, others []predicate) error {
	var holders []int64
	rid := int64(0)
	for {
		limit := min(portion, f.left()+1)
		list, err := f.holders(s, others, rid, limit)
		if err != nil {
			return err
		}
		if f.spent.opened += len(list); f.spent.opened > f.most {
			f.spent.opened = f.most
			return f.tooManyHolders(s)
		}
		found, err := f.holding(list, *s.at)
		if err != nil {
			return err
		}
		if holders = append(holders, found...); len(list) < limit {
			break
		}
		rid = list[limit-1].RID
	}
	if len(holders) > 0 {
		held := predicate{probes: []probe{{table: "resource", where: []test{f.live(), within("x.rid", holders)}}}}
		*s.at = predicate{form: search.Any, sub: []predicate{*s.at, held}}
	}
	return nil
}

func (f *finder) tooManyHolders(s inward) error {
	name := search.Printable(s.Name)
	return fault.At(fault.TooCostly, fault.Issue{Code: "too-costly", Expression: "http." + name,
		Text: "search parameter " + name + " would have to look into more than " + strconv.Itoa(f.most) + " resources that contain " + fault.A(s.Other) + ", all conditions of the request together; narrow the search by other parameters"})
}

// holders are the next resources behind a number that contain some of the type to which a step leads, and meet the others.
func (f *finder) holders(s inward, others []predicate, rid int64, limit int) (list []Version, err error) {
	st := newStatement(f.s.db.Dialect(), f.k.tenant)
	st.add("SELECT r.rid, r.version, r.updated, r.method, r.deleted, r.body FROM (SELECT c.rid FROM ix_token c WHERE c.tenant = $1 AND c.hash = ?", f.k.containing(s.Other))
	st.halves("c", []any{f.k.containing(s.Other)}).add(" AND c.rid > ?", rid)
	st.add(" AND (SELECT t.type FROM resource t WHERE t.tenant = $1 AND t.rid = c.rid) = ?", f.index)
	for _, p := range others {
		st.filter(p, "c.rid")
	}
	st.add(" ORDER BY c.rid LIMIT ?) q JOIN resource r ON r.tenant = $1 AND r.rid = q.rid ORDER BY r.rid", limit)
	err = f.from.Query(f.ctx, st.text(), st.args, func(r db.Row) error {
		v := Version{Type: f.typ}
		err := f.k.scan(&v, r, 0)
		list = append(list, v)
		return err
	})
	return list, err
}

// holding are those of the resources of which a step holds for what they contain.
func (f *finder) holding(list []Version, step predicate) (rids []int64, err error) {
	for len(list) > 0 {
		in := f.inside([]predicate{step})
		open, err := in.fill(f.ctx, list)
		if err != nil {
			return nil, err
		}
		var asked []int64
		for _, c := range open {
			asked = append(asked, c.RID)
		}
		met, err := in.meeting(f.ctx, f.from, asked)
		if err != nil {
			return nil, err
		}
		rids = append(rids, slices.DeleteFunc(asked, func(rid int64) bool { return !met[rid] })...)
		list = list[len(open):]
	}
	return rids, nil
}
