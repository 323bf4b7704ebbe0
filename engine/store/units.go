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

// units are those of one tenant, as far as this process knows.
type units struct {
	mu    sync.RWMutex
	known map[string]ucum.Unit
	at    time.Time // when the table was read
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
		SQLite: `INSERT INTO ix_unit (tenant, code) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
		Postgres: `INSERT INTO ix_unit (tenant, code) SELECT DISTINCT q.tenant, q.code FROM unnest($1::int4[], $2::text[]) AS q(tenant, code)
			ORDER BY q.tenant, q.code ON CONFLICT DO NOTHING`,
	}
)

// fresh lists the units that are not known yet. One that UCUM does not have cannot be converted and is left out.
func (u *units) fresh(codes []string) (out []string) {
	u.mu.RLock()
	defer u.mu.RUnlock()
	for _, code := range codes {
		if _, known := u.known[code]; known {
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

// unitColumns are units that a group is the first to write.
type unitColumns struct {
	tenant []int32
	code   []string
}

func (c *unitColumns) add(tenant int32, codes []string) {
	c.tenant, c.code = append(c.tenant, repeat(tenant, len(codes))...), append(c.code, codes...)
}

func (b *unitBook) learn(c unitColumns) {
	for i, tenant := range c.tenant {
		b.of(tenant).learn(c.code[i : i+1])
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
