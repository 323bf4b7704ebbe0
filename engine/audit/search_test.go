package audit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// crowd makes entries by few people about few patients over some days, so that every filter takes some.
func crowd(r *rand.Rand, n int) (entries []Entry) {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	for i := range n {
		id := fmt.Sprint(r.IntN(6))
		e := Entry{Tenant: 1, At: noon.Add(time.Duration(r.IntN(96)) * time.Hour), Action: pick("read", "search", "update", "signin"), Outcome: pick(Success, Success, Success, Refused, Failed),
			Subject: "user/" + pick("a", "b", "c"), Client: pick("x", "y"), RequestID: fmt.Sprint(i), Things: []Thing{{Type: pick("Patient", "Observation"), ID: id}}}
		if e.Things[0].Type == "Patient" {
			e.Patients = []string{id}
		}
		entries = append(entries, e)
	}
	return entries
}

// filters asks for everything that can be asked for, alone and together.
var filters = map[string]Filter{
	"all": {}, "user": {Subject: "user/b"}, "client": {Client: "y"}, "action": {Action: "update"}, "class": {Class: "U"}, "reads": {Class: "R"},
	"refused": {Outcome: Refused}, "success": {Outcome: Success}, "unlucky": {Unlucky: true}, "category": {Category: SignIn}, "type": {Type: "Observation"},
	"thing": {Type: "Observation", ID: "3"}, "patient": {Patient: "2"}, "id": {ID: "4"}, "from": {From: noon.Add(50 * time.Hour)}, "to": {To: noon.Add(30 * time.Hour)},
	"day": {From: noon.Add(24 * time.Hour), To: noon.Add(47 * time.Hour)}, "never": {From: noon.Add(2000 * time.Hour)}, "nobody": {Subject: "user/z"},
	"one of two users": {Also: [][]Filter{{{Subject: "user/a"}, {Subject: "user/c"}}}}, "two things": {Also: [][]Filter{{{Type: "Observation"}}, {{ID: "3"}, {Patient: "1"}}}},
	"one that all have": {Also: [][]Filter{{{Class: "R"}, {Subject: "user/a"}}}}, "another's": {Subject: "user/a", Also: [][]Filter{{{Subject: "user/b"}}}},
	"together": {Subject: "user/a", Patient: "1", From: noon.Add(10 * time.Hour), Client: "x"},
}

// pages asks page by page, and calls between after each.
func pages(t *testing.T, d *db.DB, f Filter, count int, between func()) (found []Found) {
	t.Helper()
	q := Question{Filter: f, Count: count}
	for {
		a, err := Search(t.Context(), d, testKeys, 1, q)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, a.Entries...)
		if q.Cursor = a.Next; q.Cursor == "" {
			return found
		}
		between()
	}
}

func entriesOf(found []Found) (list []Entry) {
	for _, f := range found {
		list = append(list, f.Entry)
	}
	return list
}

// TestSearchFindsWhatReadFinds compares searches with a plain loop: all of it sealed, some of it, and nothing of it in the index.
func TestSearchFindsWhatReadFinds(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		r := rand.New(rand.NewPCG(1, 2))
		for range 12 {
			mustChange(t, d, l, crowd(r, 7)...)
			mustChange(t, d, l, crowd(r, 2)...)
			mustSeal(t, s)
		}
		mustChange(t, d, l, readOf(2, "another tenant"))
		for range 5 {
			mustChange(t, d, l, crowd(r, 4)...)
		}
		compare := func(what string) {
			t.Helper()
			for name, f := range filters {
				want := collect(t, d, 1, f)
				slices.Reverse(want)
				got := pages(t, d, f, 1+len(want)/3, func() {})
				if diff := cmp.Diff(want, entriesOf(got)); diff != "" {
					t.Errorf("%s, %s: %s", what, name, diff)
				}
			}
		}
		compare("some waiting")
		mustExec(t, d, `DELETE FROM audit_post`, `DELETE FROM audit_run`, `DELETE FROM audit_day`)
		compare("without index")
		mustPost(t, s)
		compare("index made anew")
		if report := mustVerify(t, d, ""); !report.OK() {
			t.Errorf("%+v", report.Problems)
		}
	})
}

func mustExec(t *testing.T, d *db.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := d.Exec(t.Context(), db.Same(s)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPagesAreStable: while pages are turned, entries come and are sealed. Every entry of the beginning is there once.
func TestPagesAreStable(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		r := rand.New(rand.NewPCG(3, 4))
		for range 3 {
			mustChange(t, d, l, crowd(r, 9)...)
			mustSeal(t, s)
		}
		for range 4 {
			mustChange(t, d, l, crowd(r, 5)...)
		}
		for _, f := range []Filter{{}, {Subject: "user/a"}} {
			want := collect(t, d, 1, f)
			slices.Reverse(want)
			turn := 0
			got := pages(t, d, f, 2, func() {
				mustChange(t, d, l, crowd(r, 2)...)
				if turn++; turn%3 == 0 {
					mustSeal(t, s)
				}
			})
			if diff := cmp.Diff(want, entriesOf(got)); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// TestAnEntryKeepsItsID, before and after it is sealed.
func TestAnEntryKeepsItsID(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		for range 70 {
			mustChange(t, d, l, crowd(rand.New(rand.NewPCG(5, 6)), 3)...)
		}
		before := pages(t, d, Filter{}, 100, func() {})
		mustSeal(t, s)
		if diff := cmp.Diff(before, pages(t, d, Filter{}, 100, func() {})); diff != "" {
			t.Fatal(diff)
		}
		for _, i := range []int{0, 1, 100, 209} {
			if f, err := Get(t.Context(), d, testKeys, 1, before[i].ID); err != nil || !cmp.Equal(f, before[i]) {
				t.Error(err, f)
			}
			if _, err := Get(t.Context(), d, testKeys, 2, before[i].ID); !fault.Is(err, fault.Unknown) {
				t.Errorf("another tenant: %v", err)
			}
		}
		for _, id := range []string{"", "x", "00-1-1", before[0].ID + "0", before[0].ID + "-1"} {
			if _, err := Get(t.Context(), d, testKeys, 1, id); !fault.Is(err, fault.Unknown) {
				t.Errorf("%q: %v", id, err)
			}
		}
	})
}

func TestACursorThatIsNoneIsRefused(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		for _, c := range []string{"x", "1.2", "0.1.1", "1.-1.0", "w.1.x", "w.1.00112233445566778899aabbccddeeff-1-0", "1.99999999999999999999.0"} {
			if _, err := Search(t.Context(), d, testKeys, 1, Question{Cursor: c}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", c, err)
			}
		}
	})
}

// TestWorkForOnePageIsBounded: a search for what is not there ends early, with a cursor, and comes to its end all the same.
func TestWorkForOnePageIsBounded(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		mustChange(t, d, l, readOf(1, "needle"))
		for range 6 {
			mustChange(t, d, l, many(1, "hay", mostLooked/4)...)
			mustSeal(t, s)
		}
		a, err := Search(t.Context(), d, testKeys, 1, Question{Filter: Filter{ID: "needle"}}) // an id without a type has no term
		if err != nil || len(a.Entries) != 0 || a.Next == "" {
			t.Fatalf("%d entries, next %q, %v", len(a.Entries), a.Next, err)
		}
		if got := pages(t, d, Filter{ID: "needle"}, 5, func() {}); len(got) != 1 {
			t.Errorf("%d found", len(got))
		}
	})
}

func FuzzReadCursor(f *testing.F) {
	f.Add("1.2.3")
	f.Add("w.4." + place{counter: 3}.id())
	f.Fuzz(func(t *testing.T, text string) {
		p, err := readCursor(text)
		if err != nil {
			return
		}
		if again, err := readCursor(p.cursor()); err != nil || again != p {
			t.Errorf("%q is read as %+v, which comes back as %+v (%v)", text, p, again, err)
		}
	})
}
