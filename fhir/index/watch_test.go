package index

import (
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// TestIndexingEndsWhenTheTimeIsOver indexes a list that takes a second or so.
func TestIndexingEndsWhenTheTimeIsOver(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","generalPractitioner":[{"reference":"Practitioner/1"}`+strings.Repeat(`,{"reference":"Practitioner/1"}`, 400_000)+`]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	time.AfterFunc(20*time.Millisecond, func() { close(done) })
	start := time.Now()
	var none *Own
	if _, err := none.Extract(done, r, Hasher{}); !fault.Is(err, fault.TimedOut) {
		t.Errorf("%v after %s", err, time.Since(start))
	}
	if _, err := Extract(r, Hasher{}); err != nil {
		t.Errorf("without a bound: %v", err)
	}
}
