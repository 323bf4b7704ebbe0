package patients

import (
	"fmt"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// TestTheBoundOfAMerge: one more than it moves is refused before anything is written; what it moves it moves at once, and back.
func TestTheBoundOfAMerge(t *testing.T) {
	both(t, func(t *story) {
		t.put(`{"resourceType":"Patient","id":"a"}`)
		t.put(`{"resourceType":"Patient","id":"b"}`)
		for from := 0; from <= maxMoved; from += 2000 {
			err := t.desk.Write(t.Context(), func(c *store.Change) error {
				for n := from; n < min(from+2000, maxMoved+1); n++ {
					c.Update(parse(t.T, fmt.Sprintf(`{"resourceType":"Basic","id":"n%d","code":{"text":"x"},"subject":{"reference":"Patient/a"}}`, n)))
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := t.call(t.desk, "merge", pair("a", "b"))
		t.refused("too many", err, fault.Invalid, "more than 10000 resources and records refer to the source patient")
		t.holds("what refers", t.body("Basic", "n7"), "Patient/a", `"versionId":"1"`)
		if _, err := t.desk.Delete(t.Context(), "Basic", "n0"); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		t.holds("merge", t.merge("a", "b"), "10000 resources")
		merged := time.Since(start)
		t.holds("unmerge", t.unmerge("a"), "moved back in 10000 resources")
		t.Logf("10,000 moved in %v, back in %v", merged, time.Since(start)-merged)
	})
}
