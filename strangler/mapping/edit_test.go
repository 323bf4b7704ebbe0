package mapping

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
)

// edit replaces a piece of a resource that must be in it.
func edit(t testing.TB, r fhir.Resource, old, new string) fhir.Resource {
	t.Helper()
	body := string(r.Raw())
	if !strings.Contains(body, old) {
		t.Fatalf("%s does not hold %s", body, old)
	}
	changed, err := fhir.Parse([]byte(strings.Replace(body, old, new, 1)), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return changed
}
