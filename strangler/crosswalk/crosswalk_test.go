package crosswalk

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

func both(t *testing.T, story func(t *testing.T, d *db.DB)) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if err := Migrate(context.Background(), d); err != nil {
			t.Fatal(err)
		}
		story(t, d)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestNamesKeepTheirNumbers(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		first, err := LoadNames(ctx, d, 1)
		must(t, err)
		must(t, first.Know(ctx, d, "Patient", "Observation", "Patient"))
		second, err := LoadNames(ctx, d, 1)
		must(t, err)
		must(t, second.Know(ctx, d, "Observation", "Appointment"))
		must(t, first.Know(ctx, d, "Appointment"))
		for _, name := range []string{"Patient", "Observation", "Appointment"} {
			if first.ID(name) == 0 || first.ID(name) != second.ID(name) || second.Name(first.ID(name)) != name {
				t.Errorf("%s: %d and %d", name, first.ID(name), second.ID(name))
			}
		}
		other, err := LoadNames(ctx, d, 2)
		must(t, err)
		if other.ID("Patient") != 0 || other.Name(1) != "" {
			t.Error("a tenant sees another's names")
		}
	})
}

func links(t *testing.T, d *db.DB, tenant, table int32, after, upto []byte) (all []Link) {
	t.Helper()
	must(t, d.Read(context.Background(), func(tx db.Tx) error {
		return Range(context.Background(), tx, tenant, table, after, upto, func(l Link) error {
			all = append(all, l)
			return nil
		})
	}))
	return all
}

func TestLinksArePutAndFound(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		a := Link{Table: 1, Key: []byte{1}, Slot: 0, Type: 7, ID: uuid.NewString(), Version: 1, State: Live}
		b := Link{Table: 1, Key: []byte{1}, Slot: 1, Type: 8, ID: "not-a-uuid", Version: 1, State: Live}
		c := Link{Table: 1, Key: []byte{2}, Slot: 0, Type: 7, ID: "ABCDEF01-2345-6789-ABCD-EF0123456789", Version: 3, State: Deleted}
		must(t, d.Write(ctx, func(tx db.Tx) error { return Put(ctx, tx, 1, []Link{a, b, c}) }))
		if diff := cmp.Diff([]Link{a, b, c}, links(t, d, 1, 1, nil, nil)); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff([]Link{c}, links(t, d, 1, 1, []byte{1}, []byte{9})); diff != "" {
			t.Fatal(diff)
		}
		if got := links(t, d, 2, 1, nil, nil); got != nil {
			t.Fatalf("another tenant's links: %v", got)
		}
		a.Version, b.State = 2, Stale
		must(t, d.Write(ctx, func(tx db.Tx) error { return Put(ctx, tx, 1, []Link{a, b}) }))
		if diff := cmp.Diff([]Link{a, b, c}, links(t, d, 1, 1, nil, nil)); diff != "" {
			t.Fatal(diff)
		}
		stale, err := StaleOnes(ctx, d, 1, 1, Link{}, 9)
		if diff := cmp.Diff([]Link{b}, stale); diff != "" || err != nil {
			t.Fatal(diff, err)
		}
		if stale, err = StaleOnes(ctx, d, 1, 1, b, 9); stale != nil || err != nil {
			t.Fatal(stale, err)
		}
	})
}

// TestStaleOnesArePagedWithinARow takes pages that end between the slots of one row.
func TestStaleOnesArePagedWithinARow(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var all, got []Link
		for i := range byte(10) {
			for slot := range int32(3) {
				all = append(all, Link{Table: 1, Key: []byte{1, i}, Slot: slot, Type: 7, ID: fmt.Sprint("id-", i, slot), Version: 1, State: Stale})
			}
		}
		must(t, d.Write(ctx, func(tx db.Tx) error { return Put(ctx, tx, 1, all) }))
		for page := []Link{{}}; len(page) > 0; got = append(got, page...) {
			var err error
			page, err = StaleOnes(ctx, d, 1, 1, page[len(page)-1], 4)
			must(t, err)
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLookingBackAndForth(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		var all []Link
		for i := range byte(5) {
			all = append(all, Link{Table: 1, Key: []byte{i + 1}, Type: 7, ID: fmt.Sprint("id-", i), Version: 1, State: Live})
		}
		must(t, d.Write(ctx, func(tx db.Tx) error { return Put(ctx, tx, 1, all) }))
		must(t, d.Read(ctx, func(tx db.Tx) error {
			behind, err := Behind(ctx, tx, 1, 7, "id-3")
			if diff := cmp.Diff(all[3:4], behind); diff != "" || err != nil {
				t.Error(diff, err)
			}
			behind, err = Behind(ctx, tx, 1, 8, "id-3")
			if behind != nil || err != nil {
				t.Error("a link of another type", behind, err)
			}
			found := map[int]Link{}
			err = Of(ctx, tx, 1, 1, [][]byte{{4}, {9}, {2}}, func(i int, l Link) error {
				found[i] = l
				return nil
			})
			if diff := cmp.Diff(map[int]Link{0: all[3], 2: all[1]}, found); diff != "" || err != nil {
				t.Error(diff, err)
			}
			found = map[int]Link{}
			err = OfTargets(ctx, tx, 1, []Target{{7, "id-4"}, {8, "id-4"}, {7, "id-0"}}, func(i int, l Link) error {
				found[i] = l
				return nil
			})
			if diff := cmp.Diff(map[int]Link{0: all[4], 2: all[0]}, found); diff != "" || err != nil {
				t.Error(diff, err)
			}
			return nil
		}))
	})
}
