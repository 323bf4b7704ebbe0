package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// conditionSQL is the statement that finds at most two resources that meet a condition.
func (s *Store) conditionSQL(ctx context.Context, tenant int32, c *condition) (db.Text, []any, error) {
	k, err := s.compiler(ctx, tenant, c.typ)
	if err != nil {
		return db.Text{}, nil, err
	}
	f := &finder{compiler: k}
	if f.preds, err = k.clauses(c.query.Clauses); err != nil {
		return db.Text{}, nil, err
	}
	st := newStatement(s.db.Dialect(), tenant)
	src := f.narrow()
	st.add("SELECT r.rid, r.id FROM (" + src.selects() + " FROM ")
	src.from(f, st)
	src.filters(f, st)
	st.add(" LIMIT 2) q JOIN resource r ON r.tenant = $1 AND r.rid = q.rid")
	return st.text(), st.args, nil
}

// narrow chooses a source without asking the database: conditions name things by
// identifiers, so the first positive predicate is rare.
func (f *finder) narrow() source {
	for i, p := range f.preds {
		if p.walkable() {
			return source{walk: i, collect: -1}
		}
	}
	for i, p := range f.preds {
		if p.positive() {
			return source{walk: -1, collect: i}
		}
	}
	return source{walk: -1, collect: -1}
}
