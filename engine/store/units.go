package store

import (
	"context"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/search"
	"github.com/ficushealth/ficus/fhir/ucum"
)

// A quantity has one row, in its own unit. So that 1 g also finds 1000 mg, a search
// in a unit of UCUM looks under every unit that measures the same and that a quantity
// of the tenant ever had. There are few; table ix_unit lists them.

// units are those of one tenant, as far as this process knows. What this process has listed counts under one edition of the tenant's
// search parameters: what nothing has is removed with a new one (disuse.go).
type units struct {
	mu      sync.RWMutex
	known   map[string]ucum.Unit
	at      time.Time // when the table was read
	edition int64
	said    map[string]struct{} // listed under that edition
}

// unitBook holds the units of all tenants.
type unitBook struct{ tenants sync.Map }

func (b *unitBook) of(tenant int32) *units {
	u, _ := b.tenants.LoadOrStore(tenant, &units{})
	return u.(*units)
}

// stale is after what time the table is read again: other processes may have written a unit.
const stale = time.Second

var (
	unitsSQL = db.Same(`SELECT code FROM ix_unit WHERE tenant = $1 ORDER BY code`)
	addUnit  = db.Text{
		SQLite: `INSERT INTO ix_unit (tenant, code, edition) VALUES ($1, $2, $3)
			ON CONFLICT (tenant, code) DO UPDATE SET edition = excluded.edition WHERE ix_unit.edition < excluded.edition`,
		Postgres: `INSERT INTO ix_unit (tenant, code, edition)
			SELECT q.tenant, q.code, MAX(q.edition) FROM unnest($1::int4[], $2::text[], $3::int8[]) AS q(tenant, code, edition)
			WHERE NOT EXISTS (SELECT 1 FROM ix_unit x WHERE x.tenant = q.tenant AND x.code = q.code AND x.edition >= q.edition)
			GROUP BY q.tenant, q.code ORDER BY q.tenant, q.code
			ON CONFLICT (tenant, code) DO UPDATE SET edition = excluded.edition WHERE ix_unit.edition < excluded.edition`,
	}
)

// fresh are the units that may not be listed under the edition yet. One that UCUM does not have cannot be converted and is left out.
func (u *units) fresh(edition int64, codes []string) (out []string) {
	u.mu.RLock()
	defer u.mu.RUnlock()
	for _, code := range codes {
		if _, said := u.said[code]; said && u.edition == edition {
			continue
		}
		if _, err := ucum.Parse(code); err == nil {
			out = append(out, code)
		}
	}
	return out
}

// learn takes up units that are stored.
func (u *units) learn(codes []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	known := maps.Clone(u.known)
	if known == nil {
		known = map[string]ucum.Unit{}
	}
	for _, code := range codes {
		if unit, err := ucum.Parse(code); err == nil {
			known[code] = unit
		}
	}
	u.known = known
}

// say notes that a unit is listed under an edition.
func (u *units) say(edition int64, code string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.edition != edition || u.said == nil {
		u.edition, u.said = edition, map[string]struct{}{}
	}
	u.said[code] = struct{}{}
}

// unitColumns are units that a group is the first to write under an edition.
type unitColumns struct {
	tenant  []int32
	code    []string
	edition []int64
}

func (c *unitColumns) add(tenant int32, edition int64, codes []string) {
	for _, code := range codes {
		c.tenant, c.code, c.edition = append(c.tenant, tenant), append(c.code, code), append(c.edition, edition)
	}
}

func (b *unitBook) learn(c unitColumns) {
	for i, tenant := range c.tenant {
		u := b.of(tenant)
		u.learn(c.code[i : i+1])
		u.say(c.edition[i], c.code[i])
	}
}

// units are all units of the tenant, read from the table where another process may know more.
func (s *Store) units(ctx context.Context, from asked, tenant int32) (map[string]ucum.Unit, error) {
	u := s.measures.of(tenant)
	u.mu.RLock()
	known, at := u.known, u.at
	u.mu.RUnlock()
	if now := time.Now(); at.IsZero() || s.db.Dialect() == db.Postgres && now.Sub(at) > stale {
		var codes []string
		err := from.Query(ctx, unitsSQL, []any{tenant}, func(r db.Row) error {
			codes = append(codes, r.Text(0))
			return nil
		})
		if err != nil {
			return nil, err
		}
		u.learn(codes)
		u.mu.Lock()
		u.at, known = now, u.known
		u.mu.Unlock()
	}
	return known, nil
}

// inAllUnits looks for a quantity in its own unit and in those that measure the same.
func (c *compiler) inAllUnits(hash int64, v search.Value) ([]probe, error) {
	probes := []probe{c.amount(hash, v)}
	unit, err := ucum.Parse(v.UnitCode)
	if err != nil { // found as it is written
		return probes, nil
	}
	known, err := c.s.units(c.ctx, c.from, c.k.tenant)
	if err != nil {
		return nil, err
	}
	for _, code := range slices.Sorted(maps.Keys(known)) {
		if other := known[code]; code != v.UnitCode && unit.Comparable(other) {
			if w, ok := converted(v, unit, other, code); ok {
				probes = append(probes, c.amount(hash, w))
			}
		}
	}
	return probes, nil
}

// converted is the value in another unit.
func converted(v search.Value, from, to ucum.Unit, code string) (search.Value, bool) {
	v.UnitCode = code
	for _, n := range []*float64{&v.Num, &v.NumLo, &v.NumHi} {
		exact, ok := new(big.Rat).SetString(strconv.FormatFloat(*n, 'g', -1, 64))
		if !ok {
			return v, false
		}
		*n, _ = to.FromBase(from.ToBase(exact)).Float64()
	}
	return v, true
}
