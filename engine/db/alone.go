package db

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/ficushealth/ficus/fault"
)

// patience is how long Alone waits for a process that has just ended, or is ending.
const patience = 3 * time.Second

var tryAlone = Same(`SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema()::text || ' ' || $1::text, 0))`)

// Alone keeps other processes out of the same piece of work on a PostgreSQL database until release is called. It holds a
// lock in a transaction on a connection of its own, which the database drops when this process ends, however it ends. On
// SQLite it does nothing: the file has one writing process at a time. Faults: Conflict if another process has the lock; as
// Open.
func Alone(ctx context.Context, rawURL, name string, o Options) (release func(), err error) {
	if strings.HasPrefix(rawURL, "sqlite:") {
		return func() {}, nil
	}
	params := map[string]string{"idle_in_transaction_session_timeout": "0"}
	maps.Copy(params, o.Params)
	d, err := Open(ctx, rawURL, Options{MaxConns: 1, Params: params, Application: o.Application})
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); ; {
		release, err = d.holdName(ctx, name)
		if err == nil || !fault.Is(err, fault.Conflict) || time.Now().After(end) {
			break
		}
		select {
		case <-ctx.Done():
			end = time.Time{}
		case <-time.After(patience / 30):
		}
	}
	if err != nil {
		_ = d.Close() // nothing was written
		return nil, err
	}
	return release, nil
}

// holdName takes the lock in a transaction that lasts until release.
func (d *DB) holdName(ctx context.Context, name string) (release func(), err error) {
	told, quit, ended := make(chan error, 2), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		told <- d.Write(context.WithoutCancel(ctx), func(t Tx) error {
			if err := t.alone(ctx, name); err != nil {
				return err
			}
			told <- nil
			<-quit
			return nil
		})
	}()
	if err := <-told; err != nil {
		<-ended
		return nil, err
	}
	return func() {
		close(quit)
		<-ended
		_ = d.Close() // nothing was written
	}, nil
}

func (t Tx) alone(ctx context.Context, name string) error {
	got := false
	err := t.Query(ctx, tryAlone, []any{name}, func(r Row) error {
		got = r.Bool(0)
		return nil
	})
	if err == nil && !got {
		return fault.New(fault.Conflict, "another process is at this work")
	}
	return err
}
