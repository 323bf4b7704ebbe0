package app

import (
	"context"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
)

// openCopy opens the second database, which gets a copy of each block of the audit; nil if there is none. ready brings its
// tables up to date. It is closed with the program. Faults: Unavailable.
func (a *App) openCopy(ctx context.Context, url string, ready bool) (*db.DB, error) {
	if url == "" {
		return nil, nil
	}
	second, err := db.Open(ctx, url, db.Options{MaxConns: 2, Readers: 1, ReadOnly: !ready})
	if err != nil {
		return nil, err
	}
	a.atEnd(func() { second.Close() }) //nolint:errcheck // nothing is on its way
	if !ready {
		return second, nil
	}
	return second, audit.Migrate(ctx, second)
}
