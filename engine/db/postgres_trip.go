package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/ficushealth/ficus/fault"
)

// trip is one round trip: the batch, and what came of it.
type trip struct {
	batch   pgx.Batch
	items   []item
	scanned error // the first error of a scan function
	answers int   // items answered without an error
	ended   bool  // the commit was answered
}

// control queues a statement of the transaction itself.
func (t *trip) control(sql string) {
	t.batch.Queue(sql).Query(func(rows pgx.Rows) error {
		rows.Close()
		if rows.Err() == nil && sql == "commit" {
			t.ended = true
			return committed(rows.CommandTag().String())
		}
		return rows.Err()
	})
}

// committed checks the answer to COMMIT: the server answers ROLLBACK where the transaction had failed before.
func committed(tag string) error {
	if tag != "COMMIT" {
		return misuse("the transaction had failed and was rolled back")
	}
	return nil
}

func (t *trip) add(i int) {
	it := &t.items[i]
	t.batch.Queue(it.stmt.Postgres, arguments(it)...).Query(func(rows pgx.Rows) error {
		t.read(it, rows)
		rows.Close()
		if rows.Err() == nil {
			t.answers++
			t.counted(it, rows)
		}
		return rows.Err()
	})
}

// read calls the scan function for each row, unless one has failed before.
func (t *trip) read(it *item, rows pgx.Rows) {
	if it.scan == nil || t.scanned != nil {
		return
	}
	row := pgRow{}
	for rows.Next() {
		row.set(rows)
		err := it.scan(&row)
		if err == nil {
			err = row.err
		}
		if err != nil {
			t.scanned = scanError{err}
			return
		}
	}
}

func (t *trip) counted(it *item, rows pgx.Rows) {
	if it.count != nil {
		*it.count += rows.CommandTag().RowsAffected()
	}
}

// explain adds to an error which statement it is of, and whether the commit may have happened all the same.
func (t *trip) explain(ctx context.Context, err error, commit bool) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	if t.answers < len(t.items) {
		e.Statement = place(t.answers, len(t.items), t.items[t.answers].stmt.Postgres)
	}
	if e.Fault.Kind == fault.TimedOut && e.cause == nil {
		e.cause = ctx.Err()
	}
	if commit && t.unknown(e) {
		e.inDoubt = true
		e.Fault = fault.New(e.Fault.Kind, "%s; the change may or may not be stored", e.Fault.Text)
	}
	return e
}

// unknown is true if the commit was sent, or nearly so, and neither its answer nor the refusal of a statement before it
// came back.
func (t *trip) unknown(e *Error) bool {
	if t.ended || (e.Code != "" && t.answers < len(t.items)) {
		return false
	}
	return e.Fault.Kind == fault.Unavailable || e.Fault.Kind == fault.TimedOut
}

// arguments gives pgx what it can encode.
func arguments(it *item) []any {
	if it.cols != nil {
		args := make([]any, len(it.cols))
		for i, c := range it.cols {
			args[i] = c
		}
		return args
	}
	for i, a := range it.args {
		if plain, changed := argument(a); changed {
			args := append([]any(nil), it.args...)
			args[i] = plain
			for j := i + 1; j < len(args); j++ {
				args[j], _ = argument(args[j])
			}
			return args
		}
	}
	return it.args
}

// argument turns a Null into its value and a slice into a column.
func argument(a any) (plain any, changed bool) {
	switch v := a.(type) {
	case nullable:
		return v.value(), true
	case []int64, []int32, []int, []string:
		c, err := columnOf(v)
		return c, err == nil
	}
	return a, false
}
