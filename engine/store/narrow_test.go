package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
)

// TestNarrowReferences: patient of an Observation has no rows but those of subject, which also points to groups and devices.
func TestNarrowReferences(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
		put(t, desk, `{"resourceType":"Patient","id":"x","name":[{"family":"Oak"}]}`)
		put(t, desk, `{"resourceType":"Patient","id":"b","name":[{"family":"Elm"}]}`)
		put(t, desk, `{"resourceType":"Group","id":"x","type":"person","actual":true,"code":{"text":"oaks"}}`)
		put(t, desk, `{"resourceType":"Device","id":"a"}`)
		for i, to := range []string{"Patient/x", "Group/x", "Device/a", "Patient/b", "http://other.example/fhir/Patient/1", "http://other.example/fhir/Group/1"} {
			put(t, desk, fmt.Sprintf(`{"resourceType":"Observation","id":"o%d","status":"final","code":{"text":"x"},"subject":{"reference":"%s"}}`, i, to))
		}
		put(t, desk, `{"resourceType":"Observation","id":"o6","status":"final","code":{"text":"x"}}`)
		for asked, want := range map[string]int64{
			"patient=Patient/x": 1, "patient=x": 1, "patient:Patient=x": 1, "subject=x": 2, "subject=Group/x": 1,
			"patient=http://other.example/fhir/Patient/1": 1, "patient=http://other.example/fhir/Group/1": 0, "subject=http://other.example/fhir/Group/1": 1,
			"patient:missing=false": 3, "patient:missing=true": 4, "subject:missing=true": 1, "patient.family=oak": 1, "patient:Patient.family=oak": 1,
			"subject:Group.code:text=oaks": 1,
		} {
			counts(t, desk, "Observation", asked, want)
		}
		counts(t, desk, "Group", "_has:Observation:subject:status=final", 1)
		counts(t, desk, "Patient", "_has:Observation:patient:status=final", 2)
		for asked, want := range map[string]string{
			"Observation?_sort=patient":                          "o3 o0 o1 o2 o4 o5 o6",
			"Observation?_sort=-patient":                         "o0 o3 o1 o2 o4 o5 o6",
			"Observation?_sort=patient&status=final&_count=3":    "o3 o0 o1",
			"Observation?_sort=patient.family":                   "o3 o0 o1 o2 o4 o5 o6",
			"Group?_revinclude=Observation:subject":              "x o1",
			"Patient?_id=x&_revinclude=Observation:patient":      "x o0",
			"Observation?_id=o0,o1&_include=Observation:patient": "o0 o1 x",
			"Observation?_id=o0,o1&_include=Observation:subject": "o0 o1 x x",
		} {
			typ, query, _ := strings.Cut(asked, "?")
			if got := found(t, desk, typ, query); got != want {
				t.Errorf("%s: %s, want %s", asked, got, want)
			}
		}
	})
}

// found are the ids on the first page, with what is included.
func found(t *testing.T, d *store.Desk, typ, query string) string {
	t.Helper()
	page, err := storetest.Page(t.Context(), d, typ, query, "")
	if err != nil {
		t.Error(typ, query, err)
	}
	var ids []string
	for _, v := range page.Entries {
		ids = append(ids, v.ID)
	}
	for _, v := range page.Included {
		ids = append(ids, v.ID)
	}
	return strings.Join(ids, " ")
}
