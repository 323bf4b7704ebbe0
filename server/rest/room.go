package rest

import (
	"context"

	"golang.org/x/sync/semaphore"

	"github.com/ficushealth/ficus/engine/access"
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
type room struct{ small, large *lane }

// newRoom parts bytes of bodies in two, so that the largest of them has room.
func newRoom(bytes, largest int64) *room {
	small := max(bytes/4, smallBody)
	return &room{newLane(small), newLane(max(bytes-small, largest))}
}

func (r *room) lane(n int64) *lane {
	if n > smallBody {
		return r.large
	}
	return r.small
}

// caller is whose bodies are counted together.
type caller struct {
	tenant  int32
	subject string
}

func callerOf(p access.Principal) caller { return caller{p.Tenant, p.Subject} }

// take waits for a share for n bytes of a body. Faults: Unavailable if there is none before ctx ends.
func (r *room) take(ctx context.Context, who caller, n int64) (share, error) {
	if n <= freeBody {
		return share{}, nil
	}
	return r.lane(n).take(who, n, waiting(ctx))
}

// grow makes a share larger at once or not at all: who waited for more would keep from others what he has. Faults: Unavailable.
func (r *room) grow(s *share, n int64) error {
	to := r.lane(n)
	if to == s.lane {
		return s.add(n, atOnce)
	}
	larger, err := to.take(s.who, n, atOnce)
	if err != nil {
		return err
	}
	s.shrink(0)
	*s = larger
	return nil
}

// get takes n of what is left, and tells whether it could.
type get func(left *semaphore.Weighted, n int64) bool

func atOnce(left *semaphore.Weighted, n int64) bool { return n == 0 || left.TryAcquire(n) }

func waiting(ctx context.Context) get {
	return func(left *semaphore.Weighted, n int64) bool { return left.Acquire(ctx, n) == nil }
}

// share is a part of a lane, held by one request. The zero share is none.
type share struct {
	lane *lane
	who  caller
	own  *semaphore.Weighted // of the caller
	n    int64
}

// add makes n of the share, first of what its caller may have, then of what all may have.
func (s *share) add(n int64, get get) error {
	n = min(n, s.lane.size)
	own := s.lane.own(n) - s.lane.own(s.n)
	if !get(s.own, own) {
		return noRoom(n)
	}
	if !s.lane.get(n-s.n, get) {
		s.own.Release(own)
		return noRoom(n)
	}
	s.n = n
	return nil
}

func noRoom(n int64) error {
	return fault.New(fault.Unavailable, "there was no room for a body of %d bytes among those of other requests", n)
}

// shrink gives back what is more than n.
func (s *share) shrink(n int64) {
	if n >= s.n {
		return
	}
	s.lane.left.Release(s.n - n)
	s.own.Release(s.lane.own(s.n) - s.lane.own(n))
	if s.n = n; n == 0 {
		s.lane.leave(s.who)
	}
}
