package dbtest

import (
	"path/filepath"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
)

// SQLite opens a fresh database in t's temporary folder. It is closed with the test.
func SQLite(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, SQLiteURL(t), db.Options{Durability: db.Off})
}

// SQLiteURL names a fresh database file that is not open yet.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "test.db")
}

// Postgres opens a fresh database on the server of this process. It is closed and dropped with the test.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	return Open(t, PostgresURL(t), db.Options{Durability: db.Off})
}

// PostgresURL makes a fresh database on the server of this process; it is dropped with the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return shared(t).Database(t)
}

// Both runs a story as a subtest on each database.
func Both(t *testing.T, story func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { story(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { story(t, Postgres(t)) })
}

// BothURLs is Both for a story that opens the database itself.
func BothURLs(t *testing.T, story func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { story(t, SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) { story(t, PostgresURL(t)) })
}

// Open opens a database and closes it with the test.
func Open(t testing.TB, url string, o db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
