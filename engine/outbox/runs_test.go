package outbox

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestNumberingContinuesTheLastRun(t *testing.T) {
	for name, c := range map[string]struct {
		last    run
		changes []int64
		longer  int64
		added   []run
	}{
		"nothing":           {run{1, 1, 3}, nil, 0, nil},
		"the first":         {run{first: 1}, []int64{5, 6}, 0, []run{{1, 5, 2}}},
		"longer":            {run{1, 5, 2}, []int64{7, 8}, 2, nil},
		"longer and a gap":  {run{1, 5, 2}, []int64{7, 9}, 1, []run{{4, 9, 1}}},
		"late before it":    {run{1, 5, 2}, []int64{3, 7}, 0, []run{{3, 3, 1}, {4, 7, 1}}},
		"a gap":             {run{1, 5, 2}, []int64{8}, 0, []run{{3, 8, 1}}},
		"beginning at zero": {run{first: 1}, []int64{1}, 0, []run{{1, 1, 1}}},
	} {
		longer, added := number(c.last, c.changes)
		if longer != c.longer || !cmp.Equal(added, c.added, cmpopts.EquateEmpty(), cmp.AllowUnexported(run{})) {
			t.Errorf("%s: %d, %v; want %d, %v", name, longer, added, c.longer, c.added)
		}
	}
}

// TestHolesAndRunsShareTheNumbers checks holes against a set of numbers kept one by one.
func TestHolesAndRunsShareTheNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		changes := rapid.SliceOfNDistinct(rapid.Int64Range(1, 60), 0, 40, rapid.ID).Draw(t, "changes")
		slices.Sort(changes)
		floor := rapid.Int64Range(0, 60).Draw(t, "floor")
		_, runs := number(run{first: 1}, changes)
		spans, top := holes(floor, runs)

		in := map[int64]bool{}
		for _, c := range changes {
			in[c] = true
		}
		missing := map[int64]bool{}
		for _, s := range spans {
			for c := s.low; c <= s.high; c++ {
				missing[c] = true
			}
		}
		for c := int64(1); c <= 60; c++ {
			if want := c > floor && c <= top && !in[c]; missing[c] != want {
				t.Fatalf("change %d: in a hole %v, want %v (floor %d, runs %v, spans %v, top %d)", c, missing[c], want, floor, runs, spans, top)
			}
			if c > top && in[c] {
				t.Fatalf("change %d lies above the top %d", c, top)
			}
		}
	})
}

// TestRunsAreDense numbers random changes in random portions, and checks that every change has one number and that the
// numbers have no gap.
func TestRunsAreDense(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		changes := rapid.SliceOfNDistinct(rapid.Int64Range(1, 100), 1, 60, rapid.ID).Draw(t, "changes")
		runs, last := []run{}, run{first: 1}
		for len(changes) > 0 {
			n := rapid.IntRange(1, len(changes)).Draw(t, "portion")
			portion := slices.Sorted(slices.Values(changes[:n]))
			changes = changes[n:]
			longer, added := number(last, portion)
			if longer > 0 {
				runs[len(runs)-1].count += longer
			}
			runs = append(runs, added...)
			last = runs[len(runs)-1]
		}
		next := int64(1)
		seen := map[int64]bool{}
		for _, r := range runs {
			if r.first != next {
				t.Fatalf("run %v does not begin at %d", r, next)
			}
			next = r.next()
			for c := r.change; c <= r.end(); c++ {
				if seen[c] {
					t.Fatalf("change %d is numbered twice", c)
				}
				seen[c] = true
			}
		}
	})
}
