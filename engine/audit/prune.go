package audit

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Pruned says what was removed from the beginning of a tenant's chain because it was old.
type Pruned struct {
	Tenant      int32
	Since, Upto int64 // the blocks, both included
	Entries     int64
	First, Last time.Time // the earliest and the latest entry
	At          time.Time
	Signature   []byte // Ed25519 over Statement, by the installation

	hash    sum // of block Upto
	sum     [sha256.Size]byte
	mac     []byte
	writers []byte
}

// Statement is what is signed.
func (p *Pruned) Statement() []byte {
	text := fmt.Appendf(nil, "ficus audit pruned 1\ntenant %d\nblocks %d to %d\nentries %d\nfrom %d to %d\nat %d\nhash %x\nwriters %x\n",
		p.Tenant, p.Since, p.Upto, p.Entries, p.First.UnixMicro(), p.Last.UnixMicro(), p.At.UnixMicro(), p.hash, p.sum)
	return text
}

func (p *Pruned) protect(key [32]byte) []byte {
	h := keyed(key, "ficus audit pruned 1", p.Tenant)
	h.Write(p.Statement())
	h.Write(p.Signature)
	return h.Sum(nil)
}

// Pruner removes what is older than it has to be kept. What it removes was whole: it is checked before, and what it was stands
// in a signed row, from which Verify goes on, and in the audit.
type Pruner struct {
	DB     *db.DB
	Keys   Keys
	Log    *Log
	Sign   ed25519.PrivateKey
	Anchor string // path of the anchor file; empty: none
	Now    func() time.Time

	atOnce int // blocks of a transaction; 0 is prunedAtOnce
}

// prunedAtOnce bounds a transaction: blocks that are checked and removed in it.
const prunedAtOnce = 2000

// Prune removes the blocks at the beginning of the chain all of whose entries are from before an instant. The newest block
// always stays. by is who wants it. nil: there was nothing to remove. Faults: Conflict if the chain is not whole there, and then
// nothing more is removed; those of the database.
func (r Pruner) Prune(ctx context.Context, by access.Principal, before time.Time) (*Pruned, error) {
	if err := r.Log.Ready(by.Tenant); err != nil {
		return nil, err
	}
	var all *Pruned
	for {
		next, err := r.portion(ctx, by, before, all)
		if err != nil || next == nil {
			return all, errors.Join(err, r.note(all))
		}
		all = next
	}
}

const prunedColumns = `SELECT tenant, since, upto, count, first, last, at, hash, sum, mac, signature, writers FROM audit_pruned WHERE tenant = $1 `

var pruned = struct{ last, all, put, forget, remove, undays, old db.Text }{
	last: db.Same(prunedColumns + `ORDER BY upto DESC LIMIT 1`),
	all:  db.Same(prunedColumns + `ORDER BY upto`),
	put: db.Same(`INSERT INTO audit_pruned (tenant, upto, since, count, first, last, at, hash, sum, mac, signature, writers)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`),
	forget: db.Same(`DELETE FROM audit_pruned WHERE tenant = $1 AND since = $2`),
	remove: db.Same(`DELETE FROM audit_block WHERE tenant = $1 AND n <= $2`),
	undays: db.Same(`DELETE FROM audit_day WHERE tenant = $1 AND high <= $2`),
	old:    db.Same(`UPDATE audit_pruned SET writers = NULL WHERE tenant = $1`),
}

func prunedAt(r db.Row) *Pruned {
	p := &Pruned{Tenant: r.Int32(0), Since: r.Int64(1), Upto: r.Int64(2), Entries: r.Int64(3), First: time.UnixMicro(r.Int64(4)).UTC(), Last: time.UnixMicro(r.Int64(5)).UTC(), At: time.UnixMicro(r.Int64(6)).UTC(),
		mac: r.Bytes(9), Signature: r.Bytes(10), writers: r.Bytes(11)}
	whole(p.hash[:], r.BytesNoCopy(7))
	whole(p.sum[:], r.BytesNoCopy(8))
	return p
}

// prunedOf is the last row of a tenant; nil: nothing was pruned.
func prunedOf(ctx context.Context, t db.Tx, tenant int32) (p *Pruned, err error) {
	err = t.Query(ctx, pruned.last, []any{tenant}, func(r db.Row) error {
		p = prunedAt(r)
		return nil
	})
	return p, err
}

// genuine reports whether the row is as it was written.
func (p *Pruned) genuine(key [32]byte) bool {
	return hmac.Equal(p.mac, p.protect(key)) && sha256.Sum256(p.writers) == p.sum
}

// portion prunes the next blocks, in one transaction. before is what this run has pruned already: its row is replaced.
func (r Pruner) portion(ctx context.Context, by access.Principal, before time.Time, run *Pruned) (next *Pruned, err error) {
	err = r.DB.Write(ctx, func(t db.Tx) error {
		next = nil
		c, err := r.behind(ctx, t, by.Tenant)
		if err != nil {
			return err
		}
		head, err := headOf(ctx, t, by.Tenant)
		if err != nil {
			return err
		}
		p := &Pruned{Tenant: by.Tenant, Since: c.n + 1, At: r.Now().UTC().Truncate(time.Microsecond)}
		if run != nil {
			p.Since, p.Entries, p.First, p.Last = run.Since, run.Entries, run.First, run.Last
		}
		blocks, err := r.old(ctx, t, c, p, before, head)
		if err != nil || blocks == 0 {
			return err
		}
		next = r.seal(c, p)
		return t.Last(ctx, func(pipe *db.Pipe) { r.queue(ctx, pipe, by, p, run) })
	})
	return next, err
}

// behind is a check that goes on behind what was pruned so far.
func (r Pruner) behind(ctx context.Context, t db.Tx, tenant int32) (*check, error) {
	key, err := r.Keys(tenant)
	if err != nil {
		return nil, err
	}
	c := newCheck(tenant, key)
	last, err := prunedOf(ctx, t, tenant)
	if err == nil {
		c.from(last)
	}
	return c, err
}

// old reads blocks all of whose entries are from before an instant, checks them, and counts them. It stops before the head.
func (r Pruner) old(ctx context.Context, t db.Tx, c *check, p *Pruned, before time.Time, head int64) (blocks int, err error) {
	defer c.pack.close()
	err = eachBlockFrom(ctx, t, blocksBehind, p.Tenant, c.n, func(b *block) error {
		if blocks == cmp.Or(r.atOnce, prunedAtOnce) || b.n >= head || b.last >= before.UnixMicro() {
			return errEnough
		}
		if c.block(b); !c.OK() {
			return fault.New(fault.Conflict, "nothing more is pruned: %s", c.Problems[0].Text)
		}
		blocks++
		p.Entries += int64(b.count)
		if first := time.UnixMicro(b.first).UTC(); p.First.IsZero() || first.Before(p.First) {
			p.First = first
		}
		if last := time.UnixMicro(b.last).UTC(); last.After(p.Last) {
			p.Last = last
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return blocks, err
}

// seal completes the row and signs it.
func (r Pruner) seal(c *check, p *Pruned) *Pruned {
	p.Upto, p.hash, p.writers = c.n, c.prev, encodeWriters(c.writers)
	p.sum = sha256.Sum256(p.writers)
	p.Signature = ed25519.Sign(r.Sign, p.Statement())
	p.mac = p.protect(c.key)
	return p
}

func (r Pruner) queue(ctx context.Context, pipe *db.Pipe, by access.Principal, p *Pruned, run *Pruned) {
	pipe.Exec(runs.removePagesUpto, p.Tenant, p.Upto)
	pipe.Exec(runs.removeUpto, p.Tenant, p.Upto)
	pipe.Exec(pruned.remove, p.Tenant, p.Upto)
	pipe.Exec(pruned.undays, p.Tenant, p.Upto)
	pipe.Exec(pruned.old, p.Tenant)
	if run != nil {
		pipe.Exec(pruned.forget, p.Tenant, p.Since)
	}
	pipe.Exec(pruned.put, p.Tenant, p.Upto, p.Since, p.Entries, p.First.UnixMicro(), p.Last.UnixMicro(), p.At.UnixMicro(), p.hash[:], p.sum[:], p.mac, p.Signature, p.writers)
	e := Of(by, "prune", p.At, Thing{Type: "AuditEvent"})
	e.Detail = fmt.Sprintf("blocks %d to %d, %d entries up to %s", p.Since, p.Upto, p.Entries, p.Last.Format(time.RFC3339))
	r.Log.Append(ctx, pipe, []Entry{e}) //nolint:errcheck // it is that of the transaction
}

// encodeWriters keeps what the numbers of writers show so far: u number of writers, each: 16 bytes id, u highest number, gaps
// that its row told, u number of numbers that are missing and not given up, each u.
func encodeWriters(list map[writerID]*census) []byte {
	var e encoder
	e.number(len(list))
	for _, w := range sortedWriters(list) {
		c := list[w]
		e.out = append(e.out, w[:]...)
		e.out = binary.AppendUvarint(e.out, c.top)
		e.gaps(c.open)
		left := c.unexplained()
		e.number(len(left))
		for _, n := range left {
			e.out = binary.AppendUvarint(e.out, n)
		}
	}
	return e.out
}

func decodeWriters(body []byte) (list map[writerID]*census, ok bool) {
	d := decoder{in: body}
	list = map[writerID]*census{}
	for range d.count(len(body)) {
		var w writerID
		copy(w[:], d.bytes(len(w)))
		c := newCensus()
		c.top, c.open = d.number(), d.gaps()
		for range d.count(len(d.in)) {
			c.absent[d.number()] = true
		}
		list[w] = c
	}
	return list, !d.bad && len(d.in) == 0
}
