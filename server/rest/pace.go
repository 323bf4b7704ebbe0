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
}

func usualPace() pace { return pace{slowest: 256 << 10, grace: 10 * time.Second} }

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
	p.c.due = p.c.s.pace.next(p.c.due, time.Now(), n)
	return n, err
}

// deadline is when more of the body must be there; the zero time: no deadline.
func (c *call) deadline(t time.Time) {
	http.NewResponseController(c.w).SetReadDeadline(t) //nolint:errcheck // what cannot have one is no connection
}
