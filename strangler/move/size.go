package move

import (
	"sync/atomic"
	"time"
)

// Bounds of a batch. A large one costs less per row: the rows of the index lie far apart in their tables, and a commit
// writes every page that it touches once, however many rows it put there. So a slow commit is no reason for small batches,
// which would make it slower still; only a very slow one is, because a stop waits for it.
const (
	firstRows = 1000
	fewest    = 500
	most      = 4000
	mostBytes = 16 << 20 // of the rows' cells
	tooShort  = 2 * time.Second
	tooLong   = 10 * time.Second
)

// size is how many rows the next batch takes.
type size struct {
	fixed bool
	rows  *atomic.Int64
}

func newSize(fixed int) size {
	s := size{fixed: fixed > 0, rows: &atomic.Int64{}}
	s.rows.Store(firstRows)
	if s.fixed {
		s.rows.Store(int64(fixed))
	}
	return s
}

func (s size) now() int { return int(s.rows.Load()) }

// learn grows the size by a half after a short commit of a full batch and halves it after a long one.
func (s size) learn(rows int, took time.Duration) {
	now := s.rows.Load()
	switch {
	case s.fixed:
	case took > tooLong:
		s.rows.Store(max(fewest, now/2))
	case took < tooShort && int64(rows) >= now:
		s.rows.Store(min(most, now+now/2))
	}
}
