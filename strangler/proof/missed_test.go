package proof_test

import (
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/movetest"
)

// TestWhatEarlierProofsMissed puts single faults into the database that a proof once let pass, or stopped at. Each must be
// a difference, and the proof must come to its end.
func TestWhatEarlierProofsMissed(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		busy(t, w)
		w.Want(w.Prove(), 0)
		for _, x := range []struct {
			name, table, stmt string
			args              []any
		}{
			{"versions under another type", "resource_history", `UPDATE resource_history SET type = type + 1`, nil},
			{"one version under another type", "resource_history", `UPDATE resource_history SET type = type + 1 WHERE version = 1 AND rid = (SELECT min(rid) FROM resource_history)`, nil},
			{"versions of nothing", "resource_history", `UPDATE resource_history SET rid = 987654321 WHERE rid = (SELECT min(rid) FROM resource_history)`, nil},
			{"a made-up version of nothing", "resource_history", `INSERT INTO resource_history (tenant, rid, version, type, updated, method, deleted, body)
				SELECT tenant, 987654321, 1, type, updated, method, deleted, body FROM resource LIMIT 1`, nil},
			{"a made-up tombstone", "resource", `INSERT INTO resource (rid, tenant, type, id, version, updated, method, deleted, present)
				SELECT 987654321, tenant, type, 'made-up', 1, updated, 3, deleted, '' FROM resource WHERE body IS NULL AND version > 0 LIMIT 1`, nil},
			{"the counter set back", "store_counter", `UPDATE store_counter SET next = 1 WHERE name = 'rid'`, nil},
			{"an event deleted", "outbox", `DELETE FROM outbox WHERE change = (SELECT max(change) FROM outbox)`, nil},
			{"ids of targets that cannot be decoded", "strangler_link", `UPDATE strangler_link SET id = $1 WHERE true
				AND key = (SELECT key FROM strangler_link ORDER BY key LIMIT 1)`, []any{[]byte{0x00, 0x11, 0x22, 0x33, 0xFF, 0x00}}},
			{"an id of a target that is a UUID cut short", "strangler_link", `UPDATE strangler_link SET id = $1 WHERE key = (SELECT key FROM strangler_link ORDER BY key LIMIT 1)`, []any{[]byte{1, 2}}},
			{"an empty id of a target", "strangler_link", `UPDATE strangler_link SET id = $1 WHERE key = (SELECT key FROM strangler_link ORDER BY key LIMIT 1)`, []any{[]byte{}}},
			{"a reason in quarantine", "strangler_quarantine", `UPDATE strangler_quarantine SET reason = 'unmapped: no reason'`, nil},
			{"a rule in quarantine", "strangler_quarantine", `UPDATE strangler_quarantine SET rule = 'person.yaml:1:1'`, nil},
			{"a place in quarantine", "strangler_quarantine", `UPDATE strangler_quarantine SET path = 'Clinic.Person.first'`, nil},
			{"a reason in the ledger", "strangler_row", `UPDATE strangler_row SET reason = reason + 1 WHERE state = 3`, nil},
		} {
			w.SQL(`CREATE TABLE kept AS SELECT * FROM ` + x.table)
			if n := w.SQL(x.stmt, x.args...); n == 0 {
				t.Errorf("%s: nothing was hit", x.name)
			}
			c, err := w.Question().Prove(t.Context())
			if err != nil || c.Differences == 0 {
				t.Errorf("%s: %d differences, %v", x.name, c.Differences, err)
			}
			m := &meddler{World: w, table: x.table}
			w.SQL(`DELETE FROM ` + x.table)
			w.SQL(`INSERT INTO ` + x.table + m.overriding() + ` SELECT * FROM kept`)
			w.SQL(`DROP TABLE kept`)
		}
		w.Want(w.Prove(), 0)
	})
}

// TestReasonsAreThoseOfTheMapping: what the books say of a row in quarantine is compared with the mapping too, not only
// with what was sealed.
func TestReasonsAreThoseOfTheMapping(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(5)
		w.Clinic.Set("Clinic.Person", 4, "sex", "X")
		w.Clinic.Put("Clinic.Phone", 9999, 77777, "5145551234")
		w.Move()
		w.Want(w.Prove(), 0)
		for stmt, want := range map[string]int64{
			`UPDATE strangler_quarantine SET reason = 'unmapped: no reason'`:       1 + 2, // of the person; of the telephone with the ledger's
			`UPDATE strangler_quarantine SET rule = 'person.yaml:1:1'`:             2,
			`UPDATE strangler_quarantine SET path = 'Clinic.Person.first'`:         2,
			`UPDATE strangler_row SET reason = 1 WHERE state = 3 AND root IS NULL`: 2 + 2, // and the person's two telephones have another one
		} {
			for _, table := range []string{"strangler_quarantine", "strangler_row"} {
				w.SQL(`CREATE TABLE kept_` + table + ` AS SELECT * FROM ` + table)
			}
			w.SQL(stmt)
			seal(t, w)
			if c := w.Prove(); c.Differences != want {
				t.Errorf("%s: %d differences, want %d: %+v", stmt, c.Differences, want, c.Differing)
			}
			for _, table := range []string{"strangler_quarantine", "strangler_row"} {
				w.SQL(`DELETE FROM ` + table)
				w.SQL(`INSERT INTO ` + table + ` SELECT * FROM kept_` + table)
				w.SQL(`DROP TABLE kept_` + table)
			}
			seal(t, w)
		}
		w.Want(w.Prove(), 0)
	})
}

// seal seals the books as a run would that wrote what stands there.
func seal(t *testing.T, w *movetest.World) {
	t.Helper()
	must(t, w.DB.Write(t.Context(), func(tx db.Tx) error {
		return ledger.Seal(t.Context(), tx, movetest.Tenant, ledger.NewHasher(ledger.LeafKey(w.Sealer)))
	}))
}
