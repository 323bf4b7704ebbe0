package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

func pastPatient(t *testing.T, id, family string) fhir.Resource {
	t.Helper()
	r, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Patient","id":"%s","name":[{"family":"%s"}]}`, id, family), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPastVersionsCanBeFetched(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		s := openOn(t, d, store.Options{})
		desk, ctx := s.As(access.Inside(1, "test")), t.Context()
		for n := range 3 {
			for _, id := range []string{"a", "b"}[:2-n/2] {
				if _, err := desk.Update(ctx, pastPatient(t, id, fmt.Sprint(id, n+1))); err != nil {
					t.Fatal(err)
				}
			}
		}
		names := []store.VersionKey{}
		for _, name := range []struct {
			id string
			n  int64
		}{{"a", 1}, {"a", 3}, {"a", 4}, {"b", 2}, {"c", 1}} {
			names = append(names, store.VersionKey{Key: store.Key{Type: "Patient", ID: name.id}, Number: name.n})
		}
		found, err := s.FetchVersions(ctx, 1, names)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, v := range found {
			r, err := fhir.Parse(v.Body, fhir.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(v.ID, v.Number, " ", r.Meta().VersionID, " ", r.Get("name").At(0).Get("family").Str()))
		}
		slices.Sort(got)
		if diff := cmp.Diff([]string{"a1 1 a1", "a3 3 a3", "b2 2 b2"}, got); diff != "" {
			t.Error(diff)
		}
		checkPasts(t, s)
		if other, err := s.FetchVersions(ctx, 2, names); err != nil || len(other) != 0 {
			t.Error("another tenant's versions", other, err)
		}
	})
}

func checkPasts(t *testing.T, s *store.Store) {
	t.Helper()
	list, err := s.List(t.Context(), 1, 0, 10)
	if err != nil || len(list) != 2 || list[0].ID != "a" || list[0].Number != 3 || list[0].Body != nil {
		t.Fatal(list, err)
	}
	pasts, err := s.Pasts(t.Context(), 1, []int64{list[0].RID, 999, list[1].RID})
	if diff := cmp.Diff([]store.Past{{Count: 2, First: 1, Last: 2}, {}, {Count: 1, First: 1, Last: 1}}, pasts); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if rest, err := s.List(t.Context(), 1, list[0].RID, 10); err != nil || len(rest) != 1 {
		t.Error(rest, err)
	}
}

func TestCheckSaysWhatAWriteWould(t *testing.T) {
	refuse := func(context.Context, int32, fhir.Resource) ([]fault.Issue, error) {
		return []fault.Issue{{Text: "no"}}, nil
	}
	s := openOn(t, dbtest.SQLite(t), store.Options{Validate: refuse})
	if err := s.As(access.Inside(1, "test")).Check(pastPatient(t, "a", "x")); !fault.Is(err, fault.Unprocessable) {
		t.Error(err)
	}
	if err := s.As(access.Principal{Tenant: 1}).Check(pastPatient(t, "a", "x")); !fault.Is(err, fault.Forbidden) {
		t.Error(err)
	}
}
