package audit

import "github.com/ficushealth/ficus/engine/db"

const pendingColumns = `SELECT tenant, seq, writer, counter, at, mac, body FROM audit_pending `

var pending = struct{ some, ofTenant, behind, remove db.Text }{
	some:     db.Text{SQLite: pendingColumns + `ORDER BY seq LIMIT $1`, Postgres: pendingColumns + `ORDER BY tenant, seq LIMIT $1`},
	ofTenant: db.Same(pendingColumns + `WHERE tenant = $1 ORDER BY seq`),
	behind:   db.Same(pendingColumns + `WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3`),
	remove: db.Text{
		SQLite:   `DELETE FROM audit_pending WHERE tenant = $1 AND seq = $2`,
		Postgres: `DELETE FROM audit_pending p USING unnest($1::int4[], $2::int8[]) AS d (tenant, seq) WHERE p.tenant = d.tenant AND p.seq = d.seq`,
	},
}

// rowAt reads pendingColumns.
func rowAt(r db.Row) (p row) {
	p.tenant, p.seq, p.counter, p.at, p.body = r.Int32(0), r.Int64(1), uint64(r.Int64(3)), r.Int64(4), r.Bytes(6)
	whole(p.writer[:], r.BytesNoCopy(2))
	whole(p.mac[:], r.BytesNoCopy(5))
	return p
}

// whole copies what has the right length; all else was not written by us, and becomes what nothing fits.
func whole(dst, src []byte) {
	if copy(dst, src); len(dst) != len(src) {
		dst[0] ^= 0xFF
	}
}
