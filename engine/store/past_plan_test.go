package store

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestPastVersionsAreLookedUpByTheirResource wants a plan that names the rid for each version, in tables that nobody has counted yet.
func TestPastVersionsAreLookedUpByTheirResource(t *testing.T) {
	d := dbtest.Postgres(t)
	if err := Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	var plan []string
	err := d.Query(t.Context(), db.Same("EXPLAIN (COSTS OFF) "+pastSQL.Postgres), []any{[]int32{1}, []int16{1}, []string{"a"}, []int32{1}}, func(r db.Row) error {
		plan = append(plan, r.Text(0))
		return nil
	})
	text := strings.Join(plan, "\n")
	_, history, _ := strings.Cut(text, "resource_history")
	if _, cond, _ := strings.Cut(history, "Index Cond: "); err != nil || !strings.Contains(strings.SplitN(cond, "\n", 2)[0], "rid = ") {
		t.Errorf("%v\n%s", err, text)
	}
}
