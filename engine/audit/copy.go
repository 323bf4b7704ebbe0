package audit

import (
	"context"
	"encoding/hex"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

var copying = struct{ tenants, add, hashes db.Text }{
	tenants: db.Same(`SELECT DISTINCT tenant FROM audit_block ORDER BY tenant`),
	add: db.Text{
		SQLite: `INSERT INTO audit_block (tenant, n, count, first, last, prev, hash, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		Postgres: `INSERT INTO audit_block (tenant, n, count, first, last, prev, hash, body)
			SELECT * FROM unnest($1::int4[], $2::int8[], $3::int4[], $4::int8[], $5::int8[], $6::bytea[], $7::bytea[], $8::bytea[]) ON CONFLICT DO NOTHING`,
	},
	hashes: db.Same(`SELECT n, hash FROM audit_block WHERE tenant = $1`),
}

// copy brings the second database up to date. What it owes it reads off the databases, so it goes on after whatever ended it.
func (s *Sealer) copy(ctx context.Context) error {
	if s.o.Copy == nil {
		return nil
	}
	if s.behind == nil {
		tenants, err := s.tenants(ctx)
		if err != nil {
			return err
		}
		s.behind = tenants
	}
	for t := range s.behind {
		if err := s.copyTenant(ctx, t); err != nil {
			return fault.New(fault.Unavailable, "the audit was not copied to the second database: %v", err)
		}
		delete(s.behind, t)
	}
	return nil
}

// tenants are those that have a chain.
func (s *Sealer) tenants(ctx context.Context) (map[int32]bool, error) {
	list := map[int32]bool{}
	err := s.d.Query(ctx, copying.tenants, nil, func(r db.Row) error {
		list[r.Int32(0)] = true
		return nil
	})
	return list, err
}

// owes notes that blocks of these tenants have to be copied.
func (s *Sealer) owes(blocks []block) {
	for i := range blocks {
		if s.behind != nil {
			s.behind[blocks[i].tenant] = true
		}
	}
}

func (s *Sealer) copyTenant(ctx context.Context, tenant int32) error {
	last := int64(0)
	err := s.o.Copy.Query(ctx, headBlock, []any{tenant}, func(r db.Row) error {
		last = r.Int64(0)
		return nil
	})
	for err == nil {
		var page []block
		err = s.d.Query(ctx, blocksBehind, []any{tenant, last, blockPage}, func(r db.Row) error {
			page = append(page, blockAt(r))
			return nil
		})
		if err != nil || len(page) == 0 {
			return err
		}
		last = page[len(page)-1].n
		err = s.o.Copy.Write(ctx, func(t db.Tx) error {
			return t.Last(ctx, func(p *db.Pipe) { queueInto(p, copying.add, page) })
		})
	}
	return err
}

// loadCopy takes the blocks of the second database for lines of an anchor.
func (c *check) loadCopy(ctx context.Context, second *db.DB) error {
	if c.anchors == nil {
		c.anchors = map[int64]anchorLine{}
	}
	return second.Query(ctx, copying.hashes, []any{c.Tenant}, func(r db.Row) error {
		n, hash := r.Int64(0), hex.EncodeToString(r.BytesNoCopy(1))
		if known, ok := c.anchors[n]; ok && known.Hash != hash {
			c.add(n, Changed, "block %d of the second database is not the one that the anchor knows", n)
		}
		c.anchors[n], c.Anchored = anchorLine{Tenant: c.Tenant, Block: n, Hash: hash}, max(c.Anchored, n)
		return nil
	})
}
