package db_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
)

func TestANewDatabaseIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // it has no such modes
	}
	path := filepath.Join(t.TempDir(), "a.db")
	d, err := db.Open(t.Context(), "sqlite:"+path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if has, err := d.HasTable(t.Context(), "x"); has || err != nil {
		t.Error(has, err)
	}
	if _, err := d.Exec(t.Context(), db.Same(`CREATE TABLE x (a bigint)`)); err != nil {
		t.Fatal(err)
	}
	if has, err := d.HasTable(t.Context(), "x"); !has || err != nil {
		t.Error(has, err)
	}
	for _, end := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(path + end)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Error(end, info, err)
		}
	}
}

func TestADatabaseThatIsThereKeepsItsMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	if err := os.WriteFile(path, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), "sqlite:"+path, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 == 0 {
		t.Error(info, err)
	}
}
