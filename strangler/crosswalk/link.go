package crosswalk

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// Link joins a legacy row to one of its targets.
type Link struct {
	Table   int32  // number of the legacy table
	Key     []byte // key of the row, in the form that the ledger gives it
	Slot    int32  // number of the slot's name: tells the targets of a row apart
	Type    int32  // number of the resource type, or of a record's name ("caregivers.SecurityAnswer")
	ID      string
	Version int64 // the version that was written from the row, or with which it was deleted; 0 for a record
	State   State
	Digest  []byte // of a record: fingerprint of what was written from the row; nil for a resource, whose versions say it
}

// State says whether the row still has the target.
type State int32

// The states; the numbers are stored.
const (
	Live    State = iota + 1
	Stale         // the row has it no more, or is gone: it is to be deleted
	Deleted       // Version is the tombstone's; a row that comes back gets the one behind it
)

var putLinks = db.Text{
	SQLite: `INSERT INTO strangler_link (tenant, tbl, key, slot, type, id, version, state, digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (tenant, tbl, key, slot) DO UPDATE SET type = excluded.type, id = excluded.id, version = excluded.version, state = excluded.state,
		digest = excluded.digest`,
	Postgres: `INSERT INTO strangler_link (tenant, tbl, key, slot, type, id, version, state, digest)
		SELECT * FROM unnest($1::int4[], $2::int4[], $3::bytea[], $4::int4[], $5::int4[], $6::bytea[], $7::int8[], $8::int4[], $9::bytea[])
		ON CONFLICT (tenant, tbl, key, slot) DO UPDATE SET type = excluded.type, id = excluded.id, version = excluded.version, state = excluded.state,
		digest = excluded.digest`,
}

// Put writes links, in place of those that the same slots had.
func Put(ctx context.Context, tx db.Tx, tenant int32, links []Link) error {
	c := columns(tenant, links)
	return tx.Each(ctx, putLinks, c.tenant, c.table, c.key, c.slot, c.typ, c.id, c.version, c.state, c.digest)
}

type linkColumns struct {
	tenant, table, slot, typ, state []int32
	key, id, digest                 [][]byte
	version                         []int64
}

func columns(tenant int32, links []Link) (c linkColumns) {
	for _, l := range links {
		c.tenant = append(c.tenant, tenant)
		c.table = append(c.table, l.Table)
		c.key = append(c.key, l.Key)
		c.slot = append(c.slot, l.Slot)
		c.typ = append(c.typ, l.Type)
		c.id = append(c.id, packID(l.ID))
		c.version = append(c.version, l.Version)
		c.state = append(c.state, int32(l.State))
		c.digest = append(c.digest, l.Digest)
	}
	return c
}

var markStale = db.Text{
	SQLite: `UPDATE strangler_link SET state = 2 WHERE tenant = $1 AND tbl = $2 AND key = $3 AND state = 1`,
	Postgres: `UPDATE strangler_link l SET state = 2 FROM unnest($1::int4[], $2::int4[], $3::bytea[]) AS c(tenant, tbl, key)
		WHERE l.tenant = c.tenant AND l.tbl = c.tbl AND l.key = c.key AND l.state = 1`,
}

// MarkStale notes that the targets of these rows of a table are to be deleted.
func MarkStale(ctx context.Context, tx db.Tx, tenant, table int32, keys [][]byte) error {
	return tx.Each(ctx, markStale, same(tenant, len(keys)), same(table, len(keys)), keys)
}
