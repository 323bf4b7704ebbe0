package alert

import (
	"fmt"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
)

// TestAClockThatJumpsMutesNothing: entries of a clock that was years ahead neither keep a rule quiet until then, nor count with
// those of now.
func TestAClockThatJumpsMutesNothing(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	rules := []Rule{ManyPatients(3, time.Minute)}
	s, n := state{}, 0
	sees := func(at time.Time, times int) (alerts int) {
		for range times {
			n++
			e := audit.Found{ID: fmt.Sprint(n), Entry: audit.Entry{At: at, Action: "read", Outcome: audit.Success, Subject: "user/a", Patients: []string{fmt.Sprint(n)}}}
			alerts += len(s.see(rules[0], &e, nil))
			s.tidy(rules, at)
			at = at.Add(time.Second)
		}
		return alerts
	}
	for _, c := range []struct {
		what        string
		at          time.Time
		times, want int
	}{
		{"now", now, 3, 1},
		{"while it is quiet", now.Add(time.Minute), 5, 0},
		{"four years ahead", now.AddDate(4, 0, 0), 4, 1},
		{"back again", now.Add(2 * time.Minute), 3, 1},
		{"quiet again", now.Add(3 * time.Minute), 9, 0},
		{"one ahead", now.AddDate(4, 0, 0), 1, 0},
		{"one now", now.Add(2 * time.Hour), 1, 0},
		{"and slowly, so that never three are seen within the time", now.Add(3 * time.Hour), 1, 0},
		{"slowly", now.Add(4 * time.Hour), 1, 0},
		{"slowly", now.Add(5 * time.Hour), 1, 0},
		{"quickly", now.Add(6 * time.Hour), 3, 1},
	} {
		if got := sees(c.at, c.times); got != c.want {
			t.Errorf("%s: %d alerts, not %d", c.what, got, c.want)
		}
	}
}

// TestWhatWasSeenAheadOfTimeIsForgotten, also where it stands in front of what was seen since.
func TestWhatWasSeenAheadOfTimeIsForgotten(t *testing.T) {
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	c := counted{Things: []string{"ahead", "old", "new"}, Times: []time.Time{now.AddDate(4, 0, 0), now.Add(-time.Hour), now}}
	c.forget(now, time.Minute)
	if len(c.Things) != 1 || c.Things[0] != "new" || len(c.Times) != 1 {
		t.Errorf("%+v", c)
	}
}
