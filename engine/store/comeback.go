package store

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// A SearchParameter that is stored may not be served, because a newer version of it is, or another one that says the same. When that
// one ends, its turn has come.

// mostWaiting is how many definitions are looked at that may come back.
const mostWaiting = 200

// comeBack takes up what other resources say under the url or the code of what has ended, the newest first. What cannot be served is
// left as it is: nobody has written it now.
func (d *definitions) comeBack(ctx context.Context, tx db.Tx) error {
	if len(d.ended) == 0 {
		return nil
	}
	waiting, err := d.waiting(ctx, tx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(waiting, func(a, b fhir.Resource) int {
		return boolOrder(fhir.Older(a.Get("version").Str(), b.Get("version").Str())) - boolOrder(fhir.Older(b.Get("version").Str(), a.Get("version").Str()))
	})
	for _, r := range waiting {
		err := d.take(&op{typ: definer, id: r.ID(), effect: Unchanged}, r)
		if f := fault.Find(err); err != nil && (f == nil || f.Kind == fault.Internal) {
			return err
		}
	}
	return nil
}

// waiting are the definitions that are stored under such a url or code, but for those that the member writes.
func (d *definitions) waiting(ctx context.Context, tx db.Tx) (list []fhir.Resource, err error) {
	h := d.m.keys.hasher
	var keys []int64
	for _, p := range d.ended {
		keys = append(keys, h.URI(definer, "url", p.URL), h.TokenCode(definer, "code", p.Code))
	}
	st := newStatement(tx.Dialect(), d.m.p.Tenant)
	st.add("SELECT r.rid, r.version, r.id, r.body FROM (SELECT DISTINCT u.rid AS rid FROM (")
	st.rids(predicate{probes: byHashes(keys)})
	st.add(") u) c JOIN resource r ON r.tenant = $1 AND r.rid = c.rid WHERE NOT r.deleted ORDER BY r.rid LIMIT ?", mostWaiting)
	err = tx.Query(ctx, st.text(), st.args, func(row db.Row) error {
		if slices.ContainsFunc(d.m.ops, func(o *op) bool { return o.typ == definer && o.id == row.Text(2) }) {
			return nil
		}
		plain, err := d.m.keys.open(row.Int64(0), row.Int64(1), row.BytesNoCopy(3))
		if err != nil {
			return err
		}
		r, err := stored(plain)
		if err == nil && r.Get("status").Str() == "active" {
			list = append(list, r)
		}
		return err
	})
	return list, err
}
