package store

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
)

// A unit that nothing has any more costs searches a probe, and may be words that were deleted to be gone: UCUM takes any in braces.
// No index leads from a unit to its quantities, so all rows of quantities are looked through, for longer than writers can be kept
// away. Instead the edition by which they remember what is listed is raised first: who writes a unit from then on lists it anew
// under that edition. What has no row then, and was not listed anew until it is removed, nothing has.

// unusedUnits are units that may have no quantity, by the hash under which quantities have them.
type unusedUnits map[int32][]string

// sweepUnits removes the units that nothing in the tenant has, and tells how many they were.
func (s *Store) sweepUnits(ctx context.Context, tenant int32) (removed int64, err error) {
	unused, edition, err := s.unusedUnits(ctx, tenant)
	if err != nil || len(unused) == 0 {
		return 0, err
	}
	return s.removeUnits(ctx, tenant, edition, unused)
}

// unusedUnits are the units that nothing had when that edition began.
func (s *Store) unusedUnits(ctx context.Context, tenant int32) (unused unusedUnits, edition int64, err error) {
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return nil, 0, err
	}
	unused = unusedUnits{}
	err = s.db.Query(ctx, unitsSQL, []any{tenant}, func(r db.Row) error {
		hash := keys.hasher.Unit(r.Text(0))
		unused[hash] = append(unused[hash], r.Text(0))
		return nil
	})
	if err == nil {
		err = s.drop(ctx, keys, unused)
	}
	if err != nil || len(unused) == 0 {
		return unused, 0, err
	}
	if edition, err = s.raise(ctx, tenant); err == nil {
		err = s.drop(ctx, keys, unused)
	}
	return unused, edition, err
}

// raise takes the next edition of the tenant's search parameters.
func (s *Store) raise(ctx context.Context, tenant int32) (edition int64, err error) {
	err = s.db.Write(ctx, func(tx db.Tx) error {
		if err := tenantAlone(ctx, tx, tenant); err != nil {
			return err
		}
		return tx.Query(ctx, nextEdition, []any{tenant}, func(r db.Row) error {
			edition = r.Int64(0)
			return nil
		})
	})
	s.book.forget(tenant)
	return edition, err
}

var dropUnit = db.Same(`DELETE FROM ix_unit WHERE tenant = $1 AND code = $2 AND edition < $3`)

func (s *Store) removeUnits(ctx context.Context, tenant int32, edition int64, unused unusedUnits) (removed int64, err error) {
	err = s.db.Write(ctx, func(tx db.Tx) error {
		for _, codes := range unused {
			for _, code := range codes {
				n, err := tx.Exec(ctx, dropUnit, tenant, code, edition)
				if removed += n; err != nil {
					return err
				}
			}
		}
		return nil
	})
	s.measures.tenants.Delete(tenant) // searches read them anew
	return removed, err
}

// drop takes out what a resource has, or something that one contains.
func (s *Store) drop(ctx context.Context, k *tenantKeys, unused unusedUnits) error {
	if err := s.dropNumbered(ctx, k, unused); err != nil {
		return err
	}
	params, err := s.params(ctx, k.tenant)
	for _, typ := range r4.Resources() {
		if err == nil && len(unused) > 0 && slices.ContainsFunc(params.set.Params(typ), measures) {
			err = s.dropContained(ctx, k, params, typ, unused)
		}
	}
	return err
}

// measures reports whether a parameter may have rows with units.
func measures(p r4.Param) bool { return p.Type == "quantity" || p.Type == "composite" }

// numberPieces is in how many pieces the rows of quantities are looked through, by their hash.
const numberPieces = 64

var numberUnits = db.Same(`SELECT DISTINCT code FROM ix_number WHERE tenant = $1 AND hash BETWEEN $2 AND $3 AND system = $4`)

// dropNumbered looks through the rows until each unit was met.
func (s *Store) dropNumbered(ctx context.Context, k *tenantKeys, unused unusedUnits) (err error) {
	const width = math.MaxUint64/numberPieces + 1
	for i := int64(0); i < numberPieces && err == nil && len(unused) > 0; i++ {
		from := math.MinInt64 + i*width
		err = s.db.Query(ctx, numberUnits, []any{k.tenant, from, from + width - 1, k.hasher.Unit(index.UCUM)}, func(r db.Row) error {
			delete(unused, r.Int32(0))
			return nil
		})
	}
	return err
}

// dropContained opens what contains resources of a type, as long as there are units of which nobody knows.
func (s *Store) dropContained(ctx context.Context, k *tenantKeys, params *ownParams, typ string, unused unusedUnits) error {
	for after := int64(0); len(unused) > 0; {
		page, err := sealedPage(ctx, s.db, containersSQL, k.tenant, k.containing(typ), after, portion)
		if err != nil || len(page) == 0 {
			return err
		}
		after = page[len(page)-1].RID
		for _, code := range s.unitsIn(k, params, page) {
			delete(unused, k.hasher.Unit(code))
		}
	}
	return nil
}

// unitsIn are the units of some versions. One that cannot be opened has none that a search could find.
func (s *Store) unitsIn(k *tenantKeys, params *ownParams, page []sealedVersion) (codes []string) {
	var mu sync.Mutex
	todo := make([]func(), len(page))
	for i, v := range page {
		todo[i] = func() {
			rows, err := s.rowsIn(k, params, v)
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			codes = append(codes, rows.Units...)
		}
	}
	run(todo)
	return codes
}

func (s *Store) rowsIn(k *tenantKeys, params *ownParams, v sealedVersion) (rows index.Rows, err error) {
	defer s.caught(&err)
	plain, err := k.open(v.RID, v.Number, v.sealed)
	if err != nil {
		return rows, err
	}
	r, err := stored(plain)
	if err != nil {
		return rows, err
	}
	return k.extract(context.Background(), r, s.base, params.now) // what was given up would tell of no unit
}
