package load

import "context"

// Target takes bundles: a server, or a store in this process.
type Target interface {
	// Send carries out a bundle and answers each entry, in order. The error of a whole transaction names the entry.
	// Faults that stop the load: Unauthorized, and Unavailable where nobody answers.
	Send(ctx context.Context, transaction bool, bundle []byte) ([]Answer, error)
}

// Answer is what became of one entry.
type Answer struct {
	Effect Effect
	Err    error // why the entry was refused
}

// Effect is what a write did.
type Effect uint8

// The effects.
const (
	Created Effect = iota
	Updated
	Unchanged // it was there: a conditional create that found its match
)
