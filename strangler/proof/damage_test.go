package proof_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/movetest"
	"github.com/ficushealth/ficus/strangler/proof"
)

// damagedSecrets cannot open the records of some persons.
type damagedSecrets struct {
	movetest.Secrets
	persons map[string]bool
}

func (d damagedSecrets) Read(ctx context.Context, tx db.Tx, tenant int32, ids []string) ([]store.Record, error) {
	records, err := d.Secrets.Read(ctx, tx, tenant, ids)
	for _, r := range records {
		if d.persons[*r.Values["serial"]] {
			return nil, fault.New(fault.Internal, "a sealed text is damaged or stands in the wrong place")
		}
	}
	return records, err
}

func TestARecordThatCannotBeOpenedIsADifference(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(40)
		w.Move()
		q := w.Question()
		q.Sinks = []store.RecordSink{damagedSecrets{persons: map[string]bool{"4": true, "31": true}}}
		c, err := q.Prove(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := found(c, proof.ResourceSpace); len(got) != 2 || !got["4"] || !got["31"] {
			t.Errorf("%+v", c.Differing)
		}
		said := 0
		for _, d := range c.Differing {
			if d.Table != "Clinic.Secret" {
				t.Errorf("%+v", d)
			}
			if strings.HasSuffix(d.What, "what is stored cannot be opened") {
				said++
			}
		}
		if said != 2 || c.Roots.Source == c.Roots.Target || len(c.Tables) == 0 {
			t.Errorf("said %d times: %+v", said, c.Differing)
		}
	})
}

func TestADamagedImageInQuarantineIsADifference(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(6)
		w.Clinic.Set("Clinic.Person", 4, "sex", "X")
		w.Move()
		if n := w.SQL(`UPDATE strangler_quarantine SET image = $1`, []byte{0}); n != 1 {
			t.Fatal(n)
		}
		c := w.Prove()
		want := proof.Difference{Check: proof.Held, Table: "Clinic.Person", Key: "4", What: "its image in quarantine cannot be opened"}
		if got := rowsOnly(c); len(got) != 1 || got[0] != want || len(c.Differing) != 2 {
			t.Errorf("%+v", c.Differing)
		}
	})
}

// TestADamagedVersionInThePastIsADifference damages the version that was moved of two resources that were changed here.
func TestADamagedVersionInThePastIsADifference(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(12)
		w.Move()
		changeSome(t, w, 3)
		w.Want(w.Prove(), 0)
		rid := w.Int(`SELECT min(rid) FROM resource_history`)
		if n := w.SQL(`UPDATE resource_history SET body = $1 WHERE rid = $2`, []byte{0}, rid); n != 1 {
			t.Fatal(n)
		}
		c := w.Prove()
		for _, d := range c.Differing {
			if d.Key != c.Differing[0].Key || d.Table == "" {
				t.Errorf("%+v", d)
			}
		}
		if len(found(c, proof.Versions)) != 1 || !strings.Contains(fmt.Sprint(c.Differing), "cannot be opened") {
			t.Errorf("%+v", c.Differing)
		}
	})
}

// changeSome changes n patients as a user would.
func changeSome(t *testing.T, w *movetest.World, n int) {
	t.Helper()
	list, _, err := w.Store.Scan(t.Context(), movetest.Tenant, []string{"Patient"}, 0, 100)
	if err != nil || len(list) < n {
		t.Fatal(len(list), err)
	}
	for _, v := range list[:n] {
		r, err := fhir.Parse([]byte(strings.Replace(string(v.Body), `"gender":`, `"active":true,"gender":`, 1)), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Store.As(access.Inside(movetest.Tenant, "clinician")).Update(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
}
