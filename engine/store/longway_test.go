package store_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
)

// TestOrderByAWayThatMeetsItself: references that lead to the same few resources by millions of ways cost no more than the resources.
func TestOrderByAWayThatMeetsItself(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{DanglingReferences: true}).As(everything(t))
		const lists = 9
		var entries []string
		for i := range lists {
			entries = append(entries, fmt.Sprintf(`{"item":{"reference":"List/l%d"}}`, i))
		}
		for i := range lists {
			put(t, desk, fmt.Sprintf(`{"resourceType":"List","id":"l%d","status":"current","mode":"working","title":"t%d","code":{"coding":[{"code":"c%d"}]},"entry":[%s]}`,
				i, i, i, strings.Join(entries, ",")))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := pagesOf(t, desk, "List", "title=t3&_sort="+strings.Repeat("item:List.", 6)+"code", 2, func() {}) // 9^6 ways
		runtime.ReadMemStats(&after)
		sameOrder(t, "code", got, []string{"l3"})
		if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 20 {
			t.Errorf("%d MiB for %d resources", n, lists)
		}
	})
}
