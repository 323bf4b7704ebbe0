package fhir

import (
	"testing"

	"github.com/ficushealth/ficus/fault"
)

func TestAWatchEndsWorkThatIsLate(t *testing.T) {
	done := make(chan struct{})
	w := NewWatch(done)
	for range 10 * stepsToLook {
		if w.Late(1) {
			t.Fatal("it ends what is in time")
		}
	}
	if err := w.Over(); err != nil {
		t.Fatal(err)
	}
	close(done)
	steps := 0
	for !w.Late(1) {
		steps++
	}
	if steps > stepsToLook || !w.Late(1) || !fault.Is(w.Err(), fault.TimedOut) {
		t.Errorf("ended after %d steps: %v", steps, w.Err())
	}
}

func TestAWatchOfNothingNeverEnds(t *testing.T) {
	var w Watch
	for range 10 * stepsToLook {
		if w.Late(1) {
			t.Fatal("it ended")
		}
	}
	if err := w.Over(); err != nil {
		t.Fatal(err)
	}
}
