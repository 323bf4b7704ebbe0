package audit

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// Harm says what was done to the record.
type Harm string

// The kinds of harm.
const (
	Changed   Harm = "changed"   // bytes are not those that were written, or were made up
	Removed   Harm = "removed"   // a block or a row is missing
	Reordered Harm = "reordered" // a block stands in another one's place
	Repeated  Harm = "repeated"  // a row is there twice
	Truncated Harm = "truncated" // the chain ends before the block that the anchor knows
)

// Problem is one place at which the record is not what was written.
type Problem struct {
	Block int64 // 0: in the rows that wait to be sealed, or in the anchor
	Harm  Harm
	Text  string
}

// Report is what Verify found.
type Report struct {
	Tenant     int32
	Blocks     int64
	Entries    int       // in the chain and waiting
	Waiting    int       // rows that are not sealed yet
	Tail       int       // entries in them
	Oldest     time.Time // when the oldest of these rows was written; zero: none waits
	Pruned     *Pruned   // what was pruned last; nil: nothing
	Anchored   int64     // last block that the anchor knows; 0 for none, or no anchor
	AnchoredAt time.Time // when that was noted
	From, To   time.Time
	Problems   []Problem // in the order of the chain, then those of its index; at most 100
}

// OK reports whether nothing is wrong.
func (r *Report) OK() bool { return len(r.Problems) == 0 }

const mostProblems = 100

func (r *Report) add(block int64, harm Harm, format string, args ...any) {
	if len(r.Problems) < mostProblems {
		r.Problems = append(r.Problems, Problem{block, harm, fmt.Sprintf(format, args...)})
	}
}

// Verify walks a tenant's whole record in one snapshot and compares it with the anchor file, if a path is given. Faults:
// Unknown if there is no such file; Unavailable, TimedOut. What is wrong with the record is no error but in the report.
func Verify(ctx context.Context, d *db.DB, keys Keys, tenant int32, anchor string) (*Report, error) {
	return VerifyCopied(ctx, d, nil, keys, tenant, anchor)
}

// VerifyCopied is Verify that compares with a second database (SealOptions.Copy) too: what it has, the chain must have.
func VerifyCopied(ctx context.Context, d, second *db.DB, keys Keys, tenant int32, anchor string) (report *Report, err error) {
	err = d.Read(ctx, func(t db.Tx) (err error) {
		report, err = verify(ctx, t, second, keys, tenant, anchor)
		return err
	})
	return report, err
}

func verify(ctx context.Context, t db.Tx, second *db.DB, keys Keys, tenant int32, anchor string) (*Report, error) {
	key, err := keys(tenant)
	if err != nil {
		return nil, err
	}
	c := newCheck(tenant, key)
	defer c.pack.close()
	if anchor != "" {
		if err := c.loadAnchor(anchor); err != nil {
			return nil, err
		}
	}
	if second != nil {
		if err := c.loadCopy(ctx, second); err != nil {
			return nil, err
		}
	}
	if err := c.before(ctx, t); err != nil {
		return nil, err
	}
	if c.upto, err = postedUpto(ctx, t, tenant); err != nil {
		return nil, err
	}
	if err := c.walk(ctx, t); err != nil {
		return nil, err
	}
	if err := c.waiting(ctx, t); err != nil {
		return nil, err
	}
	c.conclude()
	return c.Report, c.index(ctx, t)
}

// check is a running verification.
type check struct {
	*Report
	key     [32]byte
	anchors map[int64]anchorLine
	writers map[writerID]*census
	pack    packer
	posts   *tally
	upto    int64 // the last block that the index knows of
	pruned  int64 // the last block that was pruned
	n       int64 // the block before
	prev    sum   // its hash
}

func newCheck(tenant int32, key [32]byte) *check {
	return &check{Report: &Report{Tenant: tenant}, key: key, writers: map[writerID]*census{}, pack: newPacker(), posts: newTally()}
}

// before checks what is on record of what was pruned, and begins behind it.
func (c *check) before(ctx context.Context, t db.Tx) error {
	var list []*Pruned
	err := t.Query(ctx, pruned.all, []any{c.Tenant}, func(r db.Row) error {
		list = append(list, prunedAt(r))
		return nil
	})
	upto := int64(0)
	for i, p := range list {
		switch {
		case !hmac.Equal(p.mac, p.protect(c.key)):
			c.add(0, Changed, "what is said to have been pruned, up to block %d, is not as it was written", p.Upto)
		case p.Since != upto+1:
			c.add(0, Removed, "who pruned blocks %d to %d is not on record", upto+1, p.Since-1)
		}
		if upto = p.Upto; i == len(list)-1 {
			c.from(p)
		}
	}
	return err
}

// from lets the check begin behind what was pruned. A row that is not as it was written is not believed: then what was pruned
// is missing.
func (c *check) from(p *Pruned) {
	if p == nil {
		return
	}
	writers, ok := decodeWriters(p.writers)
	if !ok || !p.genuine(c.key) {
		c.add(0, Changed, "how far the writers had counted when blocks up to %d were pruned is not as it was written", p.Upto)
		return
	}
	c.Pruned, c.pruned, c.n, c.prev, c.writers = p, p.Upto, p.Upto, p.hash, writers
	if known, ok := c.anchors[p.Upto]; ok && known.Hash != hex.EncodeToString(p.hash[:]) {
		c.add(p.Upto, Changed, "block %d, up to which was pruned, is not the one that the anchor knows", p.Upto)
	}
}

func (c *check) loadAnchor(path string) error {
	lines, wrong, err := readAnchor(path, c.key, c.Tenant)
	if err != nil {
		return err
	}
	if wrong > 0 {
		c.add(0, Changed, "%d lines of the anchor are not as they were written", wrong)
	}
	c.anchors = lines
	for n := range lines {
		c.Anchored = max(c.Anchored, n)
	}
	c.AnchoredAt = lines[c.Anchored].At
	return nil
}

// blockPage bounds the blocks in memory.
const blockPage = 32

var blocksBehind = db.Same(blockColumns + `WHERE tenant = $1 AND n > $2 ORDER BY n LIMIT $3`)

func (c *check) walk(ctx context.Context, t db.Tx) error {
	return eachBlockFrom(ctx, t, blocksBehind, c.Tenant, c.n, func(b *block) error {
		c.block(b)
		return nil
	})
}

// eachBlock runs a statement with the arguments tenant, last block seen and page size until it yields no more.
func eachBlock(ctx context.Context, t db.Tx, stmt db.Text, tenant int32, do func(*block) error, more ...any) error {
	return eachBlockFrom(ctx, t, stmt, tenant, 0, do, more...)
}

// eachBlockFrom does so behind a block.
func eachBlockFrom(ctx context.Context, t db.Tx, stmt db.Text, tenant int32, last int64, do func(*block) error, more ...any) error {
	for {
		var page []block
		err := t.Query(ctx, stmt, append([]any{tenant, last, blockPage}, more...), func(r db.Row) error {
			page = append(page, blockAt(r))
			return nil
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if err := do(&page[i]); err != nil {
				return err
			}
		}
		last = page[len(page)-1].n
	}
}

// block checks one block against itself, the one before it, and the anchor, and its rows, which it returns.
func (c *check) block(b *block) []row {
	c.Blocks++
	gone := b.n != c.n+1
	if gone {
		c.add(c.n+1, Removed, "blocks %d to %d are missing", c.n+1, b.n-1)
	}
	switch {
	case b.seal(c.key, b.n) != b.hash:
		c.broken(b)
	case b.prev != c.prev && !gone:
		c.add(b.n, Reordered, "block %d does not follow the block before it", b.n)
	}
	if known, ok := c.anchors[b.n]; ok && known.Hash != hex.EncodeToString(b.hash[:]) {
		c.add(b.n, Changed, "block %d is not the one that the anchor knows", b.n)
	}
	c.n, c.prev = b.n, b.hash
	rows, ok := c.pack.unpack(b)
	if !ok {
		c.add(b.n, Changed, "the rows of block %d cannot be read", b.n)
	}
	for i := range rows {
		c.row(b.n, &rows[i])
	}
	if b.n <= c.upto {
		hashes, days := posted(c.key, c.Tenant, rows)
		c.posts.expect(b.n, hashes, days)
	}
	return rows
}

// neighbourhood is how far from its place a block is looked for.
const neighbourhood = 256

// broken tells a block that was changed from one that was made for another place.
func (c *check) broken(b *block) {
	for n := max(1, b.n-neighbourhood); n <= b.n+neighbourhood; n++ {
		if b.seal(c.key, n) == b.hash {
			c.add(b.n, Reordered, "what stands as block %d was made as block %d", b.n, n)
			return
		}
	}
	c.add(b.n, Changed, "block %d is not as it was sealed", b.n)
}

// row checks a row's MAC, and counts it. What does not bear the right MAC is not believed, so it is not counted.
func (c *check) row(n int64, r *row) {
	m := r.protect(c.key)
	gaps, entries, ok := decodeBody(r.body)
	if !hmac.Equal(m[:], r.mac[:]) || !ok {
		c.add(n, Changed, "row %d of writer %x is not as it was written", r.counter, r.writer[:4])
		return
	}
	if c.writers[r.writer] == nil {
		c.writers[r.writer] = newCensus()
	}
	if !c.writers[r.writer].add(r.counter, gaps) {
		c.add(n, Repeated, "row %d of writer %x is there twice", r.counter, r.writer[:4])
	}
	c.Entries += len(entries)
	for _, e := range entries {
		c.span(e.At)
	}
}

func (c *check) span(at time.Time) {
	if c.From.IsZero() || at.Before(c.From) {
		c.From = at
	}
	if at.After(c.To) {
		c.To = at
	}
}

func (c *check) waiting(ctx context.Context, t db.Tx) error {
	return t.Query(ctx, pending.ofTenant, []any{c.Tenant}, func(r db.Row) error {
		row, before := rowAt(r), c.Entries
		c.Waiting++
		c.row(0, &row)
		c.Tail += c.Entries - before
		if at := time.UnixMicro(row.at).UTC(); c.Oldest.IsZero() || at.Before(c.Oldest) {
			c.Oldest = at
		}
		return nil
	})
}

func sortedWriters(list map[writerID]*census) []writerID {
	return slices.SortedFunc(maps.Keys(list), func(a, b writerID) int { return slices.Compare(a[:], b[:]) })
}

// conclude says what only the whole can show: the end of the chain and the gaps.
func (c *check) conclude() {
	if known := slices.Sorted(maps.Keys(c.anchors)); len(known) > 0 && known[len(known)-1] > c.n {
		c.add(c.n+1, Truncated, "the chain ends at block %d, the anchor knows block %d", c.n, known[len(known)-1])
	}
	for _, w := range sortedWriters(c.writers) {
		for _, n := range c.writers[w].missing() {
			c.add(0, Removed, "row %d of writer %x is missing", n, w[:4])
		}
	}
}
