package store_test

import (
	"fmt"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
	"github.com/ficushealth/ficus/fhir/search"
)

// TestWhatIsNearIsNotLookedForFarAway: where nearly all of what is two steps away matches, the first few are asked by themselves. Where
// these do not match, the page is found all the same.
func TestWhatIsNearIsNotLookedForFarAway(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		desk := s.As(access.Inside(1, "test"))
		const patients, each = 120, 20
		var entries, all, men []string
		entry := func(typ, id, rest string) {
			entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"%s","id":"%s",%s},"request":{"method":"PUT","url":"%s/%s"}}`, typ, id, rest, typ, id))
		}
		for i := range patients {
			id, gender, targets := fmt.Sprintf("p%03d", i), "female", ""
			if i >= 90 {
				gender, men = "male", append(men, id)
			}
			all = append(all, id)
			entry("Patient", id, `"gender":"`+gender+`"`)
			for n := range each {
				entry("Observation", fmt.Sprintf("o%s-%d", id, n), fmt.Sprintf(`"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/%s"}`, id))
				targets += fmt.Sprintf(`,{"reference":"Observation/o%s-%d"}`, id, n)
			}
			entry("Provenance", "v"+id, fmt.Sprintf(`"target":[%s],"recorded":"2020-01-01T00:00:00Z","agent":[{"who":{"display":"x"}}]`, targets[1:]))
		}
		storetest.Post(t, desk, entries)
		const near = "_has:Observation:patient:_has:Provenance:target:recorded=ge2020-01-01"
		for query, want := range map[string]struct {
			full bool
			ids  []string
		}{near: {true, all}, near + "&gender=male": {false, men}, near + "&_sort=-_id,gender": {false, nil}} {
			pairs, err := search.ParseQueryString(query)
			if err != nil {
				t.Fatal(err)
			}
			q, _, err := search.Parse("Patient", pairs, search.Strict)
			if err != nil {
				t.Fatal(err)
			}
			if full, err := s.Glances(t.Context(), 1, q); err != nil || full != want.full {
				t.Error(query, full, err)
			}
			if got := pagesOf(t, desk, "Patient", query, 100, func() {}); want.ids != nil {
				sameOrder(t, query, got, want.ids)
			} else if len(got) != len(all) || got[0] != all[len(all)-1] {
				t.Error(query, got)
			}
		}
	})
}
