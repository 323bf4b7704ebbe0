package db_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
)

func TestOpenRefusals(t *testing.T) {
	garbage := filepath.Join(t.TempDir(), "garbage.db")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		url  string
		kind fault.Kind
		text string
	}{
		{"mysql://root:secret@host/x", fault.Invalid, "must start with"},
		{"", fault.Invalid, "must start with"},
		{"sqlite:", fault.Invalid, "names no file"},
		{"sqlite:/nowhere/at/all.db", fault.Unavailable, "there is no folder for the database file /nowhere/at/all.db: make it, or name another file"},
		{"sqlite:" + filepath.Dir(garbage), fault.Invalid, "is a folder, not a database file"},
		{"sqlite:" + garbage, fault.Internal, "not a database"},
		{"postgres://ficus:secret@127.0.0.1:1/x?sslmode=disable", fault.Unavailable, "127.0.0.1:1 cannot be reached: connect: connection refused"},
		{"postgres://ficus:secret@127.0.0.1:port/x", fault.Invalid, "cannot be read"},
		{"postgres://ficus:secret@127.0.0.1/x?sslmode=secret", fault.Invalid, "cannot be read"},
	}
	for _, c := range cases {
		_, err := db.Open(t.Context(), c.url, db.Options{})
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v (%v), want %v, %s", c.url, err, fault.Of(err), c.kind, c.text)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the password: %v", c.url, err)
		}
	}
}

func TestAPostgresDatabaseThatIsNotThere(t *testing.T) {
	url := strings.Replace(dbtest.PostgresURL(t), "?", "_absent?", 1)
	_, err := db.Open(t.Context(), url, db.Options{})
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("got %v (%v)", err, fault.Of(err))
	}
}

func TestRedact(t *testing.T) {
	cases := map[string]string{
		"postgres://ficus:secret@host:5432/name?password=secret": "postgres://ficus:xxxxx@host:5432/name",
		"sqlite:/var/lib/ficus.db":                               "sqlite:/var/lib/ficus.db",
		"postgres://ficus:secret@host:bad/":                      "(a URL that cannot be read)",
	}
	for url, want := range cases {
		if got := db.Redact(url); got != want {
			t.Errorf("Redact(%q) = %q, want %q", url, got, want)
		}
	}
}

func TestADatabaseInMemoryIsPrivateAndLeavesNothing(t *testing.T) {
	d, err := db.Open(t.Context(), "sqlite::memory:", db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other := dbtest.Open(t, "sqlite::memory:", db.Options{})
	run(t, d, makeNotes)
	run(t, other, makeNotes)
	if n := count(t, d); n != 0 {
		t.Errorf("%d rows", n)
	}
	before := scratch(t)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if after := scratch(t); after != before-1 {
		t.Errorf("%d folders before closing, %d after", before, after)
	}
	if err := d.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if err := d.Ping(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a closed database answers %v", err)
	}
	if err := d.Write(t.Context(), func(db.Tx) error { return nil }); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a closed database takes a write: %v", err)
	}
}

// scratch counts the folders of databases in memory that this process owns.
func scratch(t *testing.T) int {
	t.Helper()
	n := 0
	for _, parent := range []string{"/dev/shm", os.TempDir()} {
		found, err := filepath.Glob(filepath.Join(parent, "ficus-*", "memory.db.lock"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			if text, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(text)) == fmt.Sprint(os.Getpid()) {
				n++
			}
		}
	}
	return n
}

func TestOneWritingProcessHoldsAFile(t *testing.T) {
	url := dbtest.SQLiteURL(t)
	holder := dbtest.Open(t, url, db.Options{})
	run(t, holder, makeNotes)
	_, err := db.Open(t.Context(), url, db.Options{})
	want := fmt.Sprintf("held by another ficus process (pid %d); stop it", os.Getpid())
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), want) {
		t.Errorf("a second writer: %v", err)
	}
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(strings.TrimPrefix(url, "sqlite:"), link); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Open(t.Context(), "sqlite:"+link, db.Options{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a second writer by another name: %v", err)
	}
	reader := dbtest.Open(t, url, db.Options{ReadOnly: true})
	run(t, holder, insertNote, 1, nil, nil, nil, nil)
	if n := count(t, reader); n != 1 {
		t.Errorf("a reader beside the holder sees %d rows", n)
	}
	if _, err := reader.Exec(t.Context(), insertNote, 2, nil, nil, nil, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a reader wrote: %v", err)
	}
}

// TestKilledHolder kills a process that holds a file and opens the file at once.
func TestKilledHolder(t *testing.T) {
	if url := os.Getenv("DB_TEST_HOLD"); url != "" {
		holdUntilKilled(t, url)
	}
	url := dbtest.SQLiteURL(t)
	for round := range 3 {
		killWhileWriting(t, url)
		d, err := db.Open(t.Context(), url, db.Options{})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if n := count(t, d); n < int64(round+1) {
			t.Errorf("round %d: %d rows", round, n)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func holdUntilKilled(t *testing.T, url string) {
	d := dbtest.Open(t, url, db.Options{})
	run(t, d, db.Text{SQLite: strings.Replace(makeNotes.SQLite, "TABLE", "TABLE IF NOT EXISTS", 1)})
	for start := count(t, d); ; start++ {
		run(t, d, insertNote, start, nil, nil, nil, nil)
		fmt.Println("written")
	}
}

func killWhileWriting(t *testing.T, url string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledHolder$")
	cmd.Env = append(os.Environ(), "DB_TEST_HOLD="+url)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "written"; {
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
}

func TestAFullDiskIsToldAndPasses(t *testing.T) {
	d := dbtest.SQLite(t)
	run(t, d, makeNotes)
	pages := ints(t, d, db.Same("PRAGMA page_count"))[0]
	limit := func(n int64) {
		err := d.Write(t.Context(), func(tx db.Tx) error {
			return tx.Query(t.Context(), db.Same(fmt.Sprintf("PRAGMA max_page_count = %d", n)), nil, func(db.Row) error { return nil })
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	limit(pages + 2)
	err := d.Write(t.Context(), func(tx db.Tx) error {
		_, err := tx.Exec(t.Context(), insertNote, 1, nil, make([]byte, 1<<20), nil, nil)
		return err
	})
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "disk of the database is full") {
		t.Errorf("got %v (%v)", err, fault.Of(err))
	}
	if n := count(t, d); n != 0 {
		t.Errorf("%d rows stayed", n)
	}
	limit(1 << 30)
	run(t, d, insertNote, 1, nil, make([]byte, 1<<20), nil, nil)
}

func TestALostServerIsToldAndPasses(t *testing.T) {
	s := dbtest.StartPostgres(t)
	d := dbtest.Open(t, s.Database(t), db.Options{})
	run(t, d, makeNotes)
	err := d.Write(t.Context(), func(tx db.Tx) error {
		if _, err := tx.Exec(t.Context(), insertNote, 1, nil, nil, nil, nil); err != nil {
			return err
		}
		s.Kill(t)
		return tx.Last(t.Context(), func(p *db.Pipe) { p.Exec(insertNote, 2, nil, nil, nil, nil) })
	})
	if !fault.Is(err, fault.Unavailable) || !db.InDoubt(err) {
		t.Errorf("killed in the middle: %v (%v), in doubt %v", err, fault.Of(err), db.InDoubt(err))
	}
	if err := d.Ping(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("while the server is away: %v (%v)", err, fault.Of(err))
	}
	s.Start(t)
	if n := count(t, d); n != 0 {
		t.Errorf("%d rows", n)
	}
}

func TestADeadlockIsRetryable(t *testing.T) {
	d := dbtest.Postgres(t)
	run(t, d, makeNotes)
	run(t, d, insertNote, 1, nil, nil, nil, nil)
	run(t, d, insertNote, 2, nil, nil, nil, nil)
	touch := db.Same("UPDATE note SET weight = 1 WHERE id = $1")
	var meet, wait sync.WaitGroup
	meet.Add(2)
	errs := make([]error, 2)
	for i := range 2 {
		wait.Go(func() {
			errs[i] = d.Write(t.Context(), func(tx db.Tx) error {
				_, err := tx.Exec(t.Context(), touch, i+1)
				meet.Done()
				meet.Wait()
				if err != nil {
					return err
				}
				_, err = tx.Exec(t.Context(), touch, 2-i)
				return err
			})
		})
	}
	wait.Wait()
	if db.Retryable(errs[0]) == db.Retryable(errs[1]) || (errs[0] != nil && errs[1] != nil) {
		t.Errorf("want one retryable loser: %v, %v", errs[0], errs[1])
	}
}

func TestTheWriterIsShared(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		run(t, d, db.Same("CREATE TABLE counter (n bigint)"))
		run(t, d, db.Same("INSERT INTO counter VALUES (0)"))
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				for range 25 {
					if _, err := d.Exec(t.Context(), db.Same("UPDATE counter SET n = n + 1")); err != nil {
						t.Error(err)
					}
					ints(t, d, db.Same("SELECT n FROM counter"))
				}
			})
		}
		wait.Wait()
		if got := ints(t, d, db.Same("SELECT n FROM counter"))[0]; got != 200 {
			t.Errorf("counted %d, want 200", got)
		}
	})
}

func TestManyStatementsDoNotPileUp(t *testing.T) {
	d := dbtest.SQLite(t)
	for i := range 1200 {
		if got := ints(t, d, db.Same(fmt.Sprintf("SELECT %d + $1", i)), 1)[0]; got != int64(i+1) {
			t.Fatalf("statement %d gave %d", i, got)
		}
	}
}

func TestWaitingForTheWriterCanBeStopped(t *testing.T) {
	d := dbtest.SQLite(t)
	write(t, d, func(db.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		err := d.Write(ctx, func(db.Tx) error { return nil })
		if !fault.Is(err, fault.TimedOut) {
			t.Errorf("got %v", err)
		}
		return nil
	})
}
