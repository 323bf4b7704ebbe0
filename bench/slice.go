package bench

import (
	"bytes"
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// slice is what one contender did in one turn.
type slice struct {
	units, errors int
	status        int // of the last error; 0: no answer
	written       int64
	took          time.Duration
	waits         []time.Duration
	kinds         map[string][]time.Duration // the same by kind of request
}

func (s slice) rate() float64 { return float64(s.units) / s.took.Seconds() }

// turn runs a workload for d. A request that is under way at the end is finished and counted, and so is its time.
func turn(ctx context.Context, c Contender, w Workload, d time.Duration, seed uint64) (slice, error) {
	clients := make([]*client, w.Clients)
	for i := range clients {
		var err error
		if clients[i], err = dial(ctx, c); err != nil {
			return slice{}, err
		}
		defer clients[i].close()
	}
	var all sync.WaitGroup
	parts := make([]slice, w.Clients)
	begun := time.Now()
	for i, one := range clients {
		all.Go(func() {
			parts[i] = one.drive(ctx, w, begun.Add(d), rand.New(rand.NewPCG(seed, uint64(i))))
		})
	}
	all.Wait()
	return merge(parts, time.Since(begun)), ctx.Err()
}

func (c *client) drive(ctx context.Context, w Workload, until time.Time, r *rand.Rand) slice {
	s := slice{kinds: map[string][]time.Duration{}}
	next := w.Start(r)
	var a Answer
	for at := time.Now(); at.Before(until) && ctx.Err() == nil; {
		q := next(a)
		var err error
		a, err = c.do(q)
		now := time.Now()
		s.note(q, now.Sub(at))
		at = now
		switch {
		case err != nil:
			s.errors++
			return s // the connection is of no more use
		case !q.good(a):
			s.errors++
			s.status = a.Status
		default:
			s.units += q.Count
		}
	}
	return s
}

func (s *slice) note(q Request, wait time.Duration) {
	s.waits = append(s.waits, wait)
	if q.Kind != "" {
		s.kinds[q.Kind] = append(s.kinds[q.Kind], wait)
	}
}

func merge(parts []slice, took time.Duration) slice {
	all := slice{took: took, kinds: map[string][]time.Duration{}}
	for _, p := range parts {
		all.units += p.units
		all.errors += p.errors
		all.status = max(all.status, p.status)
		all.waits = append(all.waits, p.waits...)
		for kind, waits := range p.kinds {
			all.kinds[kind] = append(all.kinds[kind], waits...)
		}
	}
	return all
}

// quantile is the wait that the share q of the requests did not exceed; waits must be sorted.
func quantile(waits []time.Duration, q float64) time.Duration {
	if len(waits) == 0 {
		return 0
	}
	return waits[min(len(waits)-1, int(q*float64(len(waits))))]
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Clone(values)
	slices.Sort(v)
	if n := len(v); n%2 == 0 {
		return (v[n/2-1] + v[n/2]) / 2
	}
	return v[len(v)/2]
}

func entries(bundle []byte) int { return bytes.Count(bundle, []byte(`"fullUrl":`)) }
