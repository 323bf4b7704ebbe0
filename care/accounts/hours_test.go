package accounts

import (
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
)

func TestHoursOfTheDay(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 12, 1, hour, 30, 0, 0, time.UTC) }
	for text, holds := range map[string][]int{"07-19": {7, 12, 18}, "19-07": {19, 23, 0, 6}, "00-24": {0, 12, 23}, "07-19@Asia/Tokyo": {22, 0, 9}} {
		h, err := ParseHours(text)
		if err != nil {
			t.Fatal(text, err)
		}
		for _, hour := range holds {
			if !h.Hold(at(hour)) {
				t.Errorf("%s does not hold at %d", text, hour)
			}
		}
	}
	for text, beyond := range map[string][]int{"07-19": {6, 19, 0}, "19-07": {7, 12, 18}, "07-19@Asia/Tokyo": {10, 21}} {
		h, err := ParseHours(text)
		for _, hour := range beyond {
			if err != nil || h.Hold(at(hour)) {
				t.Errorf("%s holds at %d (%v)", text, hour, err)
			}
		}
	}
	for _, text := range []string{"", "7", "a-b", "07-25", "-1-3", "07-07", "07-19@Nowhere/Land"} {
		if _, err := ParseHours(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if !(Hours{}).Hold(at(3)) {
		t.Error("no hours do not hold")
	}
}
