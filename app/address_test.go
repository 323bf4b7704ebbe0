package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/packs/opal/synth"
)

const publicBase = "https://ficus.example.org/fhir"

// TestEveryCommandOnResourcesKnowsTheAddress: only those that neither write nor compare resources need not be told where the server is.
func TestEveryCommandOnResourcesKnowsTheAddress(t *testing.T) {
	for path, flags := range onDatabases(t) {
		unconcerned := strings.HasPrefix(path, "admin") && !strings.HasPrefix(path, "admin index ") && !strings.HasPrefix(path, "admin package ") && path != "admin codes" &&
			path != "admin searchparams" || strings.HasPrefix(path, "audit ") || path == "backup" || path == "admin index status" || path == "admin package list"
		for _, flag := range []string{"base-url", "listen", "tls-cert"} {
			if flags[flag] == unconcerned {
				t.Errorf("%s: --%s is there: %v", path, flag, flags[flag])
			}
		}
	}
}

// TestOwnAddressesAreKnown: what a command writes, with references that spell the server's address, the index of the server has the
// same rows for.
func TestOwnAddressesAreKnown(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		m := newMigration(t, url, synthetic(t, synth.Options{Patients: 2, Results: 1, Appointments: 1}))
		path := filepath.Join(m.dir, "b.ndjson")
		text := `{"resourceType":"Organization","id":"o","name":"x"}` + "\n" + `{"resourceType":"Patient","id":"p","managingOrganization":{"reference":"` + publicBase + `/Organization/o"}}` + "\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		all := func(code int, args ...string) {
			t.Helper()
			if got, out, about := ficus(t, append(args, "--db", url, "--key-file", m.key)...); got != code {
				t.Errorf("%v: %d %s%s", args, got, out, about)
			}
		}
		m.done(append(m.on("run"), "--base-url", publicBase)...)
		all(exitDone, "load", path, "--base-url", publicBase+"/")
		all(exitDone, "admin", "index", "check", "--base-url", publicBase)
		all(exitFailed, "admin", "index", "check")
		if code, out, about := m.run(append(m.on("verify"), "--base-url", publicBase)...); code != exitDone {
			t.Error(code, out, about)
		}
		if code, _, _ := m.run(m.on("verify")...); code != exitFailed {
			t.Error("another address gives other rows, and verify finds none")
		}
		writeParam(t, site{Place{Database: Database{DB: url, KeyFile: m.key}}, Address{BaseURL: publicBase}})
		all(exitDone, "admin", "searchparams", "--run", "--base-url", publicBase)
		all(exitDone, "admin", "index", "check", "--base-url", publicBase)
	})
}

// writeParam defines a search parameter by references.
func writeParam(t *testing.T, at site) {
	t.Helper()
	err := administer(t.Context(), at, func(a *Tenancy) error {
		r, err := fhir.Parse([]byte(`{"resourceType":"SearchParameter","id":"m","url":"http://x.test/m","name":"M","status":"active","description":"x","code":"managed","type":"reference",
			"base":["Patient"],"target":["Organization"],"expression":"Patient.managingOrganization"}`), fhir.Limits{})
		if err == nil {
			_, err = a.Store.As(a.operator()).Update(context.Background(), r)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
