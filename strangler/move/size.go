package move

import (
	"sync/atomic"
	"time"
)

// Bounds of a batch. Its size follows the time that commits take: long enough that a commit's fixed price does not
// matter, short enough that a stop or a crash costs little.
const (
	firstRows = 500
	fewest    = 50
	most      = 2000
	mostBytes = 16 << 20 // of the rows' cells
	tooShort  = 250 * time.Millisecond
	tooLong   = time.Second
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
