package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/store"
)

// moments: a history of a time holds the versions that were current in it, in both orders, page by page; what it must hold
// is worked out here from the instants of all versions.
func moments(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	for i := range 12 {
		t.put(`{"resourceType":"Patient","id":"%s","multipleBirthInteger":%d}`, []string{"a", "b", "c"}[i%3], i)
		if i == 7 {
			if _, err := t.desk.Delete(t.ctx, "Patient", "a"); err != nil {
				t.Fatal(err)
			}
		}
	}
	all, err := t.desk.History(t.ctx, store.HistoryQuery{Type: "Patient", Count: 100})
	if err != nil || len(all.Entries) != 13 {
		t.Fatalf("%d versions, %v", len(all.Entries), err)
	}
	for _, id := range []string{"", "a", "b"} {
		for from := range all.Entries {
			for until := range from + 1 {
				t.moment(id, all.Entries, all.Entries[from].Updated, all.Entries[until].Updated)
			}
		}
		t.moment(id, all.Entries, all.Entries[12].Updated.Add(-time.Hour), all.Entries[12].Updated.Add(-time.Minute))
		t.moment(id, all.Entries, all.Entries[0].Updated.Add(time.Hour), all.Entries[0].Updated.Add(time.Hour))
	}
}

func (t *story) moment(id string, all []store.Version, from, until time.Time) {
	t.Helper()
	var want []string
	for i, v := range all { // the newest first
		if id != "" && v.ID != id || v.Updated.After(until) {
			continue
		}
		after := slices.IndexFunc(all[:i], func(w store.Version) bool { return w.ID == v.ID && w.Number == v.Number+1 })
		if after < 0 || all[after].Updated.After(from) {
			want = append(want, fmt.Sprintf("%s%d", v.ID, v.Number))
		}
	}
	for _, count := range []int{2, 100} {
		q := store.HistoryQuery{Type: "Patient", ID: id, From: from, Until: until, Count: count}
		if got := t.versions(q); got != strings.Join(want, " ") {
			t.Errorf("%s from %v until %v: %s, want %s", id, from, until, got, want)
		}
		q.Ascending = true
		up := slices.Clone(want)
		slices.Reverse(up)
		if got := t.versions(q); got != strings.Join(up, " ") {
			t.Errorf("%s up, from %v until %v: %s, want %s", id, from, until, got, up)
		}
	}
}
