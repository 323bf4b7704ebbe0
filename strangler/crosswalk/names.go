package crosswalk

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// Names is the dictionary of one tenant in memory: names of tables, maps, types and reasons and their small numbers. It
// is complete for the names that Know was given; it is not safe for concurrent use while Know runs.
type Names struct {
	tenant int32
	byName map[string]int32
	byID   map[int32]string
}

var selectNames = db.Same(`SELECT id, name FROM strangler_name WHERE tenant = $1`)

// LoadNames reads the dictionary of a tenant.
func LoadNames(ctx context.Context, d *db.DB, tenant int32) (*Names, error) {
	n := &Names{tenant: tenant, byName: map[string]int32{}, byID: map[int32]string{}}
	err := d.Query(ctx, selectNames, []any{tenant}, n.take)
	return n, err
}

func (n *Names) take(r db.Row) error {
	n.put(r.Int32(0), r.Text(1))
	return nil
}

func (n *Names) put(id int32, name string) {
	n.byName[name], n.byID[id] = id, name
}

// ID is the number of a name that Know was given; 0 for any other.
func (n *Names) ID(name string) int32 { return n.byName[name] }

// Name is the name of a number, "" if there is none.
func (n *Names) Name(id int32) string { return n.byID[id] }

// Know gives every name a number that stays. Two processes that do so at the same time for the same tenant: the later
// one gets fault.Conflict or waits.
func (n *Names) Know(ctx context.Context, d *db.DB, names ...string) error {
	if n.knows(names) {
		return nil
	}
	return d.Write(ctx, func(tx db.Tx) error {
		if err := tx.Query(ctx, selectNames, []any{n.tenant}, n.take); err != nil {
			return err
		}
		return n.add(ctx, tx, names)
	})
}

func (n *Names) knows(names []string) bool {
	for _, name := range names {
		if n.byName[name] == 0 {
			return false
		}
	}
	return true
}

func (n *Names) add(ctx context.Context, tx db.Tx, names []string) error {
	for _, name := range names {
		if n.byName[name] != 0 {
			continue
		}
		id := int32(len(n.byID) + 1)
		_, err := tx.Exec(ctx, db.Same(`INSERT INTO strangler_name (tenant, id, name) VALUES ($1, $2, $3)`), n.tenant, id, name)
		if err != nil {
			return err
		}
		n.put(id, name)
	}
	return nil
}
