package store

import (
	"context"
	"errors"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// What is read by its name is answered as if it were not there, if the caller may not see it. A version that is past must be
// his to see, and so must the current one: else a record that was moved to another patient would show what was wrong, or tell
// of the other. What was deleted is judged by its last body.

// hidden is the fault Unknown of something that is there: on record it is a refusal, to the caller there is no difference.
type hidden struct{ error }

func (h hidden) Unwrap() error { return h.error }

// seen is the current version of a resource, tombstones included, or another one of it, if the caller may see it by op.
// Faults: Forbidden, Unknown.
func (d *Desk) seen(ctx context.Context, op access.Op, typ, id, version string) (Version, error) {
	n, err := d.may(ctx, op, typ)
	switch {
	case err != nil:
		return Version{}, err
	case len(n.Where) == 0:
		return d.s.version(ctx, d.p.Tenant, typ, id, version)
	case d.s.sources[typ] != nil:
		return d.s.madeSeen(ctx, d.p.Tenant, d.s.sources[typ], n.Where, typ, id, version)
	}
	return d.pastSeen(ctx, n.Where, typ, id, version)
}

func (d *Desk) pastSeen(ctx context.Context, where []search.Clause, typ, id, version string) (Version, error) {
	c, err := d.s.compiler(ctx, d.p.Tenant, typ)
	if err != nil {
		return Version{}, err
	}
	v, err := c.seen(where, id)
	if err != nil || version == "" {
		return v, err
	}
	past, err := d.s.version(ctx, d.p.Tenant, typ, id, version)
	if err != nil || past.Number == v.Number {
		return past, err
	}
	ok, err := c.judge(where, []Version{past})
	if err == nil && !ok[0] {
		err = hidden{fault.New(fault.Unknown, "there is no such version of the %s", typ)}
	}
	return past, err
}

// seen is the current version of a resource of c's type, if it meets the conditions.
func (c *compiler) seen(where []search.Clause, id string) (Version, error) {
	preds, err := c.conjunction(where)
	if err != nil {
		return Version{}, err
	}
	st := newStatement(c.from.Dialect(), c.k.tenant)
	st.add("SELECT r.rid, r.version, r.updated, r.method, r.deleted, r.body, (TRUE")
	for _, p := range preds {
		st.filter(p, "r.rid")
	}
	st.add(") FROM resource r WHERE r.tenant = $1 AND r.type = ? AND r.id = ?", c.index, id)
	v, ok := Version{Type: c.typ, ID: id}, false
	err = c.from.Query(c.ctx, st.text(), st.args, func(r db.Row) error {
		ok = r.Bool(6)
		return c.k.scan(&v, r, 0)
	})
	if err == nil && v.Number > 0 && v.Deleted {
		ok, err = c.wasSeen(where, v)
	}
	unknown := fault.New(fault.Unknown, "there is no such %s", c.typ)
	switch {
	case err != nil:
		return Version{}, err
	case v.Number == 0:
		return Version{}, unknown
	case !ok:
		return Version{}, hidden{unknown}
	}
	return v, nil
}

// wasSeen reports whether what was deleted met the conditions at last.
func (c *compiler) wasSeen(where []search.Clause, gone Version) (bool, error) {
	ok, err := c.judge(where, []Version{gone})
	return err == nil && ok[0], err
}

// judge tells of versions of resources of c's type, current or past, which meet the conditions by what their bodies say; that of
// a deletion by what the body before it says.
func (c *compiler) judge(where []search.Clause, list []Version) ([]bool, error) {
	preds, err := c.conjunction(where)
	if err != nil {
		return nil, err
	}
	bodies, err := c.said(list)
	if err != nil {
		return nil, err
	}
	in, rids := c.inside(preds), make([]int64, len(list))
	for i, body := range bodies {
		if rids[i] = int64(-1 - i); body.Exists() {
			if err := in.rows(c.ctx, contained{body, rids[i]}); err != nil {
				return nil, err
			}
		}
	}
	met, err := in.meeting(c.ctx, c.from, rids)
	if err != nil {
		return nil, err
	}
	ok := make([]bool, len(list))
	for i := range list {
		ok[i] = bodies[i].Exists() && met[rids[i]]
	}
	return ok, nil
}

// said is what versions say; a deletion says what was deleted.
func (c *compiler) said(list []Version) ([]fhir.Resource, error) {
	var names []VersionKey
	for _, v := range list {
		if v.Deleted {
			names = append(names, VersionKey{Key{v.Type, v.ID}, v.Number - 1})
		}
	}
	before := map[VersionKey][]byte{}
	if len(names) > 0 {
		found, err := c.s.FetchVersions(c.ctx, c.k.tenant, names)
		if err != nil {
			return nil, err
		}
		for _, v := range found {
			before[VersionKey{Key{v.Type, v.ID}, v.Number}] = v.Body
		}
	}
	out := make([]fhir.Resource, len(list))
	for i, v := range list {
		body := v.Body
		if v.Deleted {
			body = before[VersionKey{Key{v.Type, v.ID}, v.Number - 1}]
		}
		if len(body) == 0 {
			continue
		}
		var err error
		if out[i], err = stored(body); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// uncovered is the fault without the mark that it hides something, and whether it had one.
func uncovered(err error) (error, bool) {
	var h hidden
	if errors.As(err, &h) {
		return h.error, true
	}
	return err, false
}
