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
	"github.com/ficushealth/ficus/fhir"
)

// TestManyContainedResourcesAreAskedInPortions: one statement takes a thousand along.
func TestManyContainedResourcesAreAskedInPortions(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
		for i, n := range []int{700, 700, 1500, 1} {
			put(t, desk, crate(fmt.Sprint("c", i), n))
		}
		counts(t, desk, "Substance", "_contained=true&_containedType=contained", 2901)
		counts(t, desk, "Substance", "_contained=true&code=k0", 4)
		counts(t, desk, "Substance", "_contained=true&code=k1499", 1)
		counts(t, desk, "List", "item:Substance.code=k600", 3)
	})
}

// crate is a list that contains n substances.
func crate(id string, n int) string {
	var held, items []string
	for i := range n {
		held = append(held, fmt.Sprintf(`{"resourceType":"Substance","id":"s%d","code":{"coding":[{"code":"k%d"}]}}`, i, i))
		items = append(items, fmt.Sprintf(`{"item":{"reference":"#s%d"}}`, i))
	}
	return fmt.Sprintf(`{"resourceType":"List","id":"%s","status":"current","mode":"working","contained":[%s],"entry":[%s]}`, id, strings.Join(held, ","), strings.Join(items, ","))
}

func fhirOf(t *testing.T, raw string) fhir.Resource {
	r, err := fhir.Parse([]byte(raw), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func put(t *testing.T, d *store.Desk, raw string) {
	t.Helper()
	if _, err := d.Update(t.Context(), fhirOf(t, raw)); err != nil {
		t.Fatal(err)
	}
}

func counts(t *testing.T, d *store.Desk, typ, query string, want int64) {
	t.Helper()
	page, err := storetest.Page(t.Context(), d, typ, query+"&_summary=count", "")
	if err != nil || page.Total != want {
		t.Errorf("%s?%s: %d, want %d (%v)", typ, query, page.Total, want, err)
	}
}
