package audit

import (
	"context"
	"errors"

	"github.com/ficushealth/ficus/engine/db"
)

// Sealed gives the entries of the next blocks of a tenant's chain behind one, in their order, and the last of these blocks: at
// most so many blocks. None: after comes back. Faults: Internal for a block that cannot be read.
func Sealed(ctx context.Context, t db.Tx, tenant int32, after int64, most int) (found []Found, last int64, err error) {
	pack := newPacker()
	defer pack.close()
	last = after
	err = eachBlockFrom(ctx, t, blocksBehind, tenant, after, func(b *block) error {
		if most == 0 {
			return errEnough
		}
		rows, ok := pack.unpack(b)
		if !ok {
			return unreadable(b)
		}
		for i := range rows {
			_, entries, _ := decodeBody(rows[i].body)
			for k, e := range entries {
				e.Tenant = tenant
				found = append(found, Found{place{writer: rows[i].writer, counter: rows[i].counter, k: k}.id(), e})
			}
		}
		most, last = most-1, b.n
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, last, err
}

// LastBlock is the number of the last block of a tenant's chain; 0: there is none.
func LastBlock(ctx context.Context, t db.Tx, tenant int32) (int64, error) {
	return headOf(ctx, t, tenant)
}
