package audit

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// SealOptions tunes a sealer; every zero value works.
type SealOptions struct {
	Every  time.Duration    // pause between passes of Run; 0 is one second
	Anchor string           // path of the anchor file, which is made if missing; empty: none
	Copy   *db.DB           // second database, with the tables of the audit, that gets a copy of each block; nil: none
	Now    func() time.Time // nil is time.Now
	Log    *slog.Logger     // nil is slog.Default
}

// Sealer moves entries into the chain. Each process that serves a database may run one; on PostgreSQL they take turns under
// a lock.
type Sealer struct {
	d    *db.DB
	keys Keys
	o    SealOptions
	pack packer
	owed []block // sealed, not yet in the anchor file

	behind map[int32]bool // tenants of which the second database may lack blocks; nil: it is not known yet
	waits  map[int32]int  // how much of a tenant waits for the index; nil: it is not known yet
}

// NewSealer makes a sealer; Close it when it is no longer used.
func NewSealer(d *db.DB, keys Keys, o SealOptions) *Sealer {
	if o.Every == 0 {
		o.Every = time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Sealer{d: d, keys: keys, o: o, pack: newPacker()}
}

// Close releases the memory of a sealer that does not run any more.
func (s *Sealer) Close() { s.pack.close() }

// Run seals until the context ends, and then once more. A failing pass is logged and tried again.
func (s *Sealer) Run(ctx context.Context) {
	tick := time.NewTicker(s.o.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			s.attempt(last)
			return
		case <-tick.C:
			s.attempt(ctx)
		}
	}
}

func (s *Sealer) attempt(ctx context.Context) {
	if _, err := s.Seal(ctx); err != nil && ctx.Err() == nil {
		s.o.Log.Error("audit entries were not sealed", "error", err)
	}
}

// sealRows and sealBytes bound what one pass takes, and so a block.
const (
	sealRows  = 1000
	sealBytes = 8 << 20
)

// Seal moves what is there into the chain and returns the number of rows moved. It is not for several goroutines at once.
// Faults: Unavailable, TimedOut; the anchor file's error if it cannot be written, and then it is tried again next time.
func (s *Sealer) Seal(ctx context.Context) (rows int, err error) {
	for {
		blocks, n, err := s.pass(ctx)
		rows += n
		s.owed = append(s.owed, blocks...)
		s.owes(blocks)
		s.weigh(blocks)
		if err != nil {
			return rows, err
		}
		if n == 0 {
			return rows, errors.Join(s.anchor(), s.copy(ctx), s.post(ctx))
		}
	}
}

// sealLock is the advisory lock under which PostgreSQL seals: the ASCII codes of "ficusa".
const sealLock = 0x666963757361

var sealing = struct{ lock, heads, insert db.Text }{
	lock: db.Text{SQLite: `SELECT 1 WHERE $1 > 0`, Postgres: `SELECT pg_try_advisory_xact_lock($1)`},
	heads: db.Text{
		SQLite: `SELECT $2, n, hash FROM audit_block WHERE tenant = $1 ORDER BY n DESC LIMIT 1`,
		Postgres: `SELECT t.i - 1, b.n, b.hash FROM unnest($1::int4[]) WITH ORDINALITY AS t (tenant, i)
			JOIN LATERAL (SELECT n, hash FROM audit_block WHERE tenant = t.tenant ORDER BY n DESC LIMIT 1) b ON true`,
	},
	insert: db.Text{
		SQLite: `INSERT INTO audit_block (tenant, n, count, first, last, prev, hash, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		Postgres: `INSERT INTO audit_block (tenant, n, count, first, last, prev, hash, body)
			SELECT * FROM unnest($1::int4[], $2::int8[], $3::int4[], $4::int8[], $5::int8[], $6::bytea[], $7::bytea[], $8::bytea[])`,
	},
}

// pass makes one block for each tenant that has rows waiting, and removes the rows, in one transaction.
func (s *Sealer) pass(ctx context.Context) (blocks []block, moved int, err error) {
	err = s.d.Write(ctx, func(t db.Tx) error {
		rows, err := s.take(ctx, t)
		if err != nil || len(rows) == 0 {
			return err
		}
		heads, byTenant, err := s.heads(ctx, t, rows)
		if err != nil {
			return err
		}
		blocks, moved = blocks[:0], len(rows)
		for i, head := range heads {
			key, err := s.keys(head.tenant)
			if err != nil {
				return err
			}
			blocks = append(blocks, s.pack.newBlock(key, head, byTenant[i]))
		}
		return t.Last(ctx, func(p *db.Pipe) {
			queueBlocks(p, blocks)
			queueRemoval(p, rows)
		})
	})
	if err != nil {
		return nil, 0, err
	}
	return blocks, moved, nil
}

// take reads waiting rows, none if another process is sealing.
func (s *Sealer) take(ctx context.Context, t db.Tx) (rows []row, err error) {
	mine, err := s.alone(ctx, t)
	if err != nil || !mine {
		return nil, err
	}
	size := 0
	err = t.Query(ctx, pending.some, []any{sealRows}, func(r db.Row) error {
		if size < sealBytes {
			rows = append(rows, rowAt(r))
			size += len(rows[len(rows)-1].body)
		}
		return nil
	})
	return rows, err
}

// alone reports whether this process is the one that seals, until the transaction ends.
func (s *Sealer) alone(ctx context.Context, t db.Tx) (mine bool, err error) {
	err = t.Query(ctx, sealing.lock, []any{int64(sealLock)}, func(r db.Row) error {
		mine = r.Bool(0)
		return nil
	})
	return mine, err
}

// heads groups the rows by tenant and finds the end of each tenant's chain.
func (s *Sealer) heads(ctx context.Context, t db.Tx, rows []row) (heads []block, byTenant [][]row, err error) {
	at := map[int32]int{}
	var tenants []int32
	for _, r := range rows {
		i, known := at[r.tenant]
		if !known {
			i = len(tenants)
			at[r.tenant], tenants = i, append(tenants, r.tenant)
			heads, byTenant = append(heads, block{tenant: r.tenant}), append(byTenant, nil)
		}
		byTenant[i] = append(byTenant[i], r)
	}
	err = t.EachQuery(ctx, sealing.heads, func(r db.Row) error {
		head := &heads[r.Int64(0)]
		head.n = r.Int64(1)
		copy(head.hash[:], r.BytesNoCopy(2))
		return nil
	}, tenants)
	return heads, byTenant, err
}

func queueBlocks(p *db.Pipe, blocks []block) { queueInto(p, sealing.insert, blocks) }

func queueInto(p *db.Pipe, stmt db.Text, blocks []block) {
	n := len(blocks)
	tenant, number, count := make([]int32, n), make([]int64, n), make([]int, n)
	first, last := make([]int64, n), make([]int64, n)
	prev, hash, body := make([][]byte, n), make([][]byte, n), make([][]byte, n)
	for i := range blocks {
		b := &blocks[i]
		tenant[i], number[i], count[i], first[i], last[i] = b.tenant, b.n, b.count, b.first, b.last
		prev[i], hash[i], body[i] = b.prev[:], b.hash[:], b.body
	}
	p.Each(stmt, tenant, number, count, first, last, prev, hash, body)
}

func queueRemoval(p *db.Pipe, rows []row) {
	tenant, seq := make([]int32, len(rows)), make([]int64, len(rows))
	for i := range rows {
		tenant[i], seq[i] = rows[i].tenant, rows[i].seq
	}
	p.Each(pending.remove, tenant, seq)
}
