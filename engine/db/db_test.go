package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
)

var makeNotes = db.Text{
	SQLite:   "CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT, data BLOB, weight REAL, done INTEGER) STRICT",
	Postgres: "CREATE TABLE note (id bigint PRIMARY KEY, body text, data bytea, weight float8, done bool)",
}

var (
	insertNote  = db.Same("INSERT INTO note (id, body, data, weight, done) VALUES ($1, $2, $3, $4, $5)")
	insertNotes = db.Text{
		SQLite: "INSERT INTO note (id, body, data, weight, done) VALUES ($1, $2, $3, $4, $5)",
		Postgres: `INSERT INTO note (id, body, data, weight, done)
			SELECT * FROM unnest($1::int8[], $2::text[], $3::bytea[], $4::float8[], $5::bool[])`,
	}
	readNotes  = db.Same("SELECT id, body, data, weight, done FROM note ORDER BY id")
	countNotes = db.Same("SELECT count(*) FROM note")
)

// note is a row of the table; a nil is NULL.
type note struct {
	ID     int64
	Body   *string
	Data   []byte
	Weight *float64
	Done   *bool
}

func (n note) String() string {
	return fmt.Sprint(n.ID, show(n.Body), n.Data == nil, n.Data, show(n.Weight), show(n.Done))
}

func show[T any](p *T) string {
	if p == nil {
		return "NULL"
	}
	return fmt.Sprintf("%v", *p)
}

func TestValuesTravelUnchanged(t *testing.T) {
	want := []note{
		{ID: 1, Body: new("Zoë ☃ 漢字"), Data: []byte{0, 1, 255}, Weight: new(-0.1), Done: new(true)},
		{ID: -1 << 63, Body: new(""), Data: []byte{}, Weight: new(1e300), Done: new(false)},
		{ID: 1<<63 - 1},
	}
	slices.SortFunc(want, func(a, b note) int { return compare(a.ID, b.ID) })
	both(t, func(t *testing.T, d *db.DB) {
		for _, n := range want {
			run(t, d, insertNote, n.ID, null(n.Body), n.Data, null(n.Weight), null(n.Done))
		}
		sameNotes(t, want, notes(t, d))
		run(t, d, db.Same("DELETE FROM note"))
		write(t, d, func(tx db.Tx) error { return eachNote(t.Context(), tx, want) })
		sameNotes(t, want, notes(t, d))
	})
}

func compare(a, b int64) int {
	if a < b {
		return -1
	}
	return 1
}

func null[T any](p *T) db.Null[T] {
	if p == nil {
		return db.Null[T]{}
	}
	return db.Some(*p)
}

func eachNote(ctx context.Context, tx db.Tx, rows []note) error {
	var (
		ids     []int64
		bodies  []db.Null[string]
		data    [][]byte
		weights []db.Null[float64]
		done    []db.Null[bool]
	)
	for _, n := range rows {
		ids, data = append(ids, n.ID), append(data, n.Data)
		bodies, weights, done = append(bodies, null(n.Body)), append(weights, null(n.Weight)), append(done, null(n.Done))
	}
	return tx.Each(ctx, insertNotes, ids, bodies, data, weights, done)
}

func TestColumnsOfEveryType(t *testing.T) {
	stmt := db.Text{
		SQLite:   "SELECT ?2, ?1",
		Postgres: "SELECT n-1, v FROM unnest($1::%s[]) WITH ORDINALITY AS i(v, n)",
	}
	cases := []struct {
		element string
		column  any
		want    string
	}{
		{"int8", []int64{1, -2}, "1 -2"},
		{"int4", []int64{1, -2}, "1 -2"},
		{"int2", []int{1, -2}, "1 -2"},
		{"int4", []int32{1, -2}, "1 -2"},
		{"int8", []db.Null[int64]{db.Some[int64](7), {}}, "7 NULL"},
		{"int4", []db.Null[int32]{{}, db.Some[int32](-7)}, "NULL -7"},
		{"int8", []db.Null[int]{{}, db.Some(8)}, "NULL 8"},
	}
	both(t, func(t *testing.T, d *db.DB) {
		for _, c := range cases {
			got := make([]string, 2)
			s := db.Text{SQLite: stmt.SQLite, Postgres: fmt.Sprintf(stmt.Postgres, c.element)}
			err := d.EachQuery(t.Context(), s, func(r db.Row) error {
				got[r.Int64(0)] = fmt.Sprint(r.Int64(1))
				if r.IsNull(1) {
					got[r.Int64(0)] = "NULL"
				}
				return nil
			}, c.column)
			if err != nil || strings.Join(got, " ") != c.want {
				t.Errorf("%T as %s: %v, %v; want %s", c.column, c.element, got, err, c.want)
			}
		}
	})
}

func TestSlicesAsArguments(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		for id := range 5 {
			run(t, d, insertNote, id, fmt.Sprint("b", id), nil, nil, nil)
		}
		in := db.Text{
			SQLite: `SELECT id FROM note WHERE id IN (SELECT value FROM json_each($1))
				OR body IN (SELECT value FROM json_each($2)) ORDER BY id`,
			Postgres: "SELECT id FROM note WHERE id = ANY($1::int8[]) OR body = ANY($2::text[]) ORDER BY id",
		}
		for _, c := range []struct {
			ids    []int64
			bodies []string
			want   string
		}{{[]int64{1, 3}, []string{"b4"}, "[1 3 4]"}, {[]int64{}, []string{}, "[]"}} {
			if got := fmt.Sprint(ints(t, d, in, c.ids, c.bodies)); got != c.want {
				t.Errorf("%v %v gave %s, want %s", c.ids, c.bodies, got, c.want)
			}
		}
	})
}

func TestEachQueryNamesTheInputRow(t *testing.T) {
	lookUp := db.Text{
		SQLite:   "SELECT $2, body FROM note WHERE id = $1",
		Postgres: "SELECT n-1, body FROM unnest($1::int8[]) WITH ORDINALITY AS i(id, n) JOIN note USING (id)",
	}
	both(t, func(t *testing.T, d *db.DB) {
		run(t, d, insertNote, 10, "ten", nil, nil, nil)
		run(t, d, insertNote, 20, "twenty", nil, nil, nil)
		got := make([]string, 4)
		scan := func(r db.Row) error {
			got[r.Int64(0)] = r.Text(1)
			return nil
		}
		read(t, d, func(tx db.Tx) error { return tx.EachQuery(t.Context(), lookUp, scan, []int64{20, 30, 10, 20}) })
		if want := []string{"twenty", "", "ten", "twenty"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		read(t, d, func(tx db.Tx) error { return tx.EachQuery(t.Context(), lookUp, scan, []int64{}) })
	})
}

func TestWriteIsAllOrNothing(t *testing.T) {
	boom := errors.New("boom")
	stories := map[string]func(ctx context.Context, tx db.Tx) error{
		"the function fails": func(ctx context.Context, tx db.Tx) error {
			if _, err := tx.Exec(ctx, insertNote, 1, nil, nil, nil, nil); err != nil {
				return err
			}
			return boom
		},
		"a statement fails and the function looks away": func(ctx context.Context, tx db.Tx) error {
			tx.Exec(ctx, insertNote, 1, nil, nil, nil, nil)
			tx.Exec(ctx, insertNote, 1, nil, nil, nil, nil)
			return nil
		},
		"a scan function of a pipeline fails": func(ctx context.Context, tx db.Tx) error {
			tx.Pipeline(ctx, func(p *db.Pipe) {
				p.Exec(insertNote, 1, nil, nil, nil, nil)
				p.Query(readNotes, nil, func(db.Row) error { return boom })
			})
			return nil
		},
		"a statement of Last fails": func(ctx context.Context, tx db.Tx) error {
			return tx.Last(ctx, func(p *db.Pipe) {
				p.Exec(insertNote, 1, nil, nil, nil, nil)
				p.Exec(insertNote, 1, nil, nil, nil, nil)
			})
		},
		"columns of unequal length": func(ctx context.Context, tx db.Tx) error {
			return tx.Last(ctx, func(p *db.Pipe) {
				p.Exec(insertNote, 1, nil, nil, nil, nil)
				p.Each(insertNotes, []int64{1}, []string{})
			})
		},
		"the call is cancelled": func(ctx context.Context, tx db.Tx) error {
			tx.Exec(ctx, insertNote, 1, nil, nil, nil, nil)
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			tx.Exec(ctx, insertNote, 2, nil, nil, nil, nil)
			return nil
		},
	}
	both(t, func(t *testing.T, d *db.DB) {
		for name, story := range stories {
			err := d.Write(t.Context(), func(tx db.Tx) error { return story(t.Context(), tx) })
			if err == nil {
				t.Errorf("%s: no error", name)
			}
			if n := count(t, d); n != 0 {
				t.Errorf("%s: %d rows stayed", name, n)
			}
		}
	})
}

func TestAPanicRollsBack(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		for _, inScan := range []bool{false, true} {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic was swallowed")
					}
				}()
				d.Write(t.Context(), func(tx db.Tx) error {
					tx.Exec(t.Context(), insertNote, 1, nil, nil, nil, nil)
					if inScan {
						tx.Query(t.Context(), readNotes, nil, func(db.Row) error { panic("scan") })
					}
					panic("function")
				})
			}()
			if n := count(t, d); n != 0 {
				t.Errorf("in scan %v: %d rows stayed", inScan, n)
			}
		}
	})
}

func TestPipelineAndLast(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		var before, after int64
		var inserted, many, changed *int64
		write(t, d, func(tx db.Tx) error {
			if err := tx.Pipeline(t.Context(), func(p *db.Pipe) {
				p.Query(countNotes, nil, into(&before))
				inserted = p.Exec(insertNote, 1, "a", nil, nil, nil)
				p.Query(countNotes, nil, into(&after))
			}); err != nil {
				return err
			}
			return tx.Last(t.Context(), func(p *db.Pipe) {
				many = p.Each(db.Text{SQLite: "INSERT INTO note (id) VALUES ($1)",
					Postgres: "INSERT INTO note (id) SELECT * FROM unnest($1::int8[])"}, []int64{2, 3})
				changed = p.Exec(db.Same("UPDATE note SET body = $1"), "z")
			})
		})
		got := fmt.Sprint(before, after, *inserted, *many, *changed, count(t, d))
		if want := "0 1 1 2 3 3"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestLastEndsTheTransaction(t *testing.T) {
	boom := errors.New("boom")
	both(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(tx db.Tx) error {
			err := tx.Last(t.Context(), func(p *db.Pipe) {
				p.Exec(insertNote, 1, nil, nil, nil, nil)
				p.Query(readNotes, nil, func(db.Row) error { return boom })
			})
			if err != boom {
				t.Errorf("a scan function's error came back as %v", err)
			}
			_, err = tx.Exec(t.Context(), insertNote, 2, nil, nil, nil, nil)
			return err
		})
		if !fault.Is(err, fault.Internal) {
			t.Errorf("a statement behind Last: %v", err)
		}
		if n := count(t, d); n != 1 {
			t.Errorf("%d rows, want the one that Last committed", n)
		}
		write(t, d, func(tx db.Tx) error { return tx.Last(t.Context(), func(*db.Pipe) {}) })
		write(t, d, func(tx db.Tx) error { return nil })
	})
}

func TestEachRunsWholeWhateverItsScanFunctionSays(t *testing.T) {
	boom := errors.New("boom")
	stmt := db.Text{
		SQLite:   "UPDATE note SET body = 'changed' WHERE id = $1 RETURNING $2",
		Postgres: "UPDATE note SET body = 'changed' FROM unnest($1::int8[]) WITH ORDINALITY AS i(key, n) WHERE id = key RETURNING n - 1",
	}
	both(t, func(t *testing.T, d *db.DB) {
		for id := range 3 {
			run(t, d, insertNote, id, nil, nil, nil, nil)
		}
		err := d.Write(t.Context(), func(tx db.Tx) error {
			return tx.Last(t.Context(), func(p *db.Pipe) {
				p.EachQuery(stmt, func(db.Row) error { return boom }, []int64{0, 1, 2})
			})
		})
		changed := ints(t, d, db.Same("SELECT id FROM note WHERE body = 'changed'"))
		if err != boom || len(changed) != 3 {
			t.Errorf("%v changed, %v", changed, err)
		}
	})
}

func TestAQueryMayStopEarlyAndGoOn(t *testing.T) {
	enough := errors.New("enough")
	both(t, func(t *testing.T, d *db.DB) {
		write(t, d, func(tx db.Tx) error {
			for id := range 3 {
				tx.Exec(t.Context(), insertNote, id, nil, nil, nil, nil)
			}
			rows := 0
			err := tx.Query(t.Context(), readNotes, nil, func(db.Row) error {
				rows++
				return enough
			})
			if err != enough || rows != 1 {
				t.Errorf("%d rows, %v", rows, err)
			}
			_, err = tx.Exec(t.Context(), insertNote, 9, nil, nil, nil, nil)
			return err
		})
		if n := count(t, d); n != 4 {
			t.Errorf("%d rows, want 4", n)
		}
	})
}

func TestAReadSeesOneSnapshotBesideAWriter(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		read(t, d, func(tx db.Tx) error {
			var first, second int64
			if err := tx.Query(t.Context(), countNotes, nil, into(&first)); err != nil {
				return err
			}
			run(t, d, insertNote, 1, nil, nil, nil, nil)
			if err := tx.Query(t.Context(), countNotes, nil, into(&second)); err != nil {
				return err
			}
			if first != 0 || second != 0 {
				t.Errorf("the snapshot moved from %d to %d", first, second)
			}
			return nil
		})
		err := d.Read(t.Context(), func(tx db.Tx) error {
			_, err := tx.Exec(t.Context(), insertNote, 2, nil, nil, nil, nil)
			return err
		})
		if err == nil {
			t.Error("a Read wrote")
		}
	})
}

func TestMisuseIsTold(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		run(t, d, insertNote, 1, "secret", nil, nil, nil)
		cases := map[string]func(ctx context.Context, tx db.Tx) error{
			"a query inside a scan function": func(ctx context.Context, tx db.Tx) error {
				return tx.Query(ctx, readNotes, nil, func(db.Row) error {
					_, err := tx.Exec(ctx, insertNote, 2, nil, nil, nil, nil)
					return err
				})
			},
			"a text read as a number": func(ctx context.Context, tx db.Tx) error {
				return tx.Query(ctx, db.Same("SELECT body FROM note"), nil, func(r db.Row) error {
					r.Int64(0)
					return nil
				})
			},
			"a number read as text": func(ctx context.Context, tx db.Tx) error {
				return tx.Query(ctx, db.Same("SELECT id FROM note"), nil, func(r db.Row) error {
					r.Text(0)
					return nil
				})
			},
			"too few arguments": func(ctx context.Context, tx db.Tx) error {
				_, err := tx.Exec(ctx, insertNote, 2)
				return err
			},
			"an argument of the wrong type": func(ctx context.Context, tx db.Tx) error {
				_, err := tx.Exec(ctx, insertNote, struct{ name string }{"secret"}, nil, nil, nil, nil)
				return err
			},
			"a column of an unknown type": func(ctx context.Context, tx db.Tx) error {
				return tx.Each(ctx, insertNotes, []struct{ name string }{{"secret"}})
			},
			"bad syntax": func(ctx context.Context, tx db.Tx) error {
				_, err := tx.Exec(ctx, db.Same("SELEKT 1"))
				return err
			},
			"no such table": func(ctx context.Context, tx db.Tx) error {
				_, err := tx.Exec(ctx, db.Same("DELETE FROM absent"))
				return err
			},
		}
		for name, do := range cases {
			err := d.Write(t.Context(), func(tx db.Tx) error { return do(t.Context(), tx) })
			if !fault.Is(err, fault.Internal) {
				t.Errorf("%s: %v, want fault.Internal", name, err)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: the error quotes a value: %v", name, err)
			}
		}
	})
}

func TestErrorsHaveTheirKind(t *testing.T) {
	ctx := t.Context()
	both(t, func(t *testing.T, d *db.DB) {
		run(t, d, insertNote, 1, "secret", nil, nil, nil)
		cases := []struct {
			name string
			kind fault.Kind
			do   func() error
		}{
			{"the same key twice", fault.Conflict, func() error { return once(d, ctx, insertNote, 1, nil, nil, nil, nil) }},
			{"a text with U+0000", fault.Invalid, func() error { return once(d, ctx, insertNote, 2, "secret\x00", nil, nil, nil) }},
			{"a text that is not UTF-8", fault.Invalid, func() error { return once(d, ctx, insertNote, 2, "secret\xff", nil, nil, nil) }},
			{"a broken rule", fault.Internal, func() error { return once(d, ctx, insertNote, nil, nil, nil, nil, db.Some("secret")) }},
		}
		for _, c := range cases {
			err := c.do()
			if !fault.Is(err, c.kind) {
				t.Errorf("%s: %v (%v), want %v", c.name, err, fault.Of(err), c.kind)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: the error quotes a value: %v", c.name, err)
			}
			if e, ok := errors.AsType[*db.Error](err); c.kind == fault.Conflict && (!ok || !strings.HasPrefix(e.Constraint, "note")) {
				t.Errorf("%s: the constraint is %q", c.name, e.Constraint)
			}
			if db.Retryable(err) || db.InDoubt(err) {
				t.Errorf("%s: marked as retryable or in doubt", c.name)
			}
		}
	})
}

func once(d *db.DB, ctx context.Context, stmt db.Text, args ...any) error {
	_, err := d.Exec(ctx, stmt, args...)
	return err
}

func TestAFailingPipelineNamesItsStatement(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		err := d.Write(t.Context(), func(tx db.Tx) error {
			return tx.Pipeline(t.Context(), func(p *db.Pipe) {
				p.Exec(insertNote, 1, nil, nil, nil, nil)
				p.Exec(insertNote, 1, nil, nil, nil, nil)
				p.Exec(insertNote, 2, nil, nil, nil, nil)
			})
		})
		if want := "statement 2 of 3, INSERT INTO note"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

var endless = db.Same(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`)

func TestACallCanBeStopped(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		for name, run := range map[string]func(context.Context) error{
			"query": func(ctx context.Context) error { return d.Query(ctx, endless, nil, func(db.Row) error { return nil }) },
			"write": func(ctx context.Context) error {
				return d.Write(ctx, func(tx db.Tx) error {
					if _, err := tx.Exec(ctx, insertNote, 1, nil, nil, nil, nil); err != nil {
						return err
					}
					return tx.Query(ctx, endless, nil, func(db.Row) error { return nil })
				})
			},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			err := run(ctx)
			cancel()
			if !fault.Is(err, fault.TimedOut) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v (%v)", name, err, fault.Of(err))
			}
			if n := count(t, d); n != 0 {
				t.Errorf("%s: %d rows stayed", name, n)
			}
		}
		run(t, d, insertNote, 1, nil, nil, nil, nil)
	})
}

func TestStatementTimeout(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url, db.Options{StatementTimeout: 50 * time.Millisecond})
		err := d.Query(t.Context(), endless, nil, func(db.Row) error { return nil })
		if !fault.Is(err, fault.TimedOut) {
			t.Errorf("got %v (%v)", err, fault.Of(err))
		}
		if err := d.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// both runs a story on each database with the table of notes in it.
func both(t *testing.T, story func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		run(t, d, makeNotes)
		story(t, d)
	})
}

func run(t testing.TB, d *db.DB, stmt db.Text, args ...any) {
	t.Helper()
	if _, err := d.Exec(t.Context(), stmt, args...); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, d *db.DB, fn func(db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, d *db.DB, fn func(db.Tx) error) {
	t.Helper()
	if err := d.Read(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func into(n *int64) func(db.Row) error {
	return func(r db.Row) error {
		*n = r.Int64(0)
		return nil
	}
}

func count(t testing.TB, d *db.DB) (n int64) {
	t.Helper()
	if err := d.Query(t.Context(), countNotes, nil, into(&n)); err != nil {
		t.Fatal(err)
	}
	return n
}

func ints(t testing.TB, d *db.DB, stmt db.Text, args ...any) (all []int64) {
	t.Helper()
	err := d.Query(t.Context(), stmt, args, func(r db.Row) error {
		all = append(all, r.Int64(0))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func notes(t testing.TB, d *db.DB) (all []note) {
	t.Helper()
	err := d.Query(t.Context(), readNotes, nil, func(r db.Row) error {
		n := note{ID: r.Int64(0), Data: r.Bytes(2)}
		if !bytes.Equal(n.Data, r.BytesNoCopy(2)) {
			t.Errorf("BytesNoCopy differs from Bytes")
		}
		if !r.IsNull(1) {
			n.Body = new(r.Text(1))
		}
		if !r.IsNull(3) {
			n.Weight = new(r.Float64(3))
		}
		if !r.IsNull(4) {
			n.Done = new(r.Bool(4))
		}
		all = append(all, n)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sameNotes(t *testing.T, want, got []note) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
