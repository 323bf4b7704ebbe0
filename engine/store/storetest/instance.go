package storetest

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

func instance(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	made := t.create(`{"resourceType":"Patient","active":true,"name":[{"family":"Moss"}],"extension":[{"url":"x","valueDecimal":1.50}]}`)
	if made.Effect != store.Created || made.Number != 1 || made.ID == "" {
		t.Fatalf("%+v", made)
	}
	got, err := t.desk.Read(t.ctx, "Patient", made.ID)
	if err != nil || string(got.Body) != string(made.Body) {
		t.Fatalf("read %s, created %s (%v)", got.Body, made.Body, err)
	}
	for _, part := range []string{`"id":"` + made.ID + `"`, `"versionId":"1"`, `"valueDecimal":1.50`, `"lastUpdated":"2026-01-02T03:04:05.`} {
		if !strings.Contains(string(got.Body), part) {
			t.Errorf("%s lacks %s", got.Body, part)
		}
	}
	_, err = t.desk.Read(t.ctx, "Patient", "nobody")
	t.want(fault.Unknown, err)
	_, err = t.desk.Read(t.ctx, "Observation", made.ID)
	t.want(fault.Unknown, err)
	_, err = t.desk.Read(t.ctx, "Nonsense", made.ID)
	t.want(fault.Unknown, err)
	_, err = t.desk.Create(t.ctx, t.parse(`{"resourceType":"Nonsense"}`))
	t.want(fault.Unknown, err)
}

func update(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	first := t.put(`{"resourceType":"Patient","id":"p1","active":true}`)
	if first.Effect != store.Created || first.Number != 1 {
		t.Fatalf("%+v", first)
	}
	second := t.put(`{"resourceType":"Patient","id":"p1","active":false}`)
	if second.Effect != store.Updated || second.Number != 2 || !second.Updated.After(first.Updated) || second.RID != first.RID {
		t.Fatalf("%+v", second)
	}
	_, err := t.desk.Update(t.ctx, t.parse(`{"resourceType":"Patient","id":"p1"}`), store.IfMatch("1"))
	t.want(fault.Stale, err)
	_, err = t.desk.Update(t.ctx, t.parse(`{"resourceType":"Patient","id":"p2"}`), store.IfMatch("1"))
	t.want(fault.Stale, err)
	_, err = t.desk.Update(t.ctx, t.parse(`{"resourceType":"Patient","id":"p1"}`), store.IfAbsent())
	t.want(fault.Stale, err)
	third, err := t.desk.Update(t.ctx, t.parse(`{"resourceType":"Patient","id":"p1"}`), store.IfMatch("2"))
	if err != nil || third.Number != 3 {
		t.Fatalf("%+v %v", third, err)
	}
	for v, active := range map[string]string{"1": `"active":true`, "2": `"active":false`} {
		old, err := t.desk.VRead(t.ctx, "Patient", "p1", v)
		if err != nil || !strings.Contains(string(old.Body), active) {
			t.Errorf("version %s: %s %v", v, old.Body, err)
		}
	}
	for _, v := range []string{"4", "0", "-1", "x", "99999999999999999999"} {
		_, err = t.desk.VRead(t.ctx, "Patient", "p1", v)
		t.want(fault.Unknown, err)
	}
	for _, id := range []string{"", "a/b", "ä", strings.Repeat("x", 65)} {
		_, err = t.desk.Update(t.ctx, t.parse(`{"resourceType":"Patient","id":"%s"}`, id))
		t.want(fault.Invalid, err)
	}
}

func remove(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"p1","active":true}`)
	_, err := t.desk.Delete(t.ctx, "Patient", "p1", store.IfMatch("7"))
	t.want(fault.Stale, err)
	gone, err := t.desk.Delete(t.ctx, "Patient", "p1")
	if err != nil || gone.Effect != store.Removed || gone.Number != 2 {
		t.Fatalf("%+v %v", gone, err)
	}
	again, err := t.desk.Delete(t.ctx, "Patient", "p1")
	if err != nil || again.Effect != store.Unchanged {
		t.Fatalf("%+v %v", again, err)
	}
	if never, err := t.desk.Delete(t.ctx, "Patient", "nobody"); err != nil || never.Effect != store.Unchanged {
		t.Errorf("%+v %v", never, err)
	}
	_, err = t.desk.Read(t.ctx, "Patient", "p1")
	t.want(fault.Gone, err)
	_, err = t.desk.VRead(t.ctx, "Patient", "p1", "2")
	t.want(fault.Gone, err)
	if v, err := t.desk.VRead(t.ctx, "Patient", "p1", "1"); err != nil || v.Body == nil {
		t.Error(err)
	}
	t.found("Patient", "active=true")
	back := t.put(`{"resourceType":"Patient","id":"p1","active":true}`)
	if back.Effect != store.Created || back.Number != 3 {
		t.Fatalf("%+v", back)
	}
	t.found("Patient", "active=true", "p1")
}

func history(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	for i, id := range []string{"a", "b", "a", "a"} {
		t.put(`{"resourceType":"Patient","id":"%s","multipleBirthInteger":%d}`, id, i)
	}
	t.put(`{"resourceType":"Organization","id":"o"}`)
	if _, err := t.desk.Delete(t.ctx, "Patient", "a"); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[store.HistoryQuery]string{
		{Type: "Patient", ID: "a"}: "a4 a3 a2 a1",
		{Type: "Patient"}:          "a4 a3 a2 b1 a1",
		{}:                         "a4 o1 a3 a2 b1 a1",
	} {
		for _, count := range []int{1, 2, 3, 100} {
			query.Count, query.Cursor = count, ""
			if got := t.versions(query); got != want {
				t.Errorf("%+v: %s, want %s", query, got, want)
			}
		}
	}
	v, _ := t.desk.VRead(t.ctx, "Patient", "a", "3")
	if got := t.versions(store.HistoryQuery{Type: "Patient", Since: v.Updated}); got != "a4 a3" {
		t.Error(got)
	}
	t.put(`{"resourceType":"Patient","id":"a"}`)
	t.put(`{"resourceType":"Patient","id":"a","active":true}`)
	for _, query := range []store.HistoryQuery{{Type: "Patient", ID: "a"}, {Type: "Patient"}, {}, {Type: "Patient", ID: "a", Ascending: true}} {
		page, err := t.desk.History(t.ctx, query)
		for _, v := range page.Entries {
			if v.Reborn != (v.ID == "a" && v.Number == 5) || err != nil {
				t.Errorf("%+v: version %d of %s follows a deletion: %v %v", query, v.Number, v.ID, v.Reborn, err)
			}
		}
	}
	_, err := t.desk.History(t.ctx, store.HistoryQuery{Type: "Patient", ID: "nobody"})
	t.want(fault.Unknown, err)
	_, err = t.desk.History(t.ctx, store.HistoryQuery{Type: "Patient", Cursor: "made-up"})
	t.want(fault.Invalid, err)
}

func (t *story) versions(q store.HistoryQuery) string {
	t.Helper()
	var out []string
	for {
		page, err := t.desk.History(t.ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Entries {
			out = append(out, v.ID+string(rune('0'+v.Number)))
			if v.Deleted != (v.Body == nil) || v.Deleted != (v.Method == store.Delete) {
				t.Errorf("%s version %d: deleted %v, method %v, body %s", v.ID, v.Number, v.Deleted, v.Method, v.Body)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return strings.Join(out, " ")
		}
	}
}

func tenants(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"p1","active":true}`)
	other := *t
	other.desk = t.store.As(caller(2, "system/*.cruds"))
	_, err := other.desk.Read(t.ctx, "Patient", "p1")
	t.want(fault.Unknown, err)
	if r, err := other.desk.Delete(t.ctx, "Patient", "p1"); err != nil || r.Effect != store.Unchanged {
		t.Errorf("%+v %v", r, err)
	}
	_, err = other.desk.History(t.ctx, store.HistoryQuery{Type: "Patient", ID: "p1"})
	t.want(fault.Unknown, err)
	_, err = other.desk.Create(t.ctx, t.parse(`{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p1"}}`))
	t.want(fault.Unprocessable, err)
	other.found("Patient", "active=true")
	if got := other.versions(store.HistoryQuery{}); got != "" {
		t.Error(got)
	}
	other.put(`{"resourceType":"Patient","id":"p1","active":false}`)
	t.found("Patient", "active=true", "p1")
	other.found("Patient", "active=false", "p1")
	page, err := Page(t.ctx, t.desk, "Patient", "_count=1", "")
	if err != nil || len(page.Entries) != 1 {
		t.Error(page, err)
	}
}

func scopes(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"p1"}`)
	reader := t.store.As(caller(1, "system/Patient.r"))
	if _, err := reader.Read(t.ctx, "Patient", "p1"); err != nil {
		t.Error(err)
	}
	_, err := reader.Read(t.ctx, "Observation", "p1")
	t.want(fault.Forbidden, err)
	_, err = reader.Create(t.ctx, t.parse(`{"resourceType":"Patient"}`))
	t.want(fault.Forbidden, err)
	_, err = reader.Delete(t.ctx, "Patient", "p1")
	t.want(fault.Forbidden, err)
	_, err = Page(t.ctx, reader, "Patient", "", "")
	t.want(fault.Forbidden, err)
	_, err = reader.History(t.ctx, store.HistoryQuery{})
	t.want(fault.Forbidden, err)
	nobody := t.store.As(access.Principal{Tenant: 1})
	_, err = nobody.Read(t.ctx, "Patient", "p1")
	t.want(fault.Forbidden, err)
}
