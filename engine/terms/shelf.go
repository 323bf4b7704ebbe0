package terms

import (
	"container/list"
	"context"
	"sync"

	"github.com/ficushealth/ficus/engine/store"
)

// spot is one version of a definition.
type spot struct {
	tenant  int32
	key     store.Key
	version int64
}

// shelf keeps what was read, the least recently used going first.
type shelf struct {
	most int64

	mu    sync.Mutex
	held  int64
	items map[spot]*list.Element
	order list.List
}

type shelved struct {
	spot
	size  int64
	value any
	err   error
	ready chan struct{}
}

// get is what stands at a spot. If nothing does, make makes it, once for all who ask meanwhile; ok is false if it made
// nothing. A failure is not kept.
func (s *shelf) get(ctx context.Context, at spot, make func() (any, int64, error)) (v any, ok bool, err error) {
	s.mu.Lock()
	if e := s.items[at]; e != nil {
		s.order.MoveToFront(e)
		s.mu.Unlock()
		return e.Value.(*shelved).wait(ctx)
	}
	it := &shelved{spot: at, ready: newGate()}
	s.put(it)
	s.mu.Unlock()
	it.value, it.size, it.err = make()
	close(it.ready)
	s.settle(it)
	return it.value, it.value != nil, it.err
}

func newGate() chan struct{} { return make(chan struct{}) }

func (it *shelved) wait(ctx context.Context) (any, bool, error) {
	select {
	case <-it.ready:
		return it.value, it.value != nil, it.err
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
}

func (s *shelf) put(it *shelved) {
	if s.items == nil {
		s.items = map[spot]*list.Element{}
	}
	s.items[it.spot] = s.order.PushFront(it)
}

// settle counts what was made and makes room; what failed is dropped.
func (s *shelf) settle(it *shelved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.items[it.spot]
	if e == nil || e.Value != it {
		return
	}
	if it.value == nil {
		s.drop(e)
		return
	}
	s.held += it.size
	for s.held > s.most && s.order.Len() > 1 && s.order.Back() != e {
		s.drop(s.order.Back())
	}
}

func (s *shelf) drop(e *list.Element) {
	it := e.Value.(*shelved)
	select {
	case <-it.ready:
		if it.value != nil {
			s.held -= it.size
		}
	default: // still being made: it counts nothing yet
	}
	s.order.Remove(e)
	delete(s.items, it.spot)
}
