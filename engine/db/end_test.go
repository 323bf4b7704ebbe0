package db_test

import (
	"context"
	"errors"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

type ending struct {
	name      string
	body      func(ctx context.Context, tx db.Tx, queue func(db.Text) func(*db.Pipe)) error
	committed bool
}

var (
	errRefused = errors.New("refused")
	good       = db.Same("SELECT 1")
	bad        = db.Same("SELECT nonsense FROM nowhere")
)

func endings() []ending {
	type queue = func(db.Text) func(*db.Pipe)
	return []ending{
		{"committed", func(ctx context.Context, tx db.Tx, q queue) error { return tx.Pipeline(ctx, q(good)) }, true},
		{"committed at last", func(ctx context.Context, tx db.Tx, q queue) error { return tx.Last(ctx, q(good)) }, true},
		{"last, then an error", func(ctx context.Context, tx db.Tx, q queue) error {
			return errors.Join(tx.Last(ctx, q(good)), errRefused)
		}, true},
		{"a failing statement", func(ctx context.Context, tx db.Tx, q queue) error { return tx.Last(ctx, q(bad)) }, false},
		{"made to fail", func(ctx context.Context, tx db.Tx, q queue) error {
			return tx.Last(ctx, func(p *db.Pipe) {
				q(good)(p)
				p.Fail(errRefused)
			})
		}, false},
		{"an error hidden", func(ctx context.Context, tx db.Tx, q queue) error {
			tx.Pipeline(ctx, q(bad))
			return nil
		}, false},
		{"refused", func(ctx context.Context, tx db.Tx, q queue) error {
			return errors.Join(tx.Pipeline(ctx, q(good)), errRefused)
		}, false},
		{"panic", func(ctx context.Context, tx db.Tx, q queue) error {
			tx.Pipeline(ctx, q(good))
			panic("left")
		}, false},
	}
}

// TestTheEndIsTold ends transactions in every way, and compares what AtEnd is told with what happened.
func TestTheEndIsTold(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		for _, e := range endings() {
			if told := e.told(t, d); len(told) != 1 || (told[0] == nil) != e.committed {
				t.Errorf("%s: told %v", e.name, told)
			}
		}
	})
}

func (e ending) told(t *testing.T, d *db.DB) (told []error) {
	defer func() { recover() }()
	queue := func(stmt db.Text) func(*db.Pipe) {
		return func(p *db.Pipe) {
			p.Query(stmt, nil, func(db.Row) error { return nil })
			p.AtEnd(func(err error) { told = append(told, err) })
		}
	}
	d.Write(t.Context(), func(tx db.Tx) error { return e.body(t.Context(), tx, queue) })
	return told
}
