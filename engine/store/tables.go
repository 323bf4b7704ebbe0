package store

import (
	"fmt"
	"math"

	"github.com/ficushealth/ficus/engine/db"
)

var storedSQL = []db.Text{
	endToEnd("ix_token", "rid, hash, system", "hash"),
	endToEnd("ix_string", "rid, hash, exact, value", "hash"),
	endToEnd("ix_date", "rid, hash, lo, hi", "hash"),
	endToEnd("ix_number", "rid, hash, lo, hi, code, system", "hash"),
	endToEnd("ix_ref", "rid, hash, target", "+hash"),
	{
		SQLite: `SELECT rid, 0, present || COALESCE(shared, '') FROM resource WHERE tenant = $1 AND version > 0 AND rid > $2 AND rid <= $3 AND rid >= $4 AND rid <= $5`,
		Postgres: `SELECT r.rid, 0, r.present || ` + textOfKeys + ` FROM resource r
			WHERE r.tenant = $1 AND r.version > 0 AND r.rid > $2 AND r.rid <= $3 AND r.rid >= $4 AND r.rid <= $5`,
	},
}

// endToEnd reads a piece of a table as it lies. On PostgreSQL that is a range of places, because other scans without an index are
// off; no column stands alone, so that no index can be used, which would lead to and fro. On SQLite it is a range of the table's key.
func endToEnd(table, columns, key string) db.Text {
	return db.Text{
		SQLite: fmt.Sprintf("SELECT %s FROM %s WHERE tenant = $1 AND rid > $2 AND rid <= $3 AND %s >= $4 AND %s <= $5", columns, table, key, key),
		Postgres: fmt.Sprintf(`SELECT %s FROM %s WHERE tenant + 0 = $1 AND rid + 0 > $2 AND rid + 0 <= $3
			AND ctid >= ('(' || $4::int8 || ',0)')::tid AND ctid < ('(' || $5::int8 || ',0)')::tid`, columns, table),
	}
}

// piece is a part of a table that one statement reads, so that none takes longer than a statement may.
type piece struct{ from, to int64 }

const (
	maxBlocks = 1 << 16           // of PostgreSQL, 8 KB each
	endBlock  = math.MaxUint32    // no table has so many
	hashes    = math.MaxInt64 / 8 // SQLite: a sixteenth of all hashes, which are spread evenly
)

var blocksSQL = db.Same(`SELECT pg_relation_size(to_regclass($1::text)) / current_setting('block_size')::int8`)

// pieces cuts a table. What is added behind the last piece belongs to it.
func (c *comparing) pieces(table int) (out []piece, err error) {
	if indexTables[table] == "resource" {
		return []piece{{math.MinInt64, math.MaxInt64}}, nil
	}
	if c.s.db.Dialect() == db.SQLite {
		for n := int64(-8); n < 8; n++ {
			out = append(out, piece{n * hashes, (n+1)*hashes - 1})
		}
		out[0].from, out[15].to = math.MinInt64, math.MaxInt64
		return out, nil
	}
	blocks := int64(0)
	err = c.s.db.Query(c.ctx, blocksSQL, []any{indexTables[table]}, func(r db.Row) error {
		blocks = r.Int64(0)
		return nil
	})
	for from := int64(0); from == 0 || from < blocks; from += maxBlocks {
		out = append(out, piece{from, from + maxBlocks})
	}
	out[len(out)-1].to = endBlock
	return out, err
}

// stored reads all rows of the range, table by table.
func (c *comparing) stored() error {
	for table, stmt := range storedSQL {
		pieces, err := c.pieces(table)
		for _, x := range pieces {
			if err == nil {
				err = c.s.db.Query(c.ctx, stmt, []any{c.tenant, c.after, c.last, x.from, x.to}, func(r db.Row) error {
					c.take(r.Int64(0), row{table, r.Int64(1), storedValue(table, r)})
					return nil
				})
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func storedValue(table int, r db.Row) string {
	switch indexTables[table] {
	case "resource":
		return r.Text(2)
	case "ix_string":
		return packed(r.Int64(2)) + r.Text(3)
	case "ix_date":
		return packed(r.Int64(2), r.Int64(3))
	case "ix_number":
		return numberValue(r.Float64(2), r.Float64(3), r.Int32(4), r.Int32(5))
	case "ix_ref", "ix_token":
		return packed(r.Int64(2))
	}
	return ""
}
