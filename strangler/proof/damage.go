package proof

import (
	"context"
	"errors"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// unreadable reports whether an error is about what is stored, not about the database.
func unreadable(ctx context.Context, err error) bool {
	_, database := errors.AsType[*db.Error](err)
	return err != nil && !database && !fault.Is(err, fault.Unavailable) && ctx.Err() == nil
}

// eachReadable reads what the names stand for. If something of it cannot be opened, the names are halved until it is found
// and told; all else is read.
func eachReadable[N any](ctx context.Context, names []N, read func([]N) error, damaged func(N)) error {
	if len(names) == 0 {
		return nil
	}
	err := read(names)
	if err == nil || !unreadable(ctx, err) {
		return err
	}
	if len(names) == 1 {
		damaged(names[0])
		return nil
	}
	half := len(names) / 2
	if err := eachReadable(ctx, names[:half], read, damaged); err != nil {
		return err
	}
	return eachReadable(ctx, names[half:], read, damaged)
}
