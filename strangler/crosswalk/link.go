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
	Version int64 // the version that was written from the row; 0 for a record
}

var putLinks = db.Text{
	SQLite: `INSERT INTO strangler_link (tenant, tbl, key, slot, type, id, version) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant, tbl, key, slot) DO UPDATE SET type = excluded.type, id = excluded.id, version = excluded.version`,
	Postgres: `INSERT INTO strangler_link (tenant, tbl, key, slot, type, id, version)
		SELECT * FROM unnest($1::int4[], $2::int4[], $3::bytea[], $4::int4[], $5::int4[], $6::bytea[], $7::int8[])
		ON CONFLICT (tenant, tbl, key, slot) DO UPDATE SET type = excluded.type, id = excluded.id, version = excluded.version`,
}

// Put writes links, in place of those that the same slots had.
func Put(ctx context.Context, tx db.Tx, tenant int32, links []Link) error {
	c := columns(tenant, links)
	return tx.Each(ctx, putLinks, c.tenant, c.table, c.key, c.slot, c.typ, c.id, c.version)
}

type linkColumns struct {
	tenant, table, slot, typ []int32
	key, id                  [][]byte
	version                  []int64
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
	}
	return c
}

var cutLinks = db.Text{
	SQLite: `DELETE FROM strangler_link WHERE tenant = $1 AND tbl = $2 AND key = $3 AND slot = $4`,
	Postgres: `DELETE FROM strangler_link l USING unnest($1::int4[], $2::int4[], $3::bytea[], $4::int4[]) AS c(tenant, tbl, key, slot)
		WHERE l.tenant = c.tenant AND l.tbl = c.tbl AND l.key = c.key AND l.slot = c.slot`,
}

// Cut removes links: of rows that have fewer targets than before.
func Cut(ctx context.Context, tx db.Tx, tenant int32, links []Link) error {
	c := columns(tenant, links)
	return tx.Each(ctx, cutLinks, c.tenant, c.table, c.key, c.slot)
}
