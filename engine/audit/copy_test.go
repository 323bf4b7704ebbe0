package audit

import (
	"fmt"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestTheSecondDatabaseGetsEachBlock: those from before it was there, those while it was away, and those of another process.
func TestTheSecondDatabaseGetsEachBlock(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		second := dbtest.SQLite(t)
		l, early := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer early.Close()
		for i := range 40 {
			mustChange(t, d, l, readOf(1, fmt.Sprint(i)), readOf(2, fmt.Sprint(i)))
			mustSeal(t, early)
		}
		s := NewSealer(d, testKeys, SealOptions{Copy: second})
		defer s.Close()
		mustChange(t, d, l, readOf(1, "away"))
		if _, err := s.Seal(t.Context()); err == nil {
			t.Fatal("a second database without tables is no error")
		}
		if err := Migrate(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		mustSeal(t, s)
		mustChange(t, d, l, readOf(2, "later"))
		mustSeal(t, s)
		if here, there := blocks(t, d), blocks(t, second); here != there || here != 82 {
			t.Errorf("%d blocks, %d copied", here, there)
		}
		verified := func() *Report {
			t.Helper()
			report, err := VerifyCopied(t.Context(), d, second, testKeys, 1, "")
			if err != nil {
				t.Fatal(err)
			}
			return report
		}
		if r := verified(); !r.OK() || r.Anchored != 41 {
			t.Errorf("%+v", r)
		}
		mustExec(t, d, `DELETE FROM audit_block WHERE tenant = 1 AND n = 41`)
		if r := verified(); r.OK() || r.Problems[0].Harm != Truncated {
			t.Errorf("the end cut off: %+v", r.Problems)
		}
	})
}
