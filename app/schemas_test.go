package app

import (
	"slices"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/strangler/ledger"
)

// TestABackupKnowsEveryTable makes all tables and asks that each is named by a schema of this program, once, and that each
// that is named is there, with columns of the same names and kinds in both databases.
func TestABackupKnowsEveryTable(t *testing.T) {
	columns := map[string][]db.Column{}
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		a := opened(t, Config{Database: Database{DB: url}})
		if err := ledger.Migrate(t.Context(), a.DB); err != nil {
			t.Fatal(err)
		}
		err := a.DB.Read(t.Context(), func(tx db.Tx) error {
			there, err := tx.Tables(t.Context())
			known := []string{"schema_version"} // made anew by the files that it lists
			for _, s := range schemas() {
				for _, table := range s.Tables {
					known = append(known, table.Name)
					if !slices.Contains(there, table.Name) && table.LeftOut == "" {
						t.Errorf("%s names the table %s, which is not there", s.Module, table.Name)
					}
					columnsOf(t, tx, table, columns)
				}
			}
			for _, name := range there {
				if n := timesNamed(known, name); n != 1 {
					t.Errorf("the table %s is named %d times: name it in Tables of the schema of its module, so that it is in a backup, or with LeftOut and the reason", name, n)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		numbers := versions(t, a.DB)
		for _, s := range schemas() {
			if latest, err := s.Latest(); err != nil || numbers[s.Module] != latest {
				t.Errorf("%s: at %d of %d, %v", s.Module, numbers[s.Module], latest, err)
			}
			delete(numbers, s.Module)
		}
		if len(numbers) > 0 {
			t.Errorf("no schema is listed of the modules %v", numbers)
		}
	})
}

func columnsOf(t *testing.T, tx db.Tx, table db.Table, seen map[string][]db.Column) {
	list, err := tx.Copied(t.Context(), table)
	if err != nil || table.LeftOut != "" {
		if err != nil {
			t.Error(err)
		}
		return
	}
	if other, again := seen[table.Name]; again && !slices.EqualFunc(list, other, sameColumn) {
		t.Errorf("%s: the databases differ: %v, %v; what only one has stands in Omit", table.Name, list, other)
	}
	seen[table.Name] = list
}

func sameColumn(a, b db.Column) bool { return a.Name == b.Name && a.Kind == b.Kind }

func versions(t *testing.T, d *db.DB) (numbers map[string]int) {
	t.Helper()
	err := d.Read(t.Context(), func(tx db.Tx) (err error) {
		numbers, err = tx.Versions(t.Context())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return numbers
}

func timesNamed(list []string, name string) (n int) {
	for _, x := range list {
		if x == name {
			n++
		}
	}
	return n
}
