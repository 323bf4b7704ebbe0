package store

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"

	"github.com/ficushealth/ficus/fault"
)

// caught, when deferred, turns a panic into a fault, so that it is the end of one write and not of the server. The log says
// where it was; a stack has no data in it, a panic's own words may have.
func (s *Store) caught(err *error) {
	if p := recover(); p != nil {
		s.tell("a write panicked", p)
		*err = fault.New(fault.Internal, "the server failed at this write, by a mistake of its own; nothing was changed")
	}
}

// caughtEntry is caught for an entry of a batch, which may be anything.
func (s *Store) caughtEntry(err *error) {
	if p := recover(); p != nil {
		s.tell("an entry of a batch panicked", p)
		*err = fault.New(fault.Internal, "the server failed at this entry, by a mistake of its own")
	}
}

func (s *Store) tell(event string, p any) {
	what := fmt.Sprintf("%T", p)
	if e, ok := p.(runtime.Error); ok {
		what = e.Error()
	}
	s.log.Error(event, slog.String("panic", what), slog.String("stack", string(debug.Stack())))
}
