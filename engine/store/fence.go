package store

import (
	"context"
	"errors"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// errOutdated is a group whose rows were made by a set of search parameters that is no longer in force.
var errOutdated = fault.New(fault.Conflict, "the search parameters were changed meanwhile; try again")

var editionSQL = db.Same(`SELECT edition FROM search_param_edition WHERE tenant = $1`)

// stock gives the members the search parameters that are in force as far as this process knows. On SQLite, where there is
// one writer, that is certain; on PostgreSQL the fence makes it so.
func (s *Store) stock(ctx context.Context, tx db.Tx, ms []*member) error {
	var last *member
	for _, m := range ms {
		if last == nil || last.p.Tenant != m.p.Tenant {
			params, err := s.inForce(ctx, tx, m.p.Tenant)
			if err == nil {
				err = outgrown(params.least)
			}
			if err != nil {
				return err
			}
			m.params, last = params, m
		}
		m.params = last.params
	}
	return nil
}

func (s *Store) inForce(ctx context.Context, tx db.Tx, tenant int32) (*ownParams, error) {
	known := s.book.of(tenant).ownParams
	if known != nil && tx.Dialect() == db.SQLite {
		edition := int64(0)
		err := tx.Query(ctx, editionSQL, []any{tenant}, func(r db.Row) error {
			edition = r.Int64(0)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if edition != known.edition {
			known = nil
		}
	}
	if known != nil {
		return known, nil
	}
	return s.readParams(ctx, tx, tenant, nil)
}

// fenceSQL fails, and the transaction with it, if an edition is not the one that is expected.
var fenceSQL = db.Same(`SELECT 1 / CASE WHEN COALESCE(e.edition, 0) = q.edition THEN 1 ELSE 0 END
	FROM unnest($1::int4[], $2::int8[]) AS q(tenant, edition) LEFT JOIN search_param_edition e ON e.tenant = q.tenant`)

// fenceFailed is the SQLSTATE of a division by zero; the store divides nothing else.
const fenceFailed = "22012"

// fence stands before the writes of a group: who changes the set has the tenant's lock alone, all others share it until they
// commit, so the edition that is found here is in force at the commit.
func (s *Store) fence(p *db.Pipe, ms []*member) {
	if s.db.Dialect() == db.SQLite {
		return
	}
	var shared []lock
	var tenants []int32
	var editions []int64
	for _, m := range ms {
		if n := len(tenants); m.changed || len(m.ops) == 0 || n > 0 && tenants[n-1] == m.p.Tenant {
			continue
		}
		shared = append(shared, lock{lockKey(m.p.Tenant, -1, ""), true})
		tenants, editions = append(tenants, m.p.Tenant), append(editions, m.params.edition)
	}
	if len(tenants) == 0 {
		return
	}
	takeLocks(p, inOrder(shared))
	p.EachQuery(fenceSQL, func(db.Row) error { return nil }, tenants, editions)
}

// outdated reports whether the group has met the fence, and forgets or takes up what has changed.
func (s *Store) outdated(err error, ms []*member) bool {
	e, failed := errors.AsType[*db.Error](err)
	met := failed && e.Code == fenceFailed || errors.Is(err, errOutdated)
	for _, m := range ms {
		if met || m.changed {
			s.book.forget(m.p.Tenant)
		}
	}
	return met
}
