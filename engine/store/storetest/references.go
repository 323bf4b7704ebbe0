package storetest

import (
	"context"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

const observation = `{"resourceType":"Observation","id":"%s","status":"final","code":{"text":"x"},"subject":{"reference":"%s"}}`

func references(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{Base: "https://ficus.test/fhir"})
	_, err := t.desk.Update(t.ctx, t.parse(observation, "o1", "Patient/p1"))
	t.want(fault.Unprocessable, err)
	if f := fault.Find(err); f == nil || len(f.Issues) != 1 || f.Issues[0].Expression != "Observation.subject.reference" || f.Issues[0].Line != 1 {
		t.Errorf("%+v", f)
	}
	t.put(`{"resourceType":"Patient","id":"p1"}`)
	t.put(observation, "o1", "Patient/p1")
	t.put(observation, "o2", "https://ficus.test/fhir/Patient/p1")
	t.put(observation, "o3", "https://elsewhere.test/fhir/Patient/p1")
	t.put(observation, "o4", "urn:oid:1.2.36.146")
	_, err = t.desk.Update(t.ctx, t.parse(observation, "o6", "urn:uuid:11111111-2222-3333-4444-555555555555"))
	t.want(fault.Unprocessable, err)
	t.found("Observation", "subject=Patient/p1", "o1", "o2")
	t.found("Observation", "subject=p1", "o1", "o2")
	t.found("Observation", "subject:Patient=p1", "o1", "o2")
	t.found("Observation", "patient=p1", "o1", "o2")
	t.found("Observation", "subject=https://elsewhere.test/fhir/Patient/p1", "o3")
	t.found("Observation", "subject=https://ficus.test/fhir/Patient/p1", "o1", "o2")
	_, err = t.desk.Delete(t.ctx, "Patient", "p1")
	t.want(fault.Conflict, err)
	t.put(observation, "o1", "https://elsewhere.test/fhir/Patient/p1")
	t.found("Observation", "subject=Patient/p1", "o2")
	if _, err = t.desk.Delete(t.ctx, "Observation", "o2"); err != nil {
		t.Fatal(err)
	}
	if _, err = t.desk.Delete(t.ctx, "Patient", "p1"); err != nil {
		t.Fatal(err)
	}
	_, err = t.desk.Update(t.ctx, t.parse(observation, "o5", "Patient/p1"))
	t.want(fault.Unprocessable, err)
}

func placeholders(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{DanglingReferences: true})
	t.put(observation, "o1", "Patient/late")
	t.put(observation, "o2", "Patient/late")
	_, err := t.desk.Read(t.ctx, "Patient", "late")
	t.want(fault.Unknown, err)
	if r, err := t.desk.Delete(t.ctx, "Patient", "late"); err != nil || r.Effect != store.Unchanged {
		t.Errorf("%+v %v", r, err)
	}
	t.found("Patient", "")
	if got := t.versions(store.HistoryQuery{Type: "Patient"}); got != "" {
		t.Error(got)
	}
	t.found("Observation", "subject=Patient/late", "o1", "o2")
	if n, err := t.store.OpenPlaceholders(t.ctx, 1); n != 1 || err != nil {
		t.Error(n, err)
	}
	late := t.put(`{"resourceType":"Patient","id":"late","active":true}`)
	if late.Effect != store.Created || late.Number != 1 {
		t.Errorf("%+v", late)
	}
	t.found("Observation", "subject=Patient/late", "o1", "o2")
	t.found("Patient", "active=true", "late")
	if n, err := t.store.OpenPlaceholders(t.ctx, 1); n != 0 || err != nil {
		t.Error(n, err)
	}
	if got := t.versions(store.HistoryQuery{Type: "Patient"}); got != "late1" {
		t.Error(got)
	}
	if _, err := t.desk.Delete(t.ctx, "Patient", "late"); err != nil {
		t.Error(err)
	}
}

func replay(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	write := func(body string) store.Result {
		r, err := t.desk.Update(t.ctx, t.parse("%s", body), store.Replayed())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	const body = `{"resourceType":"Patient","id":"p1","meta":{"tag":[{"code":"a"}]},"active":true}`
	if r := write(body); r.Effect != store.Created {
		t.Errorf("%+v", r)
	}
	if r := write(body); r.Effect != store.Unchanged || r.Number != 1 || r.Body == nil {
		t.Errorf("%+v", r)
	}
	if r := write(strings.Replace(body, "true", "false", 1)); r.Effect != store.Updated || r.Number != 2 {
		t.Errorf("%+v", r)
	}
	if r := write(`{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/later"}}`); r.Effect != store.Created {
		t.Errorf("%+v", r)
	}
	if got := t.versions(store.HistoryQuery{Type: "Patient", ID: "p1"}); got != "p12 p11" {
		t.Error(got)
	}
}

func rules(t0 *testing.T, open Open) {
	refuse := func(_ context.Context, d store.Draft) error {
		if d.New.Exists() && d.New.Get("active").IsTrue() == d.Old.Get("active").IsTrue() && d.Old.Exists() {
			return fault.New(fault.Conflict, "nothing changes")
		}
		if !d.New.Exists() {
			return fault.New(fault.Conflict, "kept for ever")
		}
		return nil
	}
	t := begin(t0, open, store.Options{
		Rules: map[string]store.Rule{"Patient": refuse},
		Validate: func(_ context.Context, _ int32, r fhir.Resource) ([]fault.Issue, error) {
			if r.Get("bad").Exists() {
				return []fault.Issue{{Code: "structure", Text: "bad", Expression: "Patient.bad"}}, nil
			}
			return []fault.Issue{{Code: "informational", Text: "fine", Warning: true}}, nil
		},
	})
	t.put(`{"resourceType":"Patient","id":"p1","active":true}`)
	_, err := t.desk.Update(t.ctx, t.parse(`{"resourceType":"Patient","id":"p1","active":true,"gender":"male"}`))
	t.want(fault.Conflict, err)
	t.put(`{"resourceType":"Patient","id":"p1","active":false}`)
	_, err = t.desk.Delete(t.ctx, "Patient", "p1")
	t.want(fault.Conflict, err)
	_, err = t.desk.Create(t.ctx, t.parse(`{"resourceType":"Patient","bad":1}`))
	t.want(fault.Unprocessable, err)
}
