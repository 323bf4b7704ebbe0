package store

import (
	"strings"
	"testing"
)

// TestPastVersionsAreLookedUpByTheirResource wants a plan that names the rid for each version, in tables that nobody has counted yet.
func TestPastVersionsAreLookedUpByTheirResource(t *testing.T) {
	text := planOf(t, planned(t), pastSQL.Postgres, []int32{1}, []int16{1}, []string{"a"}, []int32{1})
	_, history, _ := strings.Cut(text, "resource_history")
	if _, cond, _ := strings.Cut(history, "Index Cond: "); !strings.Contains(strings.SplitN(cond, "\n", 2)[0], "rid = ") {
		t.Error(text)
	}
}
