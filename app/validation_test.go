package app

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

func TestAWriteMeetsTheProfileThatItClaims(t *testing.T) {
	for _, url := range []func(testing.TB) string{dbtest.SQLiteURL, dbtest.PostgresURL} {
		for mode, want := range map[string]fault.Kind{"base": fault.Internal, "profiles": fault.Unprocessable} {
			c := Config{Database: Database{DB: url(t), KeyFile: filepath.Join(t.TempDir(), "key"), Validate: mode}}
			a, err := Open(t.Context(), c, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			write := func(text string) error {
				r, err := fhir.Parse([]byte(text), fhir.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				_, err = a.Store.As(everything()).Update(t.Context(), r)
				return err
			}
			if err := write(`{"resourceType":"StructureDefinition","id":"p","url":"http://p","name":"P","status":"active","kind":"resource","abstract":false,"type":"Patient",
			"baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[{"id":"Patient.birthDate","path":"Patient.birthDate","min":1}]}}`); err != nil {
				t.Fatal(err)
			}
			if err := write(`{"resourceType":"Patient","id":"good","meta":{"profile":["http://p"]},"birthDate":"2020"}`); err != nil {
				t.Error(mode, err)
			}
			err = write(`{"resourceType":"Patient","id":"bad","meta":{"profile":["http://p"]}}`)
			if (err != nil) != (mode == "profiles") || err != nil && (fault.Of(err) != want || !strings.Contains(fault.Find(err).Issues[0].Expression, "Patient.birthDate")) {
				t.Error(mode, err)
			}
			a.Close()
		}
	}
}
