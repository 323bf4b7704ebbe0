package storetest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// everything: what belongs to one patient or encounter and what that refers to, each once, in pages of any size,
// and nothing of another patient.
func everything(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{DanglingReferences: true})
	t.family()
	t.put(`{"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/p1"},
		"period":{"start":"2020-01-01","end":"2020-01-02"},"location":[{"location":{"reference":"Location/l1"}}],"diagnosis":[{"condition":{"reference":"Condition/c1"}},{"condition":{"reference":"Condition/c2"}}]}`)
	t.put(`{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"},"onsetDateTime":"2019-05-01"}`)
	t.put(`{"resourceType":"Condition","id":"c2","subject":{"reference":"Patient/p2"}}`)
	t.put(`{"resourceType":"Location","id":"l1"}`)
	t.put(`{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p1"}},{"entity":{"reference":"Patient/p2"}}]}`)
	t.put(`{"resourceType":"Observation","id":"o6","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"},"effectiveDateTime":"2020-01-01T10:00:00Z"}`)
	p1 := "Patient/p1 Condition/c1 Encounter/e1 Group/g Observation/o1 Observation/o2 Observation/o6 Organization/a Practitioner/d1 Location/l1"
	for _, c := range []struct {
		q      store.Everything
		scopes string
		want   string
	}{
		{store.Everything{Type: "Patient", ID: "p1"}, "system/*.rs", p1},
		{store.Everything{Type: "Patient", ID: "p2"}, "system/*.rs", "Patient/p2 Condition/c2 Group/g Observation/o4 Organization/a"},
		{store.Everything{Type: "Patient", ID: "p1", Types: []string{"Observation", "Organization"}}, "system/*.rs", "Observation/o1 Observation/o2 Observation/o6 Organization/a"},
		{store.Everything{Type: "Patient", ID: "p1"}, "system/Patient.rs system/Practitioner.rs system/Encounter.rs", "Patient/p1 Encounter/e1 Practitioner/d1"},
		{store.Everything{Type: "Patient", ID: "p1"}, "system/Observation.rs", "refused"},
		{store.Everything{Type: "Patient", ID: "p1", Start: "2020", End: "2020"}, "system/*.rs", "Patient/p1 Condition/c1 Encounter/e1 Group/g Observation/o1 Observation/o2 Observation/o6 Organization/a Practitioner/d1 Location/l1"},
		{store.Everything{Type: "Patient", ID: "p1", End: "2019-12-31"}, "system/*.rs", "Patient/p1 Condition/c1 Group/g Observation/o1 Observation/o2 Organization/a Practitioner/d1 Location/l1"},
		{store.Everything{Type: "Patient", ID: "p1", Since: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}, "system/*.rs", ""},
		{store.Everything{Type: "Encounter", ID: "e1"}, "system/*.rs", "Encounter/e1 Observation/o6 Patient/p1 Location/l1 Condition/c1"},
		{store.Everything{Type: "Patient", ID: "none"}, "system/*.rs", "unknown"},
		{store.Everything{Type: "Patient", ID: "p1", Start: "soon"}, "system/*.rs", "invalid"},
		{store.Everything{Type: "Patient", ID: "p1", Cursor: "x"}, "system/*.rs", "invalid"},
	} {
		for _, n := range []int{1, 2, 3, 7, 0} {
			c.q.Count = n
			got, err := t.allOf(c.scopes, c.q)
			if kind, bad := map[string]fault.Kind{"refused": fault.Forbidden, "unknown": fault.Unknown, "invalid": fault.Invalid}[c.want]; bad {
				t.want(kind, err)
				continue
			}
			want := strings.Fields(c.want)
			if first := want; err == nil && len(first) > 0 && len(c.q.Types) == 0 && got[0].Type+"/"+got[0].ID != first[0] {
				t.Errorf("%+v begins with %s/%s", c.q, got[0].Type, got[0].ID)
			}
			slices.Sort(want)
			if err != nil || !slices.Equal(names(got), want) {
				t.Errorf("%+v found %v, want %v (%v)", c.q, names(got), want, err)
			}
		}
	}
	t.everythingSince()
	t.everythingInTime()
}

// everythingInTime: of several dates the first counts that a resource has; what lasts is there while it lasts.
func (t *story) everythingInTime() {
	t.Helper()
	of := `,"subject":{"reference":"Patient/p9"}`
	t.put(`{"resourceType":"Patient","id":"p9"}`)
	for id, dates := range map[string]string{
		"written":  `,"authoredOn":"2015-06-01","dosageInstruction":[{"timing":{"event":["2019-01-01"]}}]`,
		"other":    `,"authoredOn":"2019-06-01"`,
		"planned":  `,"dosageInstruction":[{"timing":{"event":["2015-03-01"]}}]`,
		"planned2": `,"dosageInstruction":[{"timing":{"event":["2018-03-01"]}}]`,
		"never":    ``,
	} {
		t.put(`{"resourceType":"MedicationRequest","id":"%s","status":"active","intent":"order","medicationCodeableConcept":{"text":"x"}%s}`, id, of+dates)
	}
	for id, dates := range map[string]string{
		"open":     `,"onsetDateTime":"2010-01-01"`,
		"over":     `,"onsetDateTime":"2010-01-01","abatementDateTime":"2014-12-31"`,
		"into":     `,"onsetDateTime":"2010-01-01","abatementDateTime":"2015-02-01","recordedDate":"2020-01-01"`,
		"later":    `,"onsetDateTime":"2017-01-01"`,
		"recorded": `,"recordedDate":"2012-01-01"`,
		"late":     `,"recordedDate":"2018-01-01"`,
		"undated":  ``,
	} {
		t.put(`{"resourceType":"Condition","id":"%s"%s}`, id, of+dates)
	}
	got, err := t.allOf("system/*.rs", store.Everything{Type: "Patient", ID: "p9", Start: "2015-01-01", End: "2016-01-01"})
	want := strings.Fields("Condition/into Condition/open Condition/recorded Condition/undated MedicationRequest/never MedicationRequest/planned MedicationRequest/written Patient/p9")
	if err != nil || !slices.Equal(names(got), want) {
		t.Errorf("found %v, want %v (%v)", names(got), want, err)
	}
}

// everythingSince: what has changed, and what those that have changed refer to.
func (t *story) everythingSince() {
	t.Helper()
	changed := t.put(`{"resourceType":"Observation","id":"o2","status":"amended","code":{"text":"x"},"subject":{"reference":"Patient/p1"},"performer":[{"reference":"Practitioner/d1"}]}`)
	got, err := t.allOf("system/*.rs", store.Everything{Type: "Patient", ID: "p1", Since: changed.Updated})
	if want := []string{"Observation/o2", "Practitioner/d1"}; err != nil || !slices.Equal(names(got), want) {
		t.Errorf("found %v, want %v (%v)", names(got), want, err)
	}
}

// allOf goes through all pages.
func (t *story) allOf(scopes string, q store.Everything) (all []store.Version, err error) {
	t.Helper()
	desk := t.store.As(caller(1, scopes))
	for {
		page, err := desk.Everything(t.ctx, q)
		if err != nil {
			return nil, err
		}
		if q.Count > 0 && len(page.Entries) > q.Count {
			t.Fatalf("a page of %d", len(page.Entries))
		}
		all = append(all, page.Entries...)
		if q.Cursor = page.Next; q.Cursor == "" {
			return all, nil
		}
	}
}
