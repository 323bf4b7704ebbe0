package rest

import (
	"context"

	"golang.org/x/sync/semaphore"

	"github.com/ficushealth/ficus/fault"
)

// Sizes of bodies. Most requests have none or a few kilobytes, which are not worth to be counted; those up to smallBody have
// a part of the room for themselves, so that they never wait for imports.
const (
	freeBody  = 64 << 10
	smallBody = 1 << 20
)

// room is what the bodies that are being read and worked on may have together, counted in their own bytes: what is made of
// them on the way takes several times as much, for as long.
type room struct{ small, large lane }

type lane struct {
	left *semaphore.Weighted
	size int64
}

// newRoom parts bytes of bodies in two, so that the largest of them has room.
func newRoom(bytes, largest int64) *room {
	small := max(bytes/4, smallBody)
	return &room{newLane(small), newLane(max(bytes-small, largest))}
}

func newLane(size int64) lane { return lane{semaphore.NewWeighted(size), size} }

// share is a part of the room, held by one request. The zero share is none.
type share struct {
	of *semaphore.Weighted
	n  int64
}

// take waits for a share for n bytes of a body. Faults: Unavailable if there is none before ctx ends.
func (r *room) take(ctx context.Context, n int64) (share, error) {
	if n <= freeBody {
		return share{}, nil
	}
	from := &r.small
	if n > smallBody {
		from = &r.large
	}
	n = min(n, from.size)
	if err := from.left.Acquire(ctx, n); err != nil {
		return share{}, fault.New(fault.Unavailable, "there was no room for a body of %d bytes among those of other requests", n)
	}
	return share{from.left, n}, nil
}

// shrink gives back what is more than n.
func (s *share) shrink(n int64) {
	if n < s.n {
		s.of.Release(s.n - n)
		s.n = n
	}
}
