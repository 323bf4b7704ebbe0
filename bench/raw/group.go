package raw

import (
	"context"
	"crypto/rand"
	"time"
)

// member is what one request writes.
type member struct {
	steps   []step
	entries int // of the audit row
	done    chan error
}

// groups shares commits among concurrent writers, as the store does: whoever waits goes together.
type groups struct {
	base  base
	audit step
	size  int
	queue chan *member
}

const groupMembers = 128

func (g *groups) start(writers int) {
	for range writers {
		go g.work()
	}
}

func (g *groups) work() {
	for m := range g.queue {
		all := []*member{m}
		for len(all) < groupMembers {
			select {
			case next, open := <-g.queue:
				if open {
					all = append(all, next)
					continue
				}
			default:
			}
			break
		}
		err := g.commit(all)
		for _, m := range all {
			m.done <- err
		}
	}
}

func (g *groups) commit(all []*member) error {
	var steps [][]step
	entries := 0
	for _, m := range all {
		steps = append(steps, m.steps)
		entries += m.entries
	}
	return g.base.write(context.Background(), batch(append(steps, []step{g.row(entries)})))
}

// row is the audit row of so many entries.
func (g *groups) row(entries int) step {
	s := g.audit
	body := make([]byte, entries*g.size)
	rand.Read(body) //nolint:errcheck // never fails
	s.rows = [][]any{make([]any, 0, len(s.columns))}
	for _, c := range s.columns {
		s.rows[0] = append(s.rows[0], map[string]any{"tenant": number(c, tenant), "counter": int64(1), "at": time.Now().UnixMicro(), "writer": body[:min(16, len(body))], "mac": make([]byte, 32), "body": body}[c.name])
	}
	return s
}

func number(c column, n int) any {
	if c.kind == "integer" {
		return int32(n)
	}
	return int64(n)
}

// submit waits until the steps are committed.
func (g *groups) submit(steps []step, entries int) error {
	m := &member{steps, entries, make(chan error, 1)}
	g.queue <- m
	return <-m.done
}
