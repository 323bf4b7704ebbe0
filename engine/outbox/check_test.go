package outbox

import (
	"fmt"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/event"
)

// TestCheckFindsFaultsInTheNumbers damages a feed that is as it should be, one place at a time.
func TestCheckFindsFaultsInTheNumbers(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		s := NewSequencer(d, silent)
		for i := range 30 {
			if i == 10 && d.Dialect() == db.Postgres { // a change that was rolled back leaves its number unused
				exec(t, d, `SELECT nextval('outbox_change')`)
			}
			commit(t, d, patientCreated(1, fmt.Sprint(i)))
			if i%7 == 0 {
				pass(t, s)
			}
		}
		pass(t, s)
		pass(t, s)
		exec(t, d, `INSERT INTO outbox_cursor (handler, n) VALUES ('a', 30)`)
		exec(t, d, `INSERT INTO outbox_dead (tenant, handler, n, attempts, reason, at) VALUES (1, 'a', 30, 1, '', 1)`)
		if wrong := checked(t, d); len(wrong) > 0 {
			t.Fatal(wrong)
		}
		for _, stmt := range damages(d) {
			back := d.Dialect().String() + ": " + stmt
			exec(t, d, `CREATE TABLE kept AS SELECT * FROM `+tableOf(stmt))
			exec(t, d, stmt)
			if len(checked(t, d)) == 0 {
				t.Error(back)
			}
			exec(t, d, `DELETE FROM `+tableOf(stmt))
			exec(t, d, `INSERT INTO `+tableOf(stmt)+` SELECT * FROM kept`)
			exec(t, d, `DROP TABLE kept`)
		}
		if wrong := checked(t, d); len(wrong) > 0 {
			t.Fatal(wrong)
		}
		n := 0
		if err := d.Read(t.Context(), func(tx db.Tx) error {
			return Scan(t.Context(), tx, 1, func(e event.Event) error { n += e.Version; return nil })
		}); err != nil || n != 30 {
			t.Error(n, err)
		}
	})
}

func damages(d *db.DB) []string {
	all := []string{
		`DELETE FROM outbox WHERE change = 5`, `UPDATE outbox SET change = 900 WHERE change = 5`,
		`UPDATE outbox_cursor SET n = 31`, `UPDATE outbox_cursor SET n = -1`, `UPDATE outbox_dead SET n = 31`,
	}
	if d.Dialect() == db.SQLite {
		return all
	}
	return append(all, `DELETE FROM outbox_floor`, `UPDATE outbox_floor SET floor = 99`, `UPDATE outbox_floor SET mark = 99`, `DELETE FROM outbox_run WHERE first = 1`,
		`DELETE FROM outbox_run WHERE first > 1`, `UPDATE outbox_run SET count = count + 1`, `UPDATE outbox_run SET change = change + 1 WHERE first > 1`,
		`UPDATE outbox_run SET first = first + 1 WHERE first > 1`, `INSERT INTO outbox_run (first, change, count) VALUES (31, 2, 1)`)
}

func tableOf(stmt string) (name string) {
	for _, format := range []string{"DELETE FROM %s", "UPDATE %s", "INSERT INTO %s"} {
		if n, _ := fmt.Sscanf(stmt, format, &name); n == 1 {
			return name
		}
	}
	return ""
}

func exec(t *testing.T, d *db.DB, stmt string) {
	t.Helper()
	if _, err := d.Exec(t.Context(), db.Same(stmt)); err != nil {
		t.Fatal(stmt, err)
	}
}

func checked(t *testing.T, d *db.DB) (wrong []string) {
	t.Helper()
	err := d.Read(t.Context(), func(tx db.Tx) (err error) {
		wrong, err = Check(t.Context(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return wrong
}
