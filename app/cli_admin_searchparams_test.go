package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/suites"
)

// TestSearchParametersAreListedBesideAServer asks how far the index is while the server that makes it holds the database.
func TestSearchParametersAreListedBesideAServer(t *testing.T) {
	url := dbtest.SQLiteURL(t)
	_, stop := started(t, url)
	defer stop()
	key := filepath.Join(filepath.Dir(strings.TrimPrefix(url, "sqlite:")), "key")
	if code, out, about := ficus(t, "admin", "searchparams", "--db", url, "--key-file", key); code != exitDone || !strings.HasPrefix(out, "CODE") {
		t.Error(code, out, about)
	}
}

// TestSearchParametersOfUSCore adds the package to a database that has patients already, and searches them by race.
func TestSearchParametersOfUSCore(t *testing.T) {
	for name, open := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLiteURL, "postgres": dbtest.PostgresURL} {
		t.Run(name, func(t *testing.T) { searchByRace(t, open(t)) })
	}
}

const raced = `{"resourceType":"Patient","id":"%s","extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
	"extension":[{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"%s"}},{"url":"text","valueString":"x"}]}]}`

func searchByRace(t *testing.T, url string) {
	d := Place{Database: Database{DB: url, KeyFile: filepath.Join(t.TempDir(), "key")}}
	admin := func(args ...string) string {
		code, out, about := ficus(t, append(append([]string{"admin"}, args...), "--db", d.DB, "--key-file", d.KeyFile)...)
		if code != exitDone {
			t.Fatal(args, code, out, about)
		}
		return out
	}
	with := func(do func(*Tenancy)) {
		if err := administer(t.Context(), d, func(a *Tenancy) error { do(a); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	put := func(a *Tenancy, id, code string) {
		r, err := fhir.Parse(fmt.Appendf(nil, raced, id, code), fhir.Limits{})
		if err == nil {
			_, err = a.Store.As(a.operator()).Update(context.Background(), r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	with(func(a *Tenancy) { put(a, "before", "2106-3") })
	admin("package", "add", suites.Path(t, "us-core", "us_core_610.tgz"))
	// Of the next version one definition has another expression; the others say the same.
	out := admin("package", "add", suites.Path(t, "us-core", "us_core_700.tgz"))
	if !strings.Contains(out, "208 definitions stored") || !strings.Contains(out, "search parameters are being indexed") {
		t.Error(out)
	}
	with(func(a *Tenancy) { put(a, "after", "2106-3"); put(a, "other", "2054-5") })
	if out := admin("searchparams"); !strings.Contains(out, "race ") || !strings.Contains(out, "building") {
		t.Error(out)
	}
	out = admin("searchparams", "--run")
	if strings.Contains(out, "building") || strings.Count(out, "whole") < 7 {
		t.Error(out)
	}
	token := strings.TrimSpace(admin("token", "--name", "x", "--scope", "system/*.cruds"))
	a, err := openAt(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) string {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Body.String()
	}
	found := get("/fhir/Patient?race=2106-3&_elements=id")
	if strings.Count(found, `"fullUrl"`) != 2 || !strings.Contains(found, "Patient/before") || !strings.Contains(found, "Patient/after") || strings.Contains(found, "outcome") {
		t.Error(found)
	}
	if about := get("/fhir/metadata"); !strings.Contains(about, `"definition":"http://hl7.org/fhir/us/core/SearchParameter/us-core-race"`) {
		t.Error("race is not in the CapabilityStatement")
	}
	put(a, "one-more", "2106-3")
	r, err := fhir.Parse([]byte(`{"resourceType":"SearchParameter","id":"mine","url":"http://x.test/mine","name":"Mine","status":"active","description":"x","code":"mine","type":"token","base":["Patient"],"expression":"Patient.id"}`), fhir.Limits{})
	if err == nil {
		_, err = a.Store.As(a.operator()).Update(t.Context(), r)
	}
	if err != nil {
		t.Fatal(err)
	}
	if part := get("/fhir/Patient?mine=before"); !strings.Contains(part, `"mode":"outcome"`) || !strings.Contains(part, "search parameter mine is being indexed") {
		t.Error(part)
	}
	if about := get("/fhir/metadata"); !strings.Contains(about, "Matches may be missing") {
		t.Error("the CapabilityStatement does not tell that mine is being indexed")
	}
}
