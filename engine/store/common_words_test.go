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

// TestAWordThatManyHaveOpensLittle: all bodies but the first hundred cannot be opened, because they have the number of another version.
func TestAWordThatManyHaveOpensLittle(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		desk := openOn(t, d, store.Options{}).As(access.Inside(1, "test"))
		var ids []string
		for _, m := range fill(t, desk, 1000)[:100] {
			ids = append(ids, m.id)
		}
		exec(t, d, fmt.Sprintf(`UPDATE resource SET version = version + 1 WHERE id NOT IN ('%s')`, strings.Join(ids, "','")))
		page, err := storetest.Page(t.Context(), desk, "Observation", "_content=one", "")
		if err != nil {
			t.Fatal(err)
		}
		sameOrder(t, "_content", idsOf(page), ids[:20])
	})
}
