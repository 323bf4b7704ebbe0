package store

import (
	"context"
	"sync"

	"github.com/ficushealth/ficus/engine/db"
)

// A block holds as many numbers as all before it together, within bounds: taking one waits for the writer of SQLite, and
// who needs many soon needs more.
const (
	leastBlock = 4096
	mostBlock  = 1 << 18
)

// numbers gives out rids, block by block.
type numbers struct {
	d          *db.DB
	mu         sync.Mutex
	next, last int64 // [next, last) are left
	taken      int64
}

var nextBlock = db.Same(`UPDATE store_counter SET next = next + $1 WHERE name = 'rid' RETURNING next`)

// takeMany gives the first of count consecutive numbers.
func (n *numbers) takeMany(ctx context.Context, count int64) (int64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.last-n.next < count {
		block := max(min(max(leastBlock, n.taken), mostBlock), count)
		if err := n.fetch(ctx, block); err != nil {
			return 0, err
		}
		n.taken += block
	}
	first := n.next
	n.next += count
	return first, nil
}

// fetch takes a new block. Its numbers count only when the commit is certain: else another process may be given them too.
func (n *numbers) fetch(ctx context.Context, count int64) error {
	var last int64
	err := n.d.Write(ctx, func(tx db.Tx) error {
		return tx.Query(ctx, nextBlock, []any{count}, func(r db.Row) error {
			last = r.Int64(0)
			return nil
		})
	})
	if err == nil {
		n.next, n.last = last-count, last
	}
	return err
}
