package proof_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/movetest"
	"github.com/ficushealth/ficus/strangler/proof"
)

// writeHere writes n observations in two versions each, as a user would.
func writeHere(w *movetest.World, n int) {
	desk := w.Store.As(access.Inside(movetest.Tenant, "clinician"))
	for version := range 2 {
		for i := range n {
			r, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Observation","id":"own-%d","identifier":[{"value":"own-%d"}],"status":"final","code":{"text":"%d"}}`, i, i, version), fhir.Limits{})
			must(w.T, err)
			_, err = desk.Update(w.T.Context(), r)
			must(w.T, err)
		}
	}
}

// witnessedKinds are faults in what no row of the source accounts for, and in those who saw it written.
func witnessedKinds() []kind {
	past := func(set string) func(*faults, int) []stored {
		return each("Observation", `UPDATE resource_history SET `+set+` WHERE rid = $1 AND version = 1`)
	}
	event := func(set string) func(*faults, int) []stored {
		return each("Patient", `UPDATE outbox SET `+set+` WHERE rid = $1`)
	}
	return []kind{
		{"number kept for nothing", []string{proof.Extras}, keptForNothing},
		{"number kept in another way", []string{proof.Versions}, keptOtherwise},
		{"twin that claims no row", []string{proof.Witness}, unclaimed},
		{"method of a version written here", []string{proof.Witness}, each("Observation", `UPDATE resource SET method = 4 WHERE rid = $1`)},
		{"instant of a version written here", []string{proof.Witness}, each("Observation", `UPDATE resource SET updated = updated + 1 WHERE rid = $1`)},
		{"method of a past version written here", []string{proof.Witness}, past(`method = 4`)},
		{"instant of a past version written here", []string{proof.Witness}, past(`updated = updated - 1`)},
		{"type of a past version written here", []string{proof.Witness}, past(`type = type + 1`)},
		{"past version written here lost", []string{proof.Witness}, each("Observation", `DELETE FROM resource_history WHERE rid = $1`)},
		{"past version written here cut off", []string{proof.Versions}, past(`body = NULL`)},
		{"written here and lost", []string{proof.Witness}, lostHere},
		{"tenant", []string{proof.Witness}, each("Observation", `UPDATE resource SET tenant = 2 WHERE rid = $1`)},
		{"type", []string{proof.Witness}, each("Observation", `UPDATE resource SET type = 32000 WHERE rid = $1`)},
		{"event lost", []string{proof.Outbox}, each("Encounter", `DELETE FROM outbox WHERE rid = $1`)},
		{"event twice", []string{proof.Outbox}, each("Patient", `INSERT INTO outbox (tenant, change, name, type, id, rid, version, replayed, at, payload)
			SELECT tenant, change + 100000000, name, type, id, rid, version, replayed, at, payload FROM outbox WHERE rid = $1`)},
		{"event of another tenant", []string{proof.Outbox}, event(`tenant = 2`)},
		{"event of another number", []string{proof.Outbox}, event(`rid = rid + 1000000`)},
		{"event of another version", []string{proof.Outbox}, event(`version = version + 1`)},
		{"event of another kind", []string{proof.Outbox}, event(`name = 'Patient.Updated'`)},
		{"event of another instant", []string{proof.Outbox}, event(`at = at + 1`)},
		{"event of now", []string{proof.Outbox}, event(`replayed = NOT replayed`)},
		{"record", []string{proof.ResourceSpace}, ofRecord(`UPDATE test_secret SET answer = answer || 'x' WHERE serial = $1`)},
		{"record lost", []string{proof.ResourceSpace}, ofRecord(`DELETE FROM test_secret WHERE serial = $1`)},
		{"record's number", []string{proof.ResourceSpace}, ofRecord(`UPDATE record_stamp SET version = version + 1 WHERE id = (SELECT id FROM test_secret WHERE serial = $1)`)},
		{"record's stamp lost", []string{proof.ResourceSpace}, ofRecord(`DELETE FROM record_stamp WHERE id = (SELECT id FROM test_secret WHERE serial = $1)`)},
		{"record called deleted", []string{proof.ResourceSpace}, ofRecord(`UPDATE record_stamp SET gone = NOT gone WHERE id = (SELECT id FROM test_secret WHERE serial = $1)`)},
	}
}

// held is how a version of no content is written; without its last column it differs from a placeholder.
const held = `INSERT INTO resource (tenant, type, id, rid, version, updated, method, deleted, present, body)
	SELECT tenant, type, $2, $3, 0, 0, $4, TRUE, '', NULL FROM resource WHERE rid = $1`

func keptForNothing(f *faults, n int) []stored { return f.hold(n, 0) }

func keptOtherwise(f *faults, n int) []stored { return f.hold(n, 2) }

func (f *faults) hold(n, method int) []stored {
	hit := f.pick("Patient", n, nil)
	for i := range hit {
		f.extra++
		id := fmt.Sprintf("nobody-%d", f.extra)
		f.one(held, hit[i].rid, id, 2_000_000+f.extra, method)
		hit[i].key = "Patient/" + id
	}
	return hit
}

// unclaimed copies patients, but for what says which row they came from.
func unclaimed(f *faults, n int) []stored {
	hit := f.pick("Patient", n, nil)
	for i, s := range hit {
		f.extra++
		twin := s
		twin.rid, twin.id = 3_000_000+int64(f.extra), fmt.Sprintf("twin-%d", f.extra)
		from := strings.Index(s.body, `"identifier":[`)
		end := from + strings.Index(s.body[from:], `],`) + 2
		sealed, err := f.Sealer.Seal(nil, []byte(strings.Replace(s.body[:from]+s.body[end:], s.id, twin.id, 1)), place(twin))
		must(f.T, err)
		f.one(`INSERT INTO resource (tenant, type, id, rid, version, updated, method, deleted, present, body)
			SELECT tenant, type, $2, $3, version, updated, method, deleted, present, $4 FROM resource WHERE rid = $1`, s.rid, twin.id, twin.rid, sealed)
		hit[i] = twin
	}
	return hit
}

func lostHere(f *faults, n int) []stored {
	hit := f.pick("Observation", n, nil)
	for _, s := range hit {
		f.wipe(s)
	}
	return hit
}

// ofRecord is a fault that is one statement on the secret of a person.
func ofRecord(stmt string) func(*faults, int) []stored {
	return func(f *faults, n int) []stored {
		hit := f.pick("Patient", n, nil)
		for _, s := range hit {
			f.one(stmt, s.key)
		}
		return hit
	}
}

// TestAPlaceholderIsNoFault: what a reference names, or named once, may be missing.
func TestAPlaceholderIsNoFault(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(5)
		w.Move()
		desk := w.Store.As(access.Inside(movetest.Tenant, "replay"))
		for _, patient := range []string{"nobody", "nobody-else"} {
			r, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/%s"}}`, patient), fhir.Limits{})
			must(t, err)
			_, err = desk.Update(t.Context(), r, store.Replayed())
			must(t, err)
		}
		if n := w.Int(`SELECT count(*) FROM resource WHERE version = 0`); n != 2 {
			t.Fatal(n)
		}
		w.Want(w.Prove(), 0)
		w.SQL(`UPDATE resource SET id = 'never-named' WHERE id = 'nobody'`)
		if c := w.Prove(); c.Differences != 1 || c.Differing[0].Check != proof.Extras || c.Differing[0].Key != "Patient/never-named" {
			t.Errorf("%+v", c.Differing)
		}
	})
}

// TestRecordsThatWereChangedHere changes a record as a module would, takes another away, and then does the same behind the
// store's back.
func TestRecordsThatWereChangedHere(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(8)
		w.Move()
		id := func(serial string) string { return w.Text(`SELECT id FROM test_secret WHERE serial = $1`, serial) }
		three, five := id("3"), id("5")
		desk := w.Store.As(access.Inside(movetest.Tenant, "patient"))
		w.SQL(`CREATE TABLE kept_secret AS SELECT * FROM test_secret`)
		w.SQL(`CREATE TABLE kept_stamp AS SELECT * FROM record_stamp`)
		must(t, desk.Write(t.Context(), func(c *store.Change) error {
			serial, answer := "3", "another one"
			c.Records(movetest.Secrets{}, []store.Record{{ID: three, Values: map[string]*string{"serial": &serial, "answer": &answer}}})
			c.Forget(movetest.Secrets{}, []string{five})
			return nil
		}))
		c := w.Prove()
		w.Want(c, 0)
		if c.ChangedHere != 2 || c.Roots.Source != c.Roots.Target {
			t.Errorf("%d were changed here", c.ChangedHere)
		}
		w.Clinic.Set("Clinic.Secret", 3, "answer", "the clinic's")
		w.Clinic.Set("Clinic.Secret", 5, "answer", "the clinic's")
		w.Move()
		if n := w.Int(`SELECT count(*) FROM strangler_quarantine`); n != 2 {
			t.Errorf("%d rows that changed on both sides are in quarantine", n)
		}
		w.Want(w.Prove(), 0)
		for name, stmt := range map[string]string{
			"changed":  `UPDATE test_secret SET answer = 'forged' WHERE serial = '3'`,
			"lost":     `DELETE FROM test_secret WHERE serial = '3'`,
			"put back": `INSERT INTO test_secret SELECT * FROM kept_secret WHERE serial = '5'`,
		} {
			w.SQL(`CREATE TABLE kept AS SELECT * FROM test_secret`)
			w.SQL(stmt)
			if c := w.Prove(); c.Differences == 0 {
				t.Errorf("%s: not found", name)
			}
			w.SQL(`DELETE FROM test_secret`)
			w.SQL(`INSERT INTO test_secret SELECT * FROM kept`)
			w.SQL(`DROP TABLE kept`)
		}
		w.Want(w.Prove(), 0)
		w.SQL(`DELETE FROM test_secret`) // all as it was before, stamps too: only the audit record knows better
		w.SQL(`INSERT INTO test_secret SELECT * FROM kept_secret`)
		w.SQL(`DELETE FROM record_stamp`)
		w.SQL(`INSERT INTO record_stamp SELECT * FROM kept_stamp`)
		if c := w.Prove(); len(found(c, proof.Witness)) != 2 {
			t.Errorf("%+v", c.Differing)
		}
	})
}

// TestAuditRowsThatAreLostAreFound takes entries away, in the middle and at the end.
func TestAuditRowsThatAreLostAreFound(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(30)
		w.Move()
		for _, which := range []string{"min", "max"} {
			w.SQL(`CREATE TABLE kept AS SELECT * FROM audit_pending`)
			w.SQL(`DELETE FROM audit_pending WHERE seq = (SELECT ` + which + `(seq) FROM kept WHERE length(body) > 500)`)
			if c := w.Prove(); len(found(c, proof.Witness)) == 0 {
				t.Errorf("%s: %+v", which, c.Differing)
			}
			w.SQL(`DELETE FROM audit_pending`)
			w.SQL(`INSERT INTO audit_pending (tenant, counter, at, writer, mac, body) SELECT tenant, counter, at, writer, mac, body FROM kept ORDER BY seq`)
			w.SQL(`DROP TABLE kept`)
		}
		w.Want(w.Prove(), 0)
	})
}
