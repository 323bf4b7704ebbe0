package proof_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/movetest"
	"github.com/ficushealth/ficus/strangler/proof"
)

func TestFaultsInRecordsAreFound(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Move()
		w.SQL(`CREATE TABLE kept AS SELECT * FROM test_secret`)
		for name, stmt := range map[string]string{
			"changed": `UPDATE test_secret SET answer = answer || 'x' WHERE serial = '4'`,
			"emptied": `UPDATE test_secret SET answer = NULL WHERE serial = '4'`,
			"lost":    `DELETE FROM test_secret WHERE serial = '4'`,
			"swapped": `UPDATE test_secret SET serial = CASE serial WHEN '4' THEN '5' WHEN '5' THEN '4' ELSE serial END`,
		} {
			w.SQL(stmt)
			c := w.Prove()
			if got := found(c, proof.ResourceSpace); !got["4"] || len(got) > 2 {
				t.Errorf("%s: %+v", name, c.Differing)
			}
			if c.Roots.Source == c.Roots.Target {
				t.Errorf("%s: the roots are equal", name)
			}
			w.SQL(`DELETE FROM test_secret`)
			w.SQL(`INSERT INTO test_secret SELECT * FROM kept`)
		}
		w.Want(w.Prove(), 0)
	})
}

func TestFaultsInQuarantineAreFound(t *testing.T) {
	movetest.Both(t, func(t *testing.T, w *movetest.World) {
		w.Fill(10)
		w.Clinic.Set("Clinic.Person", 4, "sex", "X")
		w.Clinic.Set("Clinic.Person", 5, "sex", "Y")
		w.Clinic.Put("Clinic.Phone", 999, 77, "5145551234")
		w.Move()
		w.Want(w.Prove(), 0)
		w.SQL(`CREATE TABLE kept AS SELECT * FROM strangler_quarantine`)
		for name, x := range map[string]struct {
			stmt string
			want int64
		}{
			"lost":    {`DELETE FROM strangler_quarantine WHERE id = (SELECT min(id) FROM kept)`, 2},
			"orphan":  {`DELETE FROM strangler_quarantine WHERE id = (SELECT max(id) FROM kept)`, 2},
			"swapped": {`UPDATE strangler_quarantine SET image = (SELECT image FROM kept k WHERE k.id = 3 - strangler_quarantine.id) WHERE id < 3`, 2},
			"added":   {`INSERT INTO strangler_quarantine SELECT tenant, tbl, tenant_key, 9, map, mapping, place, rule, path, reason, image, run, at FROM (SELECT k.*, image AS tenant_key FROM kept k WHERE id = 1) z`, 1},
		} {
			w.SQL(x.stmt)
			c := w.Prove()
			if got := rowsOnly(c); len(got) != int(x.want) || got[0].Check != proof.Held {
				t.Errorf("%s: %+v", name, c.Differing)
			}
			w.SQL(`DELETE FROM strangler_quarantine`)
			w.SQL(`INSERT INTO strangler_quarantine SELECT * FROM kept`)
		}
		w.Want(w.Prove(), 0)
	})
}

func TestWhatIsMadeHereIsNoFault(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(5)
	w.Move()
	desk := w.Store.As(access.Inside(movetest.Tenant, "clinician"))
	for _, body := range []string{
		`{"resourceType":"Patient","name":[{"family":"Nouvelle"}]}`,
		`{"resourceType":"Patient","identifier":[{"system":"https://elsewhere.example","value":"3"}]}`,
		`{"resourceType":"Observation","status":"final","code":{"text":"x"}}`,
		`{"resourceType":"Encounter","status":"planned","class":{"code":"AMB"}}`,
	} {
		r, err := fhir.Parse([]byte(body), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Create(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	w.Want(w.Prove(), 0)
}

func TestWhatClaimsALegacyRowIsFound(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(5)
	w.Move()
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","identifier":[{"system":"https://ficus.health/clinic/person","value":"3"}],
		"name":[{"family":"A","given":["B"]}],"gender":"male","birthDate":"1970-01-01"}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Store.As(access.Inside(movetest.Tenant, "intruder")).Create(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	c := w.Prove()
	w.Want(c, 1)
	if !found(c, proof.Extras)["3"] {
		t.Errorf("%+v", c.Differing)
	}
}

func TestACertificateStatesWhatWasProved(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	w.Fill(30)
	w.Clinic.Set("Clinic.Person", 4, "sex", "X")
	w.Clinic.Put("Clinic.Unused", 1)
	w.Move()
	c := w.Prove()
	key, err := w.Vault.SignKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := proof.Sign(c, "k", key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := proof.Open(doc, key.Public().(ed25519.PublicKey)); err != nil {
		t.Fatal(err)
	}
	var plain struct {
		Differences int
		Tables      []struct {
			Name                                  string
			Source, Mapped, Filtered, Quarantined int
		}
		Uncovered []struct {
			Name string
			Rows int
		}
		Roots  struct{ Source, Target string }
		Source struct{ Hash string }
		Pack   struct{ Mapping string }
	}
	if err := json.Unmarshal(doc, &plain); err != nil {
		t.Fatal(err)
	}
	if len(plain.Tables) != 4 || len(plain.Uncovered) != 1 || plain.Uncovered[0].Rows != 1 || plain.Roots.Source != plain.Roots.Target ||
		plain.Source.Hash != w.Clinic.Identity().Hash || plain.Pack.Mapping != w.Pack.Hash() {
		t.Errorf("%+v", plain)
	}
	for _, x := range plain.Tables {
		if x.Source != x.Mapped+x.Filtered+x.Quarantined || x.Source != w.Clinic.Len(x.Name) {
			t.Errorf("%+v", x)
		}
	}
	if bytes.Contains(doc, []byte("null")) {
		t.Error("a list of the certificate is null")
	}
	if strings.Contains(string(doc), "Zoé") || strings.Contains(string(doc), "514555") {
		t.Error("a value stands in the certificate")
	}
}

func TestNothingIsProvedBeforeItIsMoved(t *testing.T) {
	w := movetest.New(t, dbtest.SQLite(t))
	if _, err := w.Question().Prove(t.Context()); !fault.Is(err, fault.Unknown) {
		t.Error(err)
	}
}
