package backup

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// unfinished is the table that stands in a database while it is being filled, and so tells one that was not filled to the
// end. It has one row.
const unfinished = "restore_unfinished"

var mark = struct{ make, set, read, drop db.Text }{
	make: db.Same(`CREATE TABLE restore_unfinished (made bigint NOT NULL, began bigint NOT NULL)`),
	set:  db.Same(`INSERT INTO restore_unfinished (made, began) VALUES ($1, $2)`),
	read: db.Same(`SELECT made, began FROM restore_unfinished`),
	drop: db.Same(`DROP TABLE restore_unfinished`),
}

// Finished refuses a database into which a backup was not restored to the end. Fault: Conflict.
func Finished(ctx context.Context, d *db.DB) error {
	begun, err := d.HasTable(ctx, unfinished)
	if err != nil || !begun {
		return err
	}
	var made, began time.Time
	err = d.Query(ctx, mark.read, nil, func(r db.Row) error {
		made, began = time.UnixMicro(r.Int64(0)).UTC(), time.UnixMicro(r.Int64(1)).UTC()
		return nil
	})
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict,
		"a backup of %s is being restored into this database since %s, or was not restored to the end: if no ficus restore runs, remove the SQLite file (with -wal, -shm and .lock), or drop the PostgreSQL database, and restore again",
		made.Format(time.DateTime), began.Format(time.DateTime))
}

// empty refuses a database that holds anything. Fault: Conflict.
func empty(ctx context.Context, d *db.DB) error {
	if err := Finished(ctx, d); err != nil {
		return err
	}
	return d.Read(ctx, func(t db.Tx) error {
		there, err := t.Tables(ctx)
		if err == nil && len(there) > 0 {
			err = fault.New(fault.Conflict, "the database is not empty (it has the table %s): a backup is restored into an empty one only; name another, or move this one away", there[0])
		}
		return err
	})
}

func begin(ctx context.Context, d *db.DB, made, now time.Time) error {
	return d.Write(ctx, func(t db.Tx) error {
		if err := t.Script(ctx, mark.make); err != nil {
			return err
		}
		_, err := t.Exec(ctx, mark.set, made.UnixMicro(), now.UnixMicro())
		return err
	})
}

func end(ctx context.Context, d *db.DB) error {
	return d.Write(ctx, func(t db.Tx) error { return t.Script(ctx, mark.drop) })
}
