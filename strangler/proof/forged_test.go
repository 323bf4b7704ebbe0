package proof_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/movetest"
	"github.com/ficushealth/ficus/strangler/proof"
)

// forgedKinds are faults that cover their traces, as far as they can.
func forgedKinds() []kind {
	return []kind{
		{"method of a moved version", []string{proof.Versions}, each("Patient", `UPDATE resource SET method = 4 WHERE rid = $1`)},
		{"method of a creation here", []string{proof.Versions}, each("Encounter", `UPDATE resource SET method = 1 WHERE rid = $1`)},
		{"method that there is not", []string{proof.Versions}, each("Encounter", `UPDATE resource SET method = 0 WHERE rid = $1`)},
		{"instant", []string{proof.Versions}, each("Patient", `UPDATE resource SET updated = updated - 1 WHERE rid = $1`)},
		{"duplicated, with a link of no row", []string{proof.Extras}, forged("Clinic.Person", 900_000, 1, false)},
		{"duplicated, with a link of an uncovered table", []string{proof.Extras}, forged("Patient", 900_000, 1, false)},
		{"duplicated, with a link of a child", []string{proof.Extras}, forged("Clinic.Phone", 10, 1, false)},
		{"duplicated, with a second link of its row", []string{proof.Books}, forged("Clinic.Person", 0, 2, true)},
	}
}

// forged duplicates resources and gives each twin a link: of rows that count up from a number, or of the twin's own row
// under another slot.
func forged(table string, from int64, state int, own bool) func(*faults, int) []stored {
	return func(f *faults, n int) []stored {
		before := f.extra
		hit := duplicated(f, n)
		name, patient := f.number(table), f.number("Patient")
		for i, s := range hit {
			key := f.Clinic.Key("Clinic.Person", from+int64(i))
			if own {
				_, key = f.row(s)
			}
			id := append([]byte{0}, fmt.Sprintf("twin-%d", before+i+1)...)
			f.one(`INSERT INTO strangler_link (tenant, tbl, key, slot, type, id, version, state) VALUES (1, $1, $2, $3, $4, $5, 1, $6)`,
				name, key, name, patient, id, state)
		}
		return hit
	}
}

func (f *faults) number(name string) int64 {
	return f.Int(`SELECT id FROM strangler_name WHERE tenant = 1 AND name = $1`, name)
}

// TestLinksOfNoRowAreFound: a link whose row is in no ledger is found, whatever it points at.
func TestLinksOfNoRowAreFound(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Clinic.Set("Clinic.Person", 4, "sex", "X")
		w.Move()
		w.Want(w.Prove(), 0)
		link := `INSERT INTO strangler_link (tenant, tbl, key, slot, type, id, version, state)
			SELECT tenant, tbl, $1, slot, type, $2, version, state FROM strangler_link
			WHERE tbl = (SELECT id FROM strangler_name WHERE name = 'Clinic.Person') AND key = $3`
		for name, key := range map[string][]byte{
			"no row": w.Clinic.Key("Clinic.Person", 77), "a row in quarantine": w.Clinic.Key("Clinic.Person", 4),
		} {
			if w.SQL(link, key, []byte("\x00twin"), w.Clinic.Key("Clinic.Person", 3)) != 1 {
				t.Fatal(name)
			}
			c := w.Prove()
			if got := rowsOnly(c); len(got) != 1 || got[0].Check != proof.Books || !strings.Contains(got[0].What, "Patient/twin") {
				t.Errorf("%s: %+v", name, c.Differing)
			}
			w.SQL(`DELETE FROM strangler_link WHERE id = $1`, []byte("\x00twin"))
		}
		w.Want(w.Prove(), 0)
	})
}

// TestExtraRecordsAreFound puts records into the table of a sink behind its back.
func TestExtraRecordsAreFound(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Move()
		w.Want(w.Prove(), 0)
		twin := `INSERT INTO test_secret (tenant, id, serial, person, question, answer) SELECT tenant, 'twin', serial, person, question, %s FROM test_secret WHERE serial = '4'`
		link := `INSERT INTO strangler_link (tenant, tbl, key, slot, type, id, version, state, digest) SELECT tenant, tbl, $1, slot, type, $2, version, state, digest
			FROM strangler_link WHERE tbl = (SELECT id FROM strangler_name WHERE name = 'Clinic.Secret') AND key = $3`
		for name, x := range map[string]struct {
			answer string
			linked bool
			want   []string // checks
		}{
			"a twin":                       {"answer", false, []string{proof.Extras}},
			"a twin with another answer":   {"'x'", false, []string{proof.Extras}},
			"a twin that cannot be opened": {"'cannot be opened'", false, []string{proof.Extras}},
			"a twin with a link of no row": {"answer", true, []string{proof.Extras, proof.Books}},
			"one that claims nothing":      {"", false, []string{proof.Extras}},
		} {
			if x.answer != "" {
				w.SQL(fmt.Sprintf(twin, x.answer))
			} else {
				w.SQL(`INSERT INTO test_secret (tenant, id, person, question, answer) VALUES (1, 'twin', '4', 'q', 'a')`)
			}
			if x.linked && w.SQL(link, w.Clinic.Key("Clinic.Secret", 77), []byte("\x00twin"), w.Clinic.Key("Clinic.Secret", 4)) != 1 {
				t.Fatal(name)
			}
			c := w.Prove()
			checks := map[string]bool{}
			for _, d := range rowsOnly(c) {
				checks[d.Check] = true
			}
			want := map[string]bool{}
			for _, check := range x.want {
				want[check] = true
			}
			if !maps.Equal(checks, want) || len(rowsOnly(c)) != len(x.want) {
				t.Errorf("%s: %+v", name, c.Differing)
			}
			w.SQL(`DELETE FROM test_secret WHERE id = 'twin'`)
			w.SQL(`DELETE FROM strangler_link WHERE id = $1`, []byte("\x00twin"))
		}
		w.Want(w.Prove(), 0)
	})
}

func TestFingerprintsOfRecordsAreProved(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Move()
		w.SQL(`CREATE TABLE kept AS SELECT * FROM strangler_link`)
		for _, stmt := range []string{
			`UPDATE strangler_link SET digest = NULL WHERE tbl = $1 AND key = $2`,
			`UPDATE strangler_link SET digest = id WHERE tbl = $1 AND key = $2`,
			`UPDATE strangler_link SET digest = (SELECT digest FROM kept k WHERE k.tbl = $1 AND k.key > $2 ORDER BY k.key LIMIT 1) WHERE tbl = $1 AND key = $2`,
		} {
			w.SQL(stmt, w.Int(`SELECT id FROM strangler_name WHERE name = 'Clinic.Secret'`), w.Clinic.Key("Clinic.Secret", 4))
			c := w.Prove()
			if len(rowsOnly(c)) != 1 || !found(c, proof.Versions)["4"] {
				t.Errorf("%s: %+v", stmt, c.Differing)
			}
			w.SQL(`DELETE FROM strangler_link`)
			w.SQL(`INSERT INTO strangler_link SELECT * FROM kept`)
		}
		w.Want(w.Prove(), 0)
	})
}

// TestFaultsInThePastAreFound moves persons three times, one of them away in between, and damages what came before.
func TestFaultsInThePastAreFound(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Delete = true
		w.Fill(10)
		w.Move()
		for i := 1; i < 10; i++ {
			w.Clinic.Set("Clinic.Person", i, "last", "Deuxième")
		}
		removePerson(w, 6)
		w.Move()
		for i := 1; i < 10; i++ {
			if i != 6 {
				w.Clinic.Set("Clinic.Person", i, "last", "Troisième")
			}
		}
		w.Person(6)
		w.Move()
		w.Want(w.Prove(), 0)
		f := newFaults(w, 1)
		for _, x := range pastFaults() {
			for _, version := range []int64{1, 2} {
				s := f.of(x.key)
				x.inject(f, s, version)
				c := w.Prove()
				if got := found(c, proof.Versions); !got[x.key] || len(got) != 1 || !says(c, x.says) {
					t.Errorf("%s in version %d: %+v", x.name, version, c.Differing)
				}
				f.heal()
			}
		}
		w.Want(w.Prove(), 0)
	})
}

func removePerson(w *movetest.World, i int) {
	w.Clinic.Delete("Clinic.Person", i)
	for k := range 3 {
		w.Clinic.Delete("Clinic.Phone", 10*i+k)
		w.Clinic.Delete("Clinic.Visit", 10*i+k)
	}
	w.Clinic.Delete("Clinic.Secret", i)
}

func says(c proof.Certificate, what string) bool {
	for _, d := range c.Differing {
		if strings.Contains(d.What, what) {
			return true
		}
	}
	return false
}

type pastFault struct {
	name, key, says string
	inject          func(f *faults, s stored, version int64)
}

func pastFaults() []pastFault {
	row := func(set string) func(*faults, stored, int64) {
		return func(f *faults, s stored, version int64) {
			f.one(`UPDATE resource_history SET `+set+` WHERE rid = $1 AND version = $2`, s.rid, version)
		}
	}
	body := func(change func(r fhir.Resource, s stored, version int64) ([]byte, error)) func(*faults, stored, int64) {
		return func(f *faults, s stored, version int64) { f.rewrite(s, version, change) }
	}
	return []pastFault{
		{"deleted", "3", "is deleted and has a body", row(`deleted = TRUE`)},
		{"no body", "3", "has none", row(`body = NULL`)},
		{"method of a deletion", "3", "method", row(`method = 3`)},
		{"method of a creation", "3", "method", row(`method = 1`)},
		{"method of a change here", "3", "method", row(`method = 4`)},
		{"instant", "3", "another instant", row(`updated = updated + 1`)},
		{"instant behind the next one", "3", "not later", row(`updated = updated + 3600000000`)},
		{"instant of a tombstone", "6", "not later", func(f *faults, s stored, _ int64) { row(`updated = 1`)(f, s, 2) }},
		{"method of a tombstone", "6", "method", func(f *faults, s stored, _ int64) { row(`method = 2`)(f, s, 2) }},
		{"body of another version", "3", "cannot be opened", row(`body = (SELECT body FROM resource r WHERE r.rid = resource_history.rid)`)},
		{"versionId", "3", "another version", body(func(r fhir.Resource, s stored, _ int64) ([]byte, error) {
			return fhir.Stamp(r, s.id, "9", instant(r))
		})},
		{"lastUpdated", "3", "another instant", body(func(r fhir.Resource, s stored, version int64) ([]byte, error) {
			return fhir.Stamp(r, s.id, fmt.Sprint(version), instant(r).Add(-time.Microsecond))
		})},
		{"id", "3", "another resource", body(func(r fhir.Resource, _ stored, version int64) ([]byte, error) {
			return fhir.Stamp(r, "another", fmt.Sprint(version), instant(r))
		})},
	}
}

func instant(r fhir.Resource) time.Time {
	at, _ := time.Parse(time.RFC3339Nano, r.Meta().LastUpdated)
	return at
}

// of is the person of a key.
func (f *faults) of(key string) stored {
	for _, s := range f.all["Patient"] {
		if s.key == key {
			return s
		}
	}
	f.T.Fatalf("there is no person %s", key)
	return stored{}
}

// rewrite puts another body, sealed as it should be, in place of a past version's.
func (f *faults) rewrite(s stored, version int64, change func(fhir.Resource, stored, int64) ([]byte, error)) {
	f.T.Helper()
	var sealed []byte
	place := vault.AD{Tenant: movetest.Tenant, RID: s.rid, Version: version, Use: vault.Body}
	err := f.DB.Query(f.T.Context(), db.Same(`SELECT body FROM resource_history WHERE rid = $1 AND version = $2`), []any{s.rid, version}, func(r db.Row) error {
		sealed = r.Bytes(0)
		return nil
	})
	must(f.T, err)
	plain, err := f.Sealer.Open(nil, sealed, place)
	must(f.T, err)
	r, err := fhir.Parse(plain, fhir.Limits{})
	must(f.T, err)
	plain, err = change(r, s, version)
	must(f.T, err)
	sealed, err = f.Sealer.Seal(nil, plain, place)
	must(f.T, err)
	f.one(`UPDATE resource_history SET body = $3 WHERE rid = $1 AND version = $2`, s.rid, version, sealed)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
