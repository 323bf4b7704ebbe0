package app

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/packs/opal/synth"
)

// BenchmarkMove moves a made-up hospital (FICUS_PATIENTS, 200), proves it, and then writes the same rows, read back from
// the database, into an empty one with the same tables and indexes: by COPY on PostgreSQL, by prepared inserts in
// transactions of as many resources as the move takes on SQLite, durable as the move is. copy/move is the share of that
// limit which the move reaches, move/proof how many times as long as the proof it took.
//
//	go test ./app -run '^$' -bench Move -benchtime 1x
func BenchmarkMove(b *testing.B) {
	patients, _ := strconv.Atoi(os.Getenv("FICUS_PATIENTS"))
	if patients == 0 {
		patients = 200
	}
	b.Run("sqlite", func(b *testing.B) {
		dir := b.TempDir()
		benchMove(b, patients, Place{Database: Database{DB: "sqlite:" + filepath.Join(dir, "ficus.db")}}, func() time.Duration {
			return rawSQLite(b, filepath.Join(dir, "ficus.db"), filepath.Join(dir, "raw.db"))
		})
	})
	b.Run("postgres", func(b *testing.B) {
		s := dbtest.StartPostgres(b, dbtest.Durable)
		url := s.Database(b)
		benchMove(b, patients, Place{Database: Database{DB: url, KeyFile: filepath.Join(b.TempDir(), "key")}}, func() time.Duration {
			return rawPostgres(b, url, s.Database(b))
		})
	})
}

func benchMove(b *testing.B, patients int, d Place, raw func() time.Duration) {
	ctx, streams, dir := b.Context(), &Streams{Out: io.Discard, Err: io.Discard}, b.TempDir()
	path := filepath.Join(dir, "opal.sql")
	benchDump(b, path, patients)
	o := origin{Pack: "opal", Source: "dump:" + path, StageDir: filepath.Join(dir, "stage")}
	l, err := o.open(ctx, streams, d)
	benchMust(b, err)
	defer l.close()
	a, err := openMoving(ctx, d)
	benchMust(b, err)
	for b.Loop() {
		begun := time.Now()
		res, err := a.move(ctx, streams, l, &migrateRun{site: site{Place: d}})
		benchMust(b, err)
		moved, peak := time.Since(begun), peakMemory()
		begun = time.Now()
		c, err := a.prove(ctx, streams, l, 10)
		benchMust(b, err)
		proved := time.Since(begun)
		if c.Differences != 0 {
			b.Fatalf("%+v", c.Differing)
		}
		a.Close()
		copied := raw()
		var rows int64
		for _, t := range c.Tables {
			rows += t.Source
		}
		b.ReportMetric(float64(rows)/moved.Seconds(), "rows/s")
		b.ReportMetric(float64(res.Wrote)/moved.Seconds(), "targets/s")
		b.ReportMetric(moved.Seconds(), "move-s")
		b.ReportMetric(proved.Seconds(), "proof-s")
		b.ReportMetric(copied.Seconds(), "copy-s")
		b.ReportMetric(copied.Seconds()/moved.Seconds(), "copy/move")
		b.ReportMetric(moved.Seconds()/proved.Seconds(), "move/proof")
		b.ReportMetric(peak, "peak-MB")
		b.ReportMetric(0, "ns/op")
	}
}

func benchDump(b *testing.B, path string, patients int) {
	f, err := os.Create(path)
	benchMust(b, err)
	w := bufio.NewWriterSize(f, 1<<20)
	_, err = synth.Dump(w, synth.Options{Patients: patients, Seed: 1})
	benchMust(b, err)
	benchMust(b, w.Flush())
	benchMust(b, f.Close())
}

func benchMust(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// peakMemory is the highest resident memory of the process so far, in MB; 0 where the system does not say it.
func peakMemory() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		var kb float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kb); n == 1 {
			return kb / 1024
		}
	}
	return 0
}

// written are the tables that a move fills, each with the order in which its rows came.
func written() map[string]string {
	tables := map[string]string{"resource": "rid", "outbox": "change", "audit_pending": "seq", "strangler_row": "run", "strangler_link": "version", "strangler_chunk": "at", "record_stamp": "version"}
	for _, ix := range []string{"ix_token", "ix_string", "ix_date", "ix_number", "ix_ref"} {
		tables[ix] = "rid"
	}
	for _, kind := range []string{"question", "answer", "device", "account"} {
		tables["caregivers_"+kind] = "id"
	}
	return tables
}

// empty makes the tables.
func empty(b *testing.B, d Database) {
	a, err := openMoving(context.Background(), Place{Database: d})
	benchMust(b, err)
	a.Close()
}

func rawPostgres(b *testing.B, from, to string) time.Duration {
	ctx := context.Background()
	empty(b, Database{DB: to, KeyFile: filepath.Join(b.TempDir(), "raw-key")})
	src, err := pgx.Connect(ctx, from)
	benchMust(b, err)
	defer src.Close(ctx)
	dst, err := pgx.Connect(ctx, to)
	benchMust(b, err)
	defer dst.Close(ctx)
	rows := map[string]*bytes.Buffer{}
	for table := range written() {
		rows[table] = &bytes.Buffer{}
		_, err := src.PgConn().CopyTo(ctx, rows[table], "COPY "+table+" TO STDOUT (FORMAT binary)")
		benchMust(b, err)
	}
	begun := time.Now()
	for table, data := range rows {
		_, err := dst.PgConn().CopyFrom(ctx, data, "COPY "+table+" FROM STDIN (FORMAT binary)")
		benchMust(b, err)
	}
	return time.Since(begun)
}

// liteTable is the rows of a table in memory.
type liteTable struct {
	insert string
	rows   [][]any
}

func rawSQLite(b *testing.B, from, to string) time.Duration {
	empty(b, Database{DB: "sqlite:" + to})
	src, err := sqlite.OpenConn(from, sqlite.OpenReadOnly)
	benchMust(b, err)
	defer src.Close() //nolint:errcheck // it was only read
	var tables []liteTable
	resources := 0
	for name, order := range written() {
		t := readLite(b, src, name, order)
		tables = append(tables, t)
		if name == "resource" {
			resources = len(t.rows)
		}
	}
	dst, err := sqlite.OpenConn(to, sqlite.OpenReadWrite)
	benchMust(b, err)
	defer dst.Close()                                                                                                                //nolint:errcheck // all is committed
	for _, p := range []string{"synchronous = FULL", "cache_size = -65536", "wal_autocheckpoint = 8000", "mmap_size = 1073741824"} { // as engine/db
		benchMust(b, sqlitex.ExecuteTransient(dst, "PRAGMA "+p, nil))
	}
	groups := resources/4000 + 1
	begun := time.Now()
	for g := range groups {
		benchMust(b, sqlitex.ExecuteTransient(dst, "BEGIN IMMEDIATE", nil))
		for _, t := range tables {
			writeLite(b, dst, t.insert, t.rows[len(t.rows)*g/groups:len(t.rows)*(g+1)/groups])
		}
		benchMust(b, sqlitex.ExecuteTransient(dst, "COMMIT", nil))
	}
	return time.Since(begun)
}

func readLite(b *testing.B, conn *sqlite.Conn, name, order string) (t liteTable) {
	err := sqlitex.ExecuteTransient(conn, "SELECT * FROM "+name+" ORDER BY "+order, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		row := make([]any, s.ColumnCount())
		for i := range row {
			row[i] = liteValue(s, i)
		}
		t.rows = append(t.rows, row)
		t.insert = "INSERT INTO " + name + " VALUES (?" + strings.Repeat(", ?", len(row)-1) + ")"
		return nil
	}})
	benchMust(b, err)
	return t
}

func liteValue(s *sqlite.Stmt, i int) any {
	switch s.ColumnType(i) {
	case sqlite.TypeInteger:
		return s.ColumnInt64(i)
	case sqlite.TypeFloat:
		return s.ColumnFloat(i)
	case sqlite.TypeText:
		return s.ColumnText(i)
	case sqlite.TypeBlob:
		v := make([]byte, s.ColumnLen(i))
		s.ColumnBytes(i, v)
		return v
	}
	return nil
}

func writeLite(b *testing.B, conn *sqlite.Conn, insert string, rows [][]any) {
	if len(rows) == 0 {
		return
	}
	stmt, err := conn.Prepare(insert)
	benchMust(b, err)
	for row := range slices.Values(rows) {
		for i, v := range row {
			switch v := v.(type) {
			case int64:
				stmt.BindInt64(i+1, v)
			case float64:
				stmt.BindFloat(i+1, v)
			case string:
				stmt.BindText(i+1, v)
			case []byte:
				stmt.BindBytes(i+1, v)
			default:
				stmt.BindNull(i + 1)
			}
		}
		_, err := stmt.Step()
		benchMust(b, err)
		benchMust(b, stmt.Reset())
	}
}
