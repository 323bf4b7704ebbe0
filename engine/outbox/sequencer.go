package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// Sequencer gives committed events their feed numbers. Each process that serves a database has one; on PostgreSQL they
// take turns under a lock. It is safe for concurrent use.
type Sequencer struct {
	d    *db.DB
	log  *slog.Logger
	wake chan struct{}

	mu    sync.Mutex
	head  int64
	moved chan struct{} // closed when head moves
}

// NewSequencer makes a sequencer that has not looked yet. A nil log is slog.Default.
func NewSequencer(d *db.DB, log *slog.Logger) *Sequencer {
	if log == nil {
		log = slog.Default()
	}
	return &Sequencer{d: d, log: log, wake: make(chan struct{}, 1), moved: make(chan struct{})}
}

// Wake asks a running sequencer to look now. Call it after a commit; it never blocks.
func (s *Sequencer) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Pass looks once, and numbers what it finds. Faults: Unavailable, TimedOut.
func (s *Sequencer) Pass(ctx context.Context) (Pass, error) {
	pass := passPostgres
	if s.d.Dialect() == db.SQLite {
		pass = passSQLite
	}
	done, err := pass(ctx, s.d)
	if err == nil {
		s.advance(done.Head)
	}
	return done, err
}

// passSQLite has nothing to write: the change numbers are the feed numbers.
func passSQLite(ctx context.Context, d *db.DB) (done Pass, err error) {
	err = d.Query(ctx, newest, nil, func(r db.Row) error {
		done.Head = r.Int64(0)
		return nil
	})
	return done, err
}

var newest = db.Text{
	SQLite:   `SELECT coalesce(max(change), 0) FROM outbox`,
	Postgres: `SELECT coalesce((SELECT first + count - 1 FROM outbox_run ORDER BY first DESC LIMIT 1), 0)`,
}

func (s *Sequencer) advance(head int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if head <= s.head {
		return
	}
	s.head = head
	close(s.moved)
	s.moved = make(chan struct{})
}

// Head is the highest feed number that this sequencer knows, and a channel that is closed when it knows a higher one.
func (s *Sequencer) Head() (int64, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head, s.moved
}

// The sequencer looks after every Wake, and between them less and less often: commits of other processes wake nobody here.
const (
	shortestPause = 50 * time.Millisecond
	longestPause  = time.Second
)

// Run passes until the context ends. A failing pass is logged and tried again.
func (s *Sequencer) Run(ctx context.Context) {
	pause := shortestPause
	for ctx.Err() == nil {
		done, err := s.Pass(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			s.log.Error("the feed could not be numbered", "error", err)
			pause = longestPause
		case done.More:
			continue
		case done.Added > 0:
			pause = shortestPause
		default:
			pause = min(2*pause, longestPause)
		}
		s.rest(ctx, pause)
	}
}

func (s *Sequencer) rest(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-s.wake:
	case <-timer.C:
	}
}
