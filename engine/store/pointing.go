package store

import (
	"context"

	"github.com/ficushealth/ficus/fault"
)

// A reference costs a hundred times its length while it is written: its target is looked up and locked, and it has rows. So
// their number is bounded, in one change and in all that are on their way together.
const (
	fewRefs  = 1000    // of a change are not counted
	mostRefs = 200_000 // a list of that many patients is possible, and takes some 400 MiB
)

// pointing waits until the references of the member may be written beside those of others. done must be called when they
// are. Faults: Unprocessable for more than can ever be, TimedOut if ctx ends first.
func (s *Store) pointing(ctx context.Context, m *member) (done func(), err error) {
	n := int64(0)
	for _, o := range m.ops {
		n += int64(len(o.refs))
	}
	switch {
	case n <= fewRefs:
		return func() {}, nil
	case n > mostRefs:
		return nil, fault.At(fault.Unprocessable, fault.Issue{Code: "too-costly", Expression: m.ops[0].typ,
			Text: "what is to be written has more references than can be written at once; split it"})
	}
	if s.pointers.Acquire(ctx, n) != nil {
		return nil, givenUp()
	}
	return func() { s.pointers.Release(n) }, nil
}

func givenUp() error {
	return fault.New(fault.TimedOut, "the write was given up while it waited for its turn; nothing was changed")
}
