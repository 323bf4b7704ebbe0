package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
)

// TestOrderOfSeveralTypes: the orders of two types by what both have are merged, page by page.
func TestOrderOfSeveralTypes(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{}).As(everything(t))
		for i := range 5 {
			put(t, desk, fmt.Sprintf(`{"resourceType":"Patient","id":"p%d"}`, i))
		}
		type one struct{ id, patient, code string }
		var all []one
		for i := range 60 {
			x := one{id: fmt.Sprintf("x%02d", i), patient: fmt.Sprintf("p%d", i*7%5), code: fmt.Sprintf("c%d", i*11%4)}
			all = append(all, x)
			typ := [][2]string{{"Observation", `,"status":"final"`}, {"Condition", ""}}[i*i%3%2]
			put(t, desk, fmt.Sprintf(`{"resourceType":"%s","id":"%s","subject":{"reference":"Patient/%s"},"code":{"coding":[{"code":"%s"}]}%s}`, typ[0], x.id, x.patient, x.code, typ[1]))
		}
		for sort, compare := range map[string]func(a, b one) int{
			"patient":  func(a, b one) int { return strings.Compare(a.patient, b.patient) },
			"-patient": func(a, b one) int { return strings.Compare(b.patient, a.patient) },
			"-code":    func(a, b one) int { return strings.Compare(b.code, a.code) },
			"patient,-code": func(a, b one) int {
				return cmp.Or(strings.Compare(a.patient, b.patient), strings.Compare(b.code, a.code))
			},
		} {
			want := slices.Clone(all)
			slices.SortStableFunc(want, compare)
			for _, count := range []int{7, 100} {
				var got, ids []string
				for _, x := range want {
					ids = append(ids, x.id)
				}
				for cursor, more := "", true; more; more = cursor != "" {
					page, err := storetest.Page(t.Context(), desk, "", fmt.Sprintf("_type=Observation,Condition&_count=%d&_sort=%s", count, sort), cursor)
					if err != nil {
						t.Fatal(sort, err)
					}
					for _, v := range page.Entries {
						got = append(got, v.ID)
					}
					cursor = page.Next
				}
				sameOrder(t, sort, got, ids)
			}
		}
	})
}

// TestWordsOfSeveralTypesWithoutTime: a page ends early, and the next goes on in the same type or the next.
func TestWordsOfSeveralTypesWithoutTime(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{Now: inTwoHours}).As(access.Inside(1, "test"))
		all := fill(t, desk, 2000)
		put(t, desk, `{"resourceType":"Patient","id":"z","name":[{"text":"odd"}]}`)
		ctx, cancel := contextOfAnHour(t)
		defer cancel()
		var got, want []string
		pages, cursor := 0, ""
		for ; cursor != "" || pages == 0; pages++ {
			page, err := storetest.Page(ctx, desk, "", "_type=Observation,Patient&_content=odd&_count=1000", cursor)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range page.Entries {
				got = append(got, v.ID)
			}
			cursor = page.Next
		}
		for _, m := range all {
			if m.word == "odd" {
				want = append(want, m.id)
			}
		}
		if sameOrder(t, "words", got, append(want, "z")); pages < 5 {
			t.Errorf("%d pages", pages)
		}
	})
}
