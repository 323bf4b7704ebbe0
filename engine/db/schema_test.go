package db_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
)

// files makes a file system of SQL files from pairs of name and text.
func files(pairs ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return m
}

const (
	first      = "0001_first.sql"
	createA    = "CREATE TABLE a (id bigint PRIMARY KEY);\nCREATE INDEX a_id ON a (id); -- both statements\n"
	secondLite = "0002_second.sqlite.sql"
	secondPG   = "0002_second.postgres.sql"
	addOne     = "INSERT INTO a (id) VALUES (1)"
)

var countA = db.Same("SELECT id FROM a")

func TestMigrateGoesForwardOnce(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		steps := files(first, createA)
		for range 2 {
			if err := db.Migrate(t.Context(), d, "one", steps); err != nil {
				t.Fatal(err)
			}
		}
		steps = files(first, createA, secondLite, addOne, secondPG, addOne)
		for range 2 {
			if err := db.Migrate(t.Context(), d, "one", steps); err != nil {
				t.Fatal(err)
			}
		}
		if got := ints(t, d, countA); fmt.Sprint(got) != "[1]" {
			t.Errorf("table a holds %v", got)
		}
		under := files("schema/0001_b.sql", "CREATE TABLE b (id bigint)")
		if err := db.Migrate(t.Context(), d, "two", under); err != nil {
			t.Errorf("another module, files in its folder schema: %v", err)
		}
		versions := ints(t, d, db.Same("SELECT number FROM schema_version ORDER BY module, number"))
		if fmt.Sprint(versions) != "[1 2 1]" {
			t.Errorf("versions %v", versions)
		}
	})
}

func TestMigrateRefuses(t *testing.T) {
	both := files(first, createA, secondLite, addOne, secondPG, addOne)
	cases := []struct {
		name  string
		files fstest.MapFS
		kind  fault.Kind
		text  string
	}{
		{"an older program", files(first, createA), fault.Conflict, "changed by a newer version of this program"},
		{"a changed file", files(first, createA+" ", secondLite, addOne, secondPG, addOne), fault.Conflict, "first was changed"},
		{"a gap", files(first, createA, "0003_x.sql", "SELECT 1"), fault.Internal, "number 2 is expected"},
		{"one dialect only", files(first, createA, secondLite, addOne), fault.Internal, "number 0002"},
		{"a number twice", files(first, createA, "0001_other.sql", createA), fault.Internal, "0001"},
		{"a bad name", files("1-first.sql", createA), fault.Internal, "not named"},
	}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if err := db.Migrate(t.Context(), d, "one", both); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			err := db.Migrate(t.Context(), d, "one", c.files)
			if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("%s: %v (%v)", c.name, err, fault.Of(err))
			}
		}
	})
}

// TestADatabaseThatIsOpenForReadingIsOnlyCompared: it is left as it is, and refused if a newer program has changed it.
func TestADatabaseThatIsOpenForReadingIsOnlyCompared(t *testing.T) {
	older, newer := files(first, createA), files(first, createA, secondLite, addOne, secondPG, addOne)
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		writer := dbtest.Open(t, url, db.Options{})
		if err := db.Migrate(t.Context(), writer, "one", older); err != nil {
			t.Fatal(err)
		}
		reader := dbtest.Open(t, url, db.Options{ReadOnly: true})
		if err := db.Migrate(t.Context(), reader, "one", newer); err != nil {
			t.Error(err)
		}
		if err := db.Migrate(t.Context(), writer, "one", newer); err != nil { // it had not been done
			t.Fatal(err)
		}
		if err := db.Migrate(t.Context(), reader, "one", older); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "use that version") {
			t.Error(err)
		}
	})
}

func TestAFailingFileLeavesNothing(t *testing.T) {
	bad := files(first, createA, "0002_bad.sql", "INSERT INTO a (id) VALUES (1); INSERT INTO absent (id) VALUES (2)")
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		err := db.Migrate(t.Context(), d, "one", bad)
		if err == nil || !strings.Contains(err.Error(), "schema of one, file 2 bad") {
			t.Fatalf("got %v", err)
		}
		if err := db.Migrate(t.Context(), d, "one", files(first, createA)); err != nil {
			t.Errorf("the good file afterwards: %v", err)
		}
	})
}

func TestProgramsMayMigrateAtTheSameTime(t *testing.T) {
	steps := files(first, createA, secondLite, addOne, secondPG, addOne)
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				if err := db.Migrate(t.Context(), d, "one", steps); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got := ints(t, d, countA); len(got) != 1 {
			t.Errorf("table a holds %v", got)
		}
	})
}
