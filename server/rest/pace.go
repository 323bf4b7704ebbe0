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
	idle    time.Duration // without a byte after which a body is given up; 0: grace alone bounds it
	prompt  time.Duration // the same while others wait
}

// usualPace lets who sends steadily at a megabyte a second bring the largest body in whoever else waits, and who sends nothing wait
// for nobody's patience.
func usualPace() pace {
	return pace{slowest: 256 << 10, grace: 10 * time.Second, whole: 80 * time.Second, idle: 5 * time.Second, prompt: 2 * time.Second}
}

// hurried is the pace of a body with a share of n bytes while others wait: who has much must be fast, so that they wait for no
// body longer than for any other.
func (p pace) hurried(n int64) pace {
	p.slowest = max(p.slowest, int64(float64(n)/p.whole.Seconds()))
	p.grace /= 2
	p.idle = p.prompt
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

// until is when the next byte must be there at the latest, and whether it is so because none came for a while.
func (p pace) until(deadline, now time.Time) (at time.Time, idle bool) {
	if quiet := now.Add(p.idle); p.idle > 0 && quiet.Before(deadline) {
		return quiet, true
	}
	return deadline, false
}

// paced is the body of a call, plain.
type paced struct {
	io.Reader
	c *call
}

func (p paced) Read(b []byte) (int, error) {
	if p.c.due.IsZero() {
		return p.Reader.Read(b)
	}
	var at time.Time
	at, p.c.idle = p.c.pace(time.Now()).until(p.c.due, time.Now())
	p.c.deadline(at)
	n, err := p.Reader.Read(b)
	now := time.Now()
	p.c.due = p.c.pace(now).next(p.c.due, now, n)
	return n, err
}

// pace is that of the body: another while others wait for what it has.
func (c *call) pace(now time.Time) pace {
	if c.hurried = c.share.lane != nil && c.share.n > 0 && c.share.lane.wanted(now); c.hurried {
		return c.s.pace.hurried(c.share.n)
	}
	return c.s.pace
}

// deadline is when more of the body must be there; the zero time: no deadline.
func (c *call) deadline(t time.Time) {
	http.NewResponseController(c.w).SetReadDeadline(t) //nolint:errcheck // what cannot have one is no connection
}
