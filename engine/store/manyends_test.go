package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
)

// TestOrderByManyReferences: matches that together lead to more resources than are kept are put in order a part at a time.
func TestOrderByManyReferences(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		const patients, lists = 300, 70
		desk := openOn(t, d, store.Options{}).As(everything(t))
		for i := range patients {
			put(t, desk, fmt.Sprintf(`{"resourceType":"Patient","id":"p%03d","gender":"%s"}`, i, []string{"female", "male"}[min(i, 1)]))
		}
		var with, without []string
		for i := range lists {
			id, first := fmt.Sprintf("l%02d", i), i%2
			var entries []string
			for p := first; p < patients; p++ {
				entries = append(entries, fmt.Sprintf(`{"item":{"reference":"Patient/p%03d"}}`, p))
			}
			put(t, desk, fmt.Sprintf(`{"resourceType":"List","id":"%s","status":"current","mode":"working","entry":[%s]}`, id, strings.Join(entries, ",")))
			if first == 0 {
				with = append(with, id)
			} else {
				without = append(without, id)
			}
		}
		sameOrder(t, "gender", pagesOf(t, desk, "List", "_sort=item:Patient.gender&_count=50", 2, func() {}), append(with, without...))
	})
}
