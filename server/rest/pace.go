package rest

import (
	"io"
	"net/http"
	"time"
)

// pace is the speed at which a body that has a share must come, else a few slow callers could keep the room.
type pace struct {
	slowest int64         // bytes in a second
	grace   time.Duration // how long the body may be behind that
	whole   time.Duration // in which a body of any size must come while others wait for what it has
}

func usualPace() pace {
	return pace{slowest: 256 << 10, grace: 10 * time.Second, whole: 16 * time.Second}
}

// hurried is the pace of a body with a share of n bytes while others wait: who has much must be fast, so that they wait for no
// body longer than for any other.
func (p pace) hurried(n int64) pace {
	p.slowest = max(p.slowest, int64(float64(n)/p.whole.Seconds()))
	p.grace /= 2
	return p
}

// next is the deadline after n more bytes: they move it by the time that they may take, but never further away than grace,
// so that nobody can be fast first and idle afterwards.
func (p pace) next(deadline, now time.Time, n int) time.Time {
	moved, latest := deadline.Add(time.Duration(n)*time.Second/time.Duration(p.slowest)), now.Add(p.grace)
	if moved.After(latest) {
		return latest
	}
	return moved
}

// paced is the body of a call, plain.
type paced struct {
	io.Reader
	c *call
}

func (p paced) Read(b []byte) (int, error) {
	if p.c.share.n == 0 {
		return p.Reader.Read(b)
	}
	p.c.deadline(p.c.due)
	n, err := p.Reader.Read(b)
	now, pace := time.Now(), p.c.s.pace
	if p.c.hurried = p.c.share.lane.wanted(now); p.c.hurried {
		pace = pace.hurried(p.c.share.n)
	}
	p.c.due = pace.next(p.c.due, now, n)
	return n, err
}

// deadline is when more of the body must be there; the zero time: no deadline.
func (c *call) deadline(t time.Time) {
	http.NewResponseController(c.w).SetReadDeadline(t) //nolint:errcheck // what cannot have one is no connection
}
