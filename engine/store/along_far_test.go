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

// TestOrderByWhatIsReferredTo: several referred to, with several names, or none, page by page in both directions, with a further key.
func TestOrderByWhatIsReferredTo(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
		type one struct {
			id, status string
			names      []string
		}
		var entries []string
		names := make([][]string, 12)
		for i := range names {
			var list []string
			for n := range i % 4 {
				list = append(list, string(rune('a'+(i*5+n*3)%7)))
			}
			names[i] = list
			entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"Practitioner","id":"p%d","name":[{"text":"x"}%s]},"request":{"method":"PUT","url":"Practitioner/p%d"}}`,
				i, each(`,{"family":"%s"}`, list), i))
		}
		var all []one
		for i := range 200 {
			x := one{id: fmt.Sprintf("o%03d", i), status: []string{"final", "amended"}[i%2]}
			var who []string
			for n := range i % 3 {
				p := (i*7 + n*5) % len(names)
				who, x.names = append(who, fmt.Sprint("p", p)), append(x.names, names[p]...)
			}
			all = append(all, x)
			entries = append(entries, fmt.Sprintf(`{"resource":{"resourceType":"Observation","id":"%s","status":"%s","code":{"text":"x"},"performer":[{"display":"x"}%s]},"request":{"method":"PUT","url":"Observation/%s"}}`,
				x.id, x.status, each(`,{"reference":"Practitioner/%s"}`, who), x.id))
		}
		storetest.Post(t, desk, entries)
		for _, desc := range []bool{false, true} {
			for _, further := range []bool{false, true} {
				want := slices.Clone(all)
				slices.SortStableFunc(want, func(a, b one) int {
					c := strings.Compare(least(a.names, desc), least(b.names, desc))
					if desc {
						c = -c
					}
					if further {
						c = cmp.Or(c, strings.Compare(a.status, b.status))
					}
					return cmp.Or(c, strings.Compare(a.id, b.id))
				})
				var ids []string
				for _, x := range want {
					ids = append(ids, x.id)
				}
				sort := map[bool]string{true: "-"}[desc] + "performer:Practitioner.family" + map[bool]string{true: ",status"}[further]
				for _, count := range []int{7, 1000} {
					sameOrder(t, fmt.Sprint(sort, " ", count), pagesOf(t, desk, "Observation", fmt.Sprintf("_count=%d&_sort=%s", count, sort), 100, func() {}), ids)
				}
			}
		}
	})
}
