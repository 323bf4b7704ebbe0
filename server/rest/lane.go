package rest

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// lane is a part of the room. One caller may have half of it, by many bodies or by a single one, which may be larger than
// that: so others always find something when it is their turn, and whoever has many bodies waits for himself.
type lane struct {
	size    int64
	left    *semaphore.Weighted
	mu      sync.Mutex
	callers map[caller]*half
	waiting atomic.Int64 // requests that wait for what others have
	missed  atomic.Int64 // when one was last refused, in nanoseconds
}

// again is how long a request that was refused counts as waiting: it is told to come again.
const again = 10 * time.Second

// wanted reports whether others wait for what the holders of shares have.
func (l *lane) wanted(now time.Time) bool {
	return l.waiting.Load() > 0 || now.UnixNano()-l.missed.Load() < int64(again)
}

// get takes n of what all may have.
func (l *lane) get(n int64, get get) bool {
	if atOnce(l.left, n) {
		return true
	}
	l.waiting.Add(1)
	defer l.waiting.Add(-1)
	if get(l.left, n) {
		return true
	}
	l.missed.Store(time.Now().UnixNano())
	return false
}

// half is what is left for one caller; users are the requests that have a part of it or wait for one.
type half struct {
	left  *semaphore.Weighted
	users int
}

func newLane(size int64) *lane {
	return &lane{size: size, left: semaphore.NewWeighted(size), callers: map[caller]*half{}}
}

// own is what n bytes take of their caller's half.
func (l *lane) own(n int64) int64 { return min(n, l.size/2) }

// take gets a share for n bytes. Faults: Unavailable.
func (l *lane) take(who caller, n int64, get get) (share, error) {
	s := share{lane: l, who: who, own: l.enter(who)}
	if err := s.add(n, get); err != nil {
		l.leave(who)
		return share{}, err
	}
	return s, nil
}

func (l *lane) enter(who caller) *semaphore.Weighted {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.callers[who]
	if h == nil {
		h = &half{left: semaphore.NewWeighted(l.size / 2)}
		l.callers[who] = h
	}
	h.users++
	return h.left
}

// leave forgets a caller of whom nothing is here any more.
func (l *lane) leave(who caller) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := l.callers[who]
	if h.users--; h.users == 0 {
		delete(l.callers, who)
	}
}
