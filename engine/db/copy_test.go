package db_test

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
)

// values has a column of every type that our schemas use, in another order in each database.
var values = db.Text{
	SQLite: `CREATE TABLE "values" (n INTEGER PRIMARY KEY, whole INTEGER, few int, small smallint, yes bool, real_ REAL, words TEXT, bytes BLOB, "list" TEXT, own INTEGER DEFAULT 7)`,
	Postgres: `CREATE TABLE "values" (bytes bytea, words text COLLATE "C", real_ double precision, yes boolean, small smallint, few int, whole bigint,
		"list" bigint[], n bigint GENERATED ALWAYS AS IDENTITY)`,
}

var someValues = []string{
	`(1, 9223372036854775807, 2147483647, 32767, true, 1.5, 'a', %[1]s, %[2]s)`,
	`(2, -9223372036854775808, -2147483648, -32768, false, 1e300, 'ü – 𝔘', %[3]s, %[4]s)`,
	`(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
	`(4, 0, 0, 0, false, 0, '', %[3]s, %[5]s)`,
	`(70, 1, 1, 1, true, -0.1, 'line' || %[6]s(10) || 'break', %[1]s, %[4]s)`,
}

func fill(t *testing.T, d *db.DB) {
	t.Helper()
	parts := []any{`x'00ff00'`, `'[1,-2,9223372036854775807]'`, `x''`, `'[5]'`, `'[]'`, `char`}
	into := `INSERT INTO "values" (n, whole, few, small, yes, real_, words, bytes, "list") `
	if d.Dialect() == db.Postgres {
		parts = []any{`'\x00ff00'::bytea`, `'{1,-2,9223372036854775807}'`, `''::bytea`, `'{5}'`, `'{}'`, `chr`}
		into += `OVERRIDING SYSTEM VALUE `
	}
	err := d.Write(t.Context(), func(tx db.Tx) error {
		if err := tx.Script(t.Context(), values); err != nil {
			return err
		}
		for _, v := range someValues {
			text := fmt.Sprintf(v+"%.0[1]s%.0[2]s%.0[3]s%.0[4]s%.0[5]s%.0[6]s", parts...)
			if _, err := tx.Exec(t.Context(), db.Same(into+"VALUES "+text)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

var valuesTable = db.Table{Name: "values", Omit: []string{"own"}}

// dump gives the columns and the rows, sorted.
func dump(t *testing.T, d *db.DB) (cols []db.Column, rows [][]byte) {
	t.Helper()
	err := d.Read(t.Context(), func(tx db.Tx) (err error) {
		if cols, err = tx.Copied(t.Context(), valuesTable); err != nil {
			return err
		}
		return tx.CopyOut(t.Context(), valuesTable, cols, func(row []byte) error {
			rows = append(rows, bytes.Clone(row))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(rows, bytes.Compare)
	return cols, rows
}

// TestRowsTravelBetweenDatabases copies rows from each kind into each, and asks for the same bytes again.
func TestRowsTravelBetweenDatabases(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, from *db.DB) {
		fill(t, from)
		_, rows := dump(t, from)
		if len(rows) != len(someValues) {
			t.Fatal(len(rows))
		}
		dbtest.Both(t, func(t *testing.T, to *db.DB) {
			var n int64
			err := to.Write(t.Context(), func(tx db.Tx) error {
				if err := tx.Script(t.Context(), values); err != nil {
					return err
				}
				cols, err := tx.Copied(t.Context(), valuesTable)
				if err == nil {
					n, err = tx.CopyIn(t.Context(), "values", cols, slices.Concat(rows...))
				}
				if err == nil {
					err = tx.Renumber(t.Context())
				}
				return err
			})
			if err != nil || n != int64(len(rows)) {
				t.Fatal(n, err)
			}
			if _, again := dump(t, to); !slices.EqualFunc(rows, again, bytes.Equal) {
				t.Errorf("%x\n%x", rows, again)
			}
			next := `INSERT INTO "values" (words) VALUES ('next') RETURNING n`
			err = to.Write(t.Context(), func(tx db.Tx) error {
				return tx.Query(t.Context(), db.Same(next), nil, func(r db.Row) error {
					if r.Int64(0) != 71 {
						t.Errorf("the next number is %d", r.Int64(0))
					}
					return nil
				})
			})
			if err != nil {
				t.Error(err)
			}
		})
	})
}

// TestFloatsTravelAsTheyAre leaves out only what SQLite cannot keep, and that is refused and not changed. A zero has no sign on
// the way, so that the bytes of a row are the same wherever it lies.
func TestFloatsTravelAsTheyAre(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if _, err := d.Exec(t.Context(), db.Text{SQLite: `CREATE TABLE f (v REAL)`, Postgres: `CREATE TABLE f (v double precision)`}); err != nil {
			t.Fatal(err)
		}
		in := func(v float64) error {
			return d.Write(t.Context(), func(tx db.Tx) error {
				cols, err := tx.Columns(t.Context(), "f")
				if err == nil {
					_, err = tx.CopyIn(t.Context(), "f", cols, append([]byte{0}, bits(v)...))
				}
				return err
			})
		}
		want := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1, 1 << 53, 123456789012345680}
		for _, v := range want {
			if err := in(v); err != nil {
				t.Fatal(v, err)
			}
		}
		if err := in(math.NaN()); d.Dialect() == db.SQLite && !fault.Is(err, fault.Invalid) || d.Dialect() == db.Postgres && err != nil {
			t.Error(err)
		}
		at := 0
		err := d.Query(t.Context(), db.Same(`SELECT v FROM f`), nil, func(r db.Row) error {
			if at < len(want) && want[at] != r.Float64(0) { // a zero may lose its sign
				t.Errorf("%v came back as %v", want[at], r.Float64(0))
			}
			at++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Read(t.Context(), func(tx db.Tx) error {
			table := db.Table{Name: "f"}
			cols, err := tx.Copied(t.Context(), table)
			if err != nil {
				return err
			}
			return tx.CopyOut(t.Context(), table, cols, func(row []byte) error {
				if bytes.Equal(row, append([]byte{0}, bits(math.Copysign(0, -1))...)) {
					t.Error("a zero has its sign on the way")
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func bits(v float64) (b []byte) {
	n := math.Float64bits(v)
	for i := 56; i >= 0; i -= 8 {
		b = append(b, byte(n>>i))
	}
	return b
}

// TestWhatIsNoRowIsRefused cuts and changes rows.
func TestWhatIsNoRowIsRefused(t *testing.T) {
	d := dbtest.SQLite(t)
	fill(t, d)
	cols, rows := dump(t, d)
	for _, row := range rows {
		for n := 1; n < len(row); n++ {
			err := d.Write(t.Context(), func(tx db.Tx) error {
				_, err := tx.CopyIn(t.Context(), "values", cols, row[:n])
				return err
			})
			if err == nil {
				t.Errorf("%d bytes of %x were taken", n, row)
			}
		}
	}
	if _, again := dump(t, d); len(again) != len(rows) {
		t.Errorf("%d rows, %d before", len(again), len(rows))
	}
}

// TestASchemaGoesAsFarAsItIsAsked is what a copy of an older version needs.
func TestASchemaGoesAsFarAsItIsAsked(t *testing.T) {
	made := files("0001_a.sql", `CREATE TABLE one (a bigint)`, "0002_b.sql", `CREATE TABLE two (a bigint)`, "0003_c.sql", `INSERT INTO two SELECT a FROM one`)
	s := db.Schema{Module: "m", Files: made}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if n, err := s.Latest(); n != 3 || err != nil {
			t.Error(n, err)
		}
		if err := s.MigrateTo(t.Context(), d, 2); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Exec(t.Context(), db.Same(`INSERT INTO one VALUES (5)`)); err != nil {
			t.Fatal(err)
		}
		if err := s.MigrateTo(t.Context(), d, 4); !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
		if err := s.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if err := s.MigrateTo(t.Context(), d, 2); !fault.Is(err, fault.Conflict) {
			t.Error("back to 2:", err)
		}
		n, err := d.Exec(t.Context(), db.Same(`DELETE FROM two WHERE a = 5`))
		if err != nil || n != 1 {
			t.Error(n, err)
		}
	})
}
