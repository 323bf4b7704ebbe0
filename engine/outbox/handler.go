package outbox

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/event"
)

// Handler is a function that hears events.
type Handler struct {
	Name      string   // unique in the program and stable: its place in the feed is kept under this name
	Events    []string // patterns of event.Matches
	Replays   bool     // also hears events marked Replayed; who mails or sends SMS leaves it false
	FromStart bool     // a new handler begins with the oldest event (a read model), not with what comes from now on

	// Do handles one delivery. It is called for one event at a time, in the order of the feed, and again after an error
	// or a crash, so it must bear repetition. The context ends after Options.Patience. A fault of the kind Unavailable
	// is repeated for ever, any other error Options.Attempts times.
	Do func(ctx context.Context, e Delivery) error
}

func (h Handler) wants(e event.Event) bool {
	if e.Replayed && !h.Replays {
		return false
	}
	return slices.ContainsFunc(h.Events, func(pattern string) bool { return event.Matches(pattern, e.Name) })
}
