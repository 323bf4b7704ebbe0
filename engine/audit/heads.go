package audit

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// Head is the end of a tenant's chain.
type Head struct {
	Tenant int32
	Block  int64
	Hash   [32]byte
	Last   time.Time // the latest entry of the block
}

var headsSQL = db.Same(`SELECT b.tenant, b.n, b.hash, b.last FROM audit_block b
	JOIN (SELECT tenant, max(n) AS n FROM audit_block GROUP BY tenant) h ON h.tenant = b.tenant AND h.n = b.n ORDER BY b.tenant`)

// Heads are the ends of all chains. A tenant of which nothing was sealed yet has none.
func Heads(ctx context.Context, t db.Tx) (list []Head, err error) {
	err = t.Query(ctx, headsSQL, nil, func(r db.Row) error {
		h := Head{Tenant: r.Int32(0), Block: r.Int64(1), Last: time.UnixMicro(r.Int64(3)).UTC()}
		copy(h.Hash[:], r.BytesNoCopy(2))
		list = append(list, h)
		return nil
	})
	return list, err
}
