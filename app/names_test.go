package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/packs/opal/synth"
)

// TestWhatNamesPatientsFollowsThemWhenTheyAreMerged looks into every table of every module, filled by a migration: a column that
// holds ids of patients, or is called so, must be a field that takes part in a merge (care.Field.Of).
func TestWhatNamesPatientsFollowsThemWhenTheyAreMerged(t *testing.T) {
	a := moved(t)
	if left := leftBehind(t, a); len(left) > 0 {
		t.Errorf("a merge of patients would leave these behind; let the module offer them as fields with Of: %q", left)
	}
	for _, stmt := range []string{
		`CREATE TABLE caregivers_visit (tenant int, id text, guest text)`,
		`INSERT INTO caregivers_visit SELECT tenant, id, id FROM resource WHERE type = ` + fmt.Sprint(patientType(t)) + ` LIMIT 1`,
		`CREATE TABLE directory_waiting (tenant int, id text, patient_id text, legacy_patient text)`,
	} {
		if _, err := a.DB.Exec(t.Context(), db.Same(stmt)); err != nil {
			t.Fatal(err)
		}
	}
	if left, want := leftBehind(t, a), []string{"caregivers_visit.guest", "caregivers_visit.id", "directory_waiting.patient_id"}; !slices.Equal(left, want) {
		t.Errorf("found %q, want %q", left, want)
	}
}

// moved is a program with what a synthetic hospital has left in it.
func moved(t *testing.T) *Tenancy {
	t.Helper()
	m := newMigration(t, dbtest.SQLiteURL(t), synthetic(t, synth.Options{Patients: 3, Results: 1, Appointments: 1}))
	m.done(m.on("run")...)
	a, err := openAt(t.Context(), Place{Database: Database{DB: m.db, KeyFile: m.key}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// decided reports whether a column says whose record somebody may see. A merge must not widen that: who decided it decides anew.
func decided(module, column string) bool { return module == "accounts" && column == "patient" }

// leftBehind are the columns that name patients and take no part in a merge. Those of patients itself say what was merged.
func leftBehind(t *testing.T, a *Tenancy) (left []string) {
	t.Helper()
	for _, m := range a.Modules {
		if m.Name == "patients" {
			continue
		}
		for _, c := range textColumns(t, a, m.Name) {
			id := named(t, a, c)
			called := strings.Contains(c.name, "patient") && !strings.HasPrefix(c.name, "legacy_") && !decided(m.Name, c.name)
			if (id != "" || called) && !follows(t, a, m, c, id) {
				left = append(left, c.table+"."+c.name)
			}
		}
	}
	slices.Sort(left)
	return left
}

type column struct{ table, name string }

func textColumns(t *testing.T, a *Tenancy, module string) (list []column) {
	t.Helper()
	query := `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND substr(m.name, 1, $2) = $1 AND lower(c.type) = 'text'`
	err := a.DB.Query(t.Context(), db.Same(query), []any{module + "_", len(module) + 1}, func(r db.Row) error {
		list = append(list, column{r.Text(0), r.Text(1)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// named is the id of a patient that stands in the column, empty if none does.
func named(t *testing.T, a *Tenancy, c column) (id string) {
	t.Helper()
	query := `SELECT max(x.` + c.name + `) FROM ` + c.table + ` x WHERE x.` + c.name + ` IN (SELECT id FROM resource WHERE type = $1)`
	err := a.DB.Query(t.Context(), db.Same(query), []any{patientType(t)}, func(r db.Row) error {
		if !r.IsNull(0) {
			id = r.Text(0)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// follows reports whether a record of the module declares the column, and finds this id there.
func follows(t *testing.T, a *Tenancy, m care.Module, c column, id string) bool {
	t.Helper()
	for _, sink := range (care.Modules{m}).Naming("Patient") {
		if !slices.Contains(sink.Names(), store.Name{Field: c.name, Type: "Patient"}) {
			continue
		}
		var found []string
		err := a.DB.Read(t.Context(), func(tx db.Tx) (err error) {
			found, err = sink.Bearing(t.Context(), tx, a.Tenant, c.name, id, 1)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if id == "" || len(found) > 0 {
			return true
		}
	}
	return false
}

func patientType(t *testing.T) int {
	i, known := r4.ResourceIndex("Patient")
	if !known {
		t.Fatal("R4 has no Patient")
	}
	return int(i)
}
