package audit

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/engine/db"
)

func collect(t *testing.T, d *db.DB, tenant int32, f Filter) (entries []Entry) {
	t.Helper()
	for e, err := range Read(t.Context(), d, tenant, f) {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

// TestReadFindsWhatWasWritten writes entries, seals some of them, and compares what filters find with a plain loop.
func TestReadFindsWhatWasWritten(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		var written []Entry
		for i := range 120 {
			e := readOf(1, fmt.Sprint(i%7))
			e.At = noon.Add(time.Duration(i) * time.Minute)
			e.Action = []string{"read", "search", "delete"}[i%3]
			e.Subject = fmt.Sprint("client/", i%5)
			written = append(written, e)
			mustChange(t, d, l, e, readOf(2, "other"))
			if i%20 == 19 && i < 100 {
				mustSeal(t, s)
			}
		}
		for name, f := range map[string]Filter{
			"all":      {},
			"time":     {From: noon.Add(15 * time.Minute), To: noon.Add(45 * time.Minute)},
			"subject":  {Subject: "client/3"},
			"action":   {Action: "delete"},
			"thing":    {Type: "Patient", ID: "4"},
			"type":     {Type: "Patient"},
			"no type":  {Type: "Task"},
			"together": {From: noon.Add(time.Hour), Action: "search", ID: "2"},
		} {
			var want []Entry
			for _, e := range written {
				if (f.From.IsZero() || !e.At.Before(f.From)) && (f.To.IsZero() || !e.At.After(f.To)) &&
					(f.Subject == "" || f.Subject == e.Subject) && (f.Action == "" || f.Action == e.Action) &&
					(f.Type == "" || f.Type == "Patient") && (f.ID == "" || f.ID == e.Things[0].ID) {
					want = append(want, e)
				}
			}
			if diff := cmp.Diff(want, collect(t, d, 1, f)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		for range Read(t.Context(), d, 1, Filter{}) {
			break // a reader may stop
		}
	})
}

func TestManySealersAndWriters(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		stop := sealAlong(t, d, 3)
		l := newLog(t, d)
		for i := range 200 {
			var roll error
			if i%9 == 4 {
				roll = errRolledBack
			}
			change(t.Context(), d, l, roll, readOf(1, fmt.Sprint(i)))
		}
		stop()
		s := NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		mustSeal(t, s)
		report := mustVerify(t, d, "")
		if want := 200 - 22; !report.OK() || report.Entries != want || report.Waiting != 0 {
			t.Errorf("%d entries, want %d: %+v", report.Entries, want, report.Problems)
		}
	})
}
