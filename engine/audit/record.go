package audit

import (
	"context"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// batcher lets concurrent Records share a commit.
type batcher struct {
	queue   chan *request
	closing sync.RWMutex
	closed  bool
	done    chan struct{}
}

type request struct {
	entry Entry
	done  chan error
}

// batchLimit bounds the entries of one commit.
const batchLimit = 1024

func (b *batcher) start(l *Log) {
	b.queue, b.done = make(chan *request, batchLimit), make(chan struct{})
	go l.commitQueue()
}

// Record stores one entry that belongs to no change: when it returns nil, the entry is on disk. Callers at the same time
// share a commit. Faults: Unavailable after Close or without the database, TimedOut if ctx ends first (the entry may be
// stored all the same).
func (l *Log) Record(ctx context.Context, e Entry) error {
	r := &request{entry: e, done: make(chan error, 1)}
	if err := l.enqueue(ctx, r); err != nil {
		return err
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return gaveUp()
	}
}

func (l *Log) enqueue(ctx context.Context, r *request) error {
	l.closing.RLock()
	defer l.closing.RUnlock()
	if l.closed {
		return fault.New(fault.Unavailable, "the audit log is closed")
	}
	select {
	case l.queue <- r:
		return nil
	case <-ctx.Done():
		return gaveUp()
	}
}

func gaveUp() error {
	return fault.New(fault.TimedOut, "the request ended before it could be audited")
}

// Close stores what waits and ends the log. Records after it are refused; Append still works, so that writers may finish.
func (l *Log) Close() {
	l.closing.Lock()
	if !l.closed {
		l.closed = true
		close(l.queue)
	}
	l.closing.Unlock()
	<-l.done
}

// commitQueue is the batcher's goroutine.
func (l *Log) commitQueue() {
	defer close(l.done)
	crowd := 0 // how many shared the last commit
	for first := range l.queue {
		batch := l.gather([]*request{first}, crowd)
		l.answer(batch)
		crowd = len(batch)
	}
}

// gather takes what waits. If the last commit had a crowd, its members are about to come back, so it is worth a moment.
func (l *Log) gather(batch []*request, crowd int) []*request {
	batch, open := l.drain(batch)
	if crowd < 2 || len(batch) >= crowd || !open {
		return batch
	}
	timer := time.NewTimer(l.o.Gather)
	defer timer.Stop()
	for len(batch) < min(crowd, batchLimit) {
		select {
		case r, open := <-l.queue:
			if !open {
				return batch
			}
			batch = append(batch, r)
		case <-timer.C:
			return batch
		}
	}
	return batch
}

func (l *Log) drain(batch []*request) (_ []*request, open bool) {
	for len(batch) < batchLimit {
		select {
		case r, open := <-l.queue:
			if !open {
				return batch, false
			}
			batch = append(batch, r)
		default:
			return batch, true
		}
	}
	return batch, true
}

// answer commits a batch and tells its callers. What failed together is tried one by one, so that a tenant whose key is
// missing does not stop the others; a database that is away is not tried again.
func (l *Log) answer(batch []*request) {
	err := l.commit(batch)
	if err == nil || len(batch) == 1 || fault.Of(err) == fault.Unavailable {
		for _, r := range batch {
			r.done <- err
		}
		return
	}
	for _, r := range batch {
		r.done <- l.commit([]*request{r})
	}
}

// commitLimit bounds a commit: callers wait for it.
const commitLimit = 30 * time.Second

func (l *Log) commit(batch []*request) error {
	entries := make([]Entry, len(batch))
	for i, r := range batch {
		entries[i] = r.entry
		if err := l.Ready(r.entry.Tenant); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	return l.d.Write(ctx, func(t db.Tx) error {
		return t.Last(ctx, func(p *db.Pipe) {
			l.Append(ctx, p, entries) // its error is that of Last
		})
	})
}
