package storetest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/patch"
)

const person = `{"resourceType":"Patient","identifier":[{"system":"s","value":"%s"}],"name":[{"family":"%s"}]}`

// conditionalUpdate tells all outcomes that R4 lists (https://hl7.org/fhir/R4/http.html#cond-update).
func conditionalUpdate(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	put := func(query, format string, args ...any) (store.Result, error) {
		return t.desk.Update(t.ctx, t.parse(format, args...), store.Where(query))
	}
	made, err := put("identifier=s|1", person, "1", "None")
	if err != nil || made.Effect != store.Created || made.Number != 1 || made.ID == "" {
		t.Fatalf("no match, no id: %+v %v", made, err)
	}
	same, err := put("identifier=s|1", person, "1", "One")
	if err != nil || same.Effect != store.Updated || same.ID != made.ID || same.Number != 2 {
		t.Fatalf("one match, no id: %+v %v", same, err)
	}
	own, err := put("identifier=s|1", `{"resourceType":"Patient","id":"%s","identifier":[{"system":"s","value":"1"}]}`, made.ID)
	if err != nil || own.Number != 3 {
		t.Fatalf("one match, its id: %+v %v", own, err)
	}
	_, err = put("identifier=s|1", `{"resourceType":"Patient","id":"other"}`)
	t.want(fault.Invalid, err)
	chosen, err := put("identifier=s|2", `{"resourceType":"Patient","id":"chosen","identifier":[{"system":"s","value":"2"}]}`)
	if err != nil || chosen.Effect != store.Created || chosen.ID != "chosen" {
		t.Fatalf("no match, an id: %+v %v", chosen, err)
	}
	_, err = put("identifier=s|3", `{"resourceType":"Patient","id":"chosen"}`)
	t.want(fault.Conflict, err)
	t.create(person, "2", "Twice")
	_, err = put("identifier=s|2", person, "2", "Several")
	t.want(fault.Stale, err)
	for _, query := range []string{"nonsense=1", "_count=1", ""} {
		if _, err = put(query, `{"resourceType":"Patient","id":"unnamed"}`); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", query, err)
		}
	}
	_, err = t.desk.Update(t.ctx, t.parse(person, "1", "Stale"), store.Where("identifier=s|1"), store.IfMatch("1"))
	t.want(fault.Stale, err)
	_, err = t.desk.Update(t.ctx, t.parse(person, "1", "There"), store.Where("identifier=s|1"), store.IfAbsent())
	t.want(fault.Stale, err)
	byName, err := put("family=Anyone&birthdate=1970", `{"resourceType":"Patient","name":[{"family":"Anyone"}],"birthDate":"1970"}`)
	if err != nil || byName.Effect != store.Created {
		t.Errorf("%+v %v", byName, err)
	}
	if again, err := put("family=Anyone&birthdate=1970", `{"resourceType":"Patient","name":[{"family":"Anyone"}],"birthDate":"1970","active":true}`); err != nil || again.ID != byName.ID {
		t.Errorf("%+v %v", again, err)
	}
	_, err = t.store.As(caller(1, "system/Patient.u")).Update(t.ctx, t.parse(person, "1", "x"), store.Where("identifier=s|1"))
	t.want(fault.Forbidden, err)
	_, err = t.store.As(caller(1, "system/Patient.us")).Update(t.ctx, t.parse(person, "9", "x"), store.Where("identifier=s|9"))
	t.want(fault.Forbidden, err)
}

func conditionalDelete(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.create(person, "1", "A")
	t.create(person, "2", "B")
	t.create(person, "2", "C")
	if gone, err := t.desk.DeleteWhere(t.ctx, "Patient", "identifier=s|0"); err != nil || len(gone) != 0 {
		t.Errorf("%v %v", gone, err)
	}
	_, err := t.desk.DeleteWhere(t.ctx, "Patient", "identifier=s|1", store.IfMatch("2"))
	t.want(fault.Stale, err)
	if gone, err := t.desk.DeleteWhere(t.ctx, "Patient", "identifier=s|1"); err != nil || len(gone) != 1 || gone[0].Effect != store.Removed {
		t.Errorf("%v %v", gone, err)
	}
	_, err = t.desk.DeleteWhere(t.ctx, "Patient", "identifier=s|2")
	t.want(fault.Stale, err)
	for _, query := range []string{"", "nonsense=1", "_count=2", "identifier=s|2&_cascade=delete"} {
		if _, err := t.desk.DeleteWhere(t.ctx, "Patient", query); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", query, err)
		}
	}
	if got := t.search("Patient", "identifier=s|2"); len(got) != 2 {
		t.Error(got)
	}
}

// deleteMany: several matches are deleted at once or not at all, as many as asked for.
func deleteMany(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{DeleteMany: true})
	for i := range 7 {
		t.put(`{"resourceType":"Patient","id":"p%d","active":%t}`, i, i != 3)
	}
	gone, err := t.desk.DeleteWhere(t.ctx, "Patient", "active=true&_count=2")
	if err != nil || len(gone) != 2 {
		t.Fatalf("%v %v", gone, err)
	}
	t.found("Patient", "", "p2", "p3", "p4", "p5", "p6")
	t.put(observation, "o1", "Patient/p5")
	_, err = t.desk.DeleteWhere(t.ctx, "Patient", "active=true")
	t.want(fault.Conflict, err)
	if !strings.Contains(err.Error(), "1 other resource refers") {
		t.Error(err)
	}
	t.found("Patient", "", "p2", "p3", "p4", "p5", "p6")
	replies, err := t.desk.Transaction(t.ctx, t.bundle("transaction",
		entry("", "DELETE", "Patient?active=true", ""), entry("", "DELETE", "Observation?patient=p5", "")))
	if err != nil || replies[0].Deleted != 4 || replies[1].Deleted != 1 {
		t.Fatalf("%+v %v", replies, err)
	}
	t.found("Patient", "", "p3")
}

const replaceFamily = `[{"op":"replace","path":"/name/0/family","value":"%s"}]`

func (t *story) jsonPatch(format string, args ...any) patch.Patch {
	t.Helper()
	p, err := patch.JSON(fmt.Appendf(nil, format, args...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func patches(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	made := t.create(person, "1", "Old")
	edit := func(p patch.Patch, opts ...store.Option) (store.Result, error) {
		return t.desk.Patch(t.ctx, "Patient", made.ID, p, opts...)
	}
	got, err := edit(t.jsonPatch(replaceFamily, "New"), store.IfMatch("1"))
	if err != nil || got.Effect != store.Updated || got.Number != 2 || got.Method != store.Patch || !strings.Contains(string(got.Body), `"family":"New"`) {
		t.Fatalf("%+v %s %v", got, got.Body, err)
	}
	t.found("Patient", "family=new", made.ID)
	t.found("Patient", "family=old")
	_, err = edit(t.jsonPatch(replaceFamily, "Late"), store.IfMatch("1"))
	t.want(fault.Stale, err)
	_, err = edit(t.jsonPatch(`[{"op":"remove","path":"/nothing"}]`), store.IfMatch("1"))
	t.want(fault.Stale, err)
	if got, err = edit(t.jsonPatch(replaceFamily, "New")); err != nil || got.Effect != store.Unchanged || got.Number != 2 {
		t.Errorf("%+v %v", got, err)
	}
	p, err := patch.Parameters(t.parse(`{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},
		{"name":"path","valueString":"Patient"},{"name":"name","valueString":"birthDate"},{"name":"value","valueDate":"1970"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, err = t.desk.Patch(t.ctx, "Patient", "", p, store.Where("identifier=s|1")); err != nil || got.Number != 3 || !strings.Contains(string(got.Body), `"birthDate":"1970"`) {
		t.Errorf("%+v %v", got, err)
	}
	_, err = edit(p) // it is there now
	t.want(fault.Unprocessable, err)
	_, err = t.desk.Patch(t.ctx, "Patient", "", p, store.Where("identifier=s|none"))
	t.want(fault.Unknown, err)
	t.create(person, "1", "Twin")
	_, err = t.desk.Patch(t.ctx, "Patient", "", p, store.Where("identifier=s|1"))
	t.want(fault.Stale, err)
	_, err = t.desk.Patch(t.ctx, "Patient", "nobody", p)
	t.want(fault.Unknown, err)
	for _, bad := range []string{`[{"op":"replace","path":"/id","value":"x"}]`, `[{"op":"replace","path":"/resourceType","value":"Basic"}]`,
		`[{"op":"add","path":"/managingOrganization","value":{"reference":"Organization/none"}}]`, `[{"op":"test","path":"/birthDate","value":"1980"}]`} {
		if _, err := edit(t.jsonPatch("%s", bad)); !fault.Is(err, fault.Unprocessable) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	_, err = t.store.As(caller(1, "system/Patient.u")).Patch(t.ctx, "Patient", made.ID, p)
	t.want(fault.Forbidden, err)
	if _, err := t.desk.Delete(t.ctx, "Patient", made.ID); err != nil {
		t.Fatal(err)
	}
	_, err = edit(p)
	t.want(fault.Gone, err)
}

// unchanged: an update or patch that says what is there already makes no version; whatever differs makes one.
func unchanged(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	first := t.put(`{"resourceType":"Patient","id":"p","meta":{"tag":[{"code":"x"}]},"active":true,"extension":[{"url":"u","valueDecimal":1.0}]}`)
	for _, same := range []string{
		`{"resourceType":"Patient","id":"p","meta":{"tag":[{"code":"x"}]},"active":true,"extension":[{"url":"u","valueDecimal":1.0}]}`,
		` { "extension" : [{"valueDecimal":1.0,"url":"u"}], "active":true, "meta":{"versionId":"7","tag":[{"code":"\u0078"}],"lastUpdated":"2001-01-01T00:00:00Z"},"id":"p","resourceType":"Patient"}`,
		string(first.Body),
	} {
		got := t.put("%s", same)
		if got.Effect != store.Unchanged || got.Number != 1 || string(got.Body) != string(first.Body) || !got.Updated.Equal(first.Updated) {
			t.Errorf("%s: %+v", same, got)
		}
	}
	for i, other := range []string{
		`{"resourceType":"Patient","id":"p","meta":{"tag":[{"code":"x"}]},"active":true,"extension":[{"url":"u","valueDecimal":1.00}]}`,
		`{"resourceType":"Patient","id":"p","meta":{"tag":[{"code":"y"}]},"active":true,"extension":[{"url":"u","valueDecimal":1.00}]}`,
		`{"resourceType":"Patient","id":"p","active":true,"extension":[{"url":"u","valueDecimal":1.00}]}`,
		`{"resourceType":"Patient","id":"p","active":true}`,
		`{"resourceType":"Patient","id":"p","active":true,"name":[{"text":"a"},{"text":"b"}]}`,
		`{"resourceType":"Patient","id":"p","active":true,"name":[{"text":"b"},{"text":"a"}]}`,
	} {
		if got := t.put("%s", other); got.Number != int64(2+i) {
			t.Errorf("%s: version %d, want %d", other, got.Number, 2+i)
		}
	}
	_, err := t.desk.Update(t.ctx, t.parse(`{"resourceType":"Patient","id":"p","active":true,"name":[{"text":"b"},{"text":"a"}]}`), store.IfMatch("1"))
	t.want(fault.Stale, err)
}

// crossed: conditions on different parameters that find one resource never make two of it, whoever is first.
func crossed(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	const both = `{"resourceType":"Patient","identifier":[{"system":"a","value":"x%d"},{"system":"b","value":"y%d"}],"name":[{"family":"Fam%d"}]}`
	queries := []string{"identifier=a|x%d", "identifier=b|y%d", "family=Fam%d"}
	for round := range 4 {
		var created atomic.Int32
		crowd := racers
		if round == 3 {
			crowd = 300
		}
		race(crowd, func(i int) {
			query := fmt.Sprintf(queries[i%3], round)
			var r store.Result
			var err error
			if i%2 == 0 {
				r, err = t.desk.Create(t.ctx, t.parse(both, round, round, round), store.IfNoneExist(query))
			} else {
				r, err = t.desk.Update(t.ctx, t.parse(both, round, round, round), store.Where(query))
			}
			if err != nil {
				t.Error(err)
			}
			if r.Effect == store.Created {
				created.Add(1)
			}
		})
		if got := t.search("Patient", fmt.Sprintf("identifier=a|x%d", round)); len(got) != 1 || created.Load() != 1 {
			t.Errorf("round %d: created %d, found %v", round, created.Load(), got)
		}
	}
}

// crowd: hundreds change one resource at the same time, by id, by search and by patch; none is lost.
func crowd(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"p","identifier":[{"system":"s","value":"1"}]}`)
	add := t.jsonPatch(`[{"op":"add","path":"/identifier/-","value":{"system":"n","value":"x"}}]`)
	race(200, func(i int) {
		var err error
		if i%2 == 0 {
			_, err = t.desk.Patch(t.ctx, "Patient", "p", add)
		} else {
			_, err = t.desk.Patch(t.ctx, "Patient", "", add, store.Where("identifier=s|1"))
		}
		if err != nil {
			t.Error(err)
		}
	})
	v, err := t.desk.Read(t.ctx, "Patient", "p")
	if n := strings.Count(string(v.Body), `"system":"n"`); err != nil || n != 200 || v.Number != 201 {
		t.Errorf("%d changes, version %d, %v", n, v.Number, err)
	}
}
