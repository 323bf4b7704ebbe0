package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/validate"
)

// TestAResourceOfTooManyReferencesIsRefused sends what once took two gigabytes and a minute to be written.
func TestAResourceOfTooManyReferencesIsRefused(t *testing.T) {
	s := openOn(t, dbtest.SQLite(t), store.Options{})
	r, err := fhir.Parse([]byte(`{"resourceType":"Group","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/1"}}`+
		strings.Repeat(`,{"entity":{"reference":"Patient/1"}}`, 200_000)+`]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.As(access.Inside(1, "test")).Create(t.Context(), r)
	if f := fault.Find(err); f == nil || f.Kind != fault.Unprocessable || f.Issues[0].Code != "too-costly" {
		t.Error(err)
	}
}

// TestAWriteThatIsCheckedTooLongIsGivenUp: who has gone keeps no processor busy.
func TestAWriteThatIsCheckedTooLongIsGivenUp(t *testing.T) {
	check := func(ctx context.Context, _ int32, r fhir.Resource) ([]fault.Issue, error) {
		return validate.OnWrite(ctx.Done(), r)
	}
	s := openOn(t, dbtest.SQLite(t), store.Options{Validate: check})
	r, err := fhir.Parse([]byte(`{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"a","type":"group"}`+
		strings.Repeat(`,{"linkId":"a","type":"group"}`, 400_000)+`]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := s.As(access.Inside(1, "test")).Create(ctx, r); !fault.Is(err, fault.TimedOut) {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}
