package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// includes: what a page includes is there once, is no match, and ends, whatever circles the references draw.
func includes(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{DanglingReferences: true})
	t.family()
	for _, c := range []struct{ typ, query, include, want string }{
		{"Patient", "", "", ""},
		{"Patient", "_id=p1", "Patient:organization", "Organization/a"},
		{"Patient", "_id=p1", "Patient:general-practitioner", "Practitioner/d1"},
		{"Patient", "_id=p1", "Patient:*", "Organization/a Practitioner/d1"},
		{"Patient", "_id=p1", "*:*", "Organization/a Practitioner/d1"},
		{"Patient", "_id=p1", "Observation:subject", ""},
		{"Patient", "", "Patient:organization", "Organization/a"},
		{"Observation", "_id=o1", "Observation:subject Observation:performer", "Patient/p1 Practitioner/d1 Organization/a"},
		{"Observation", "_id=o1", "Observation:performer:Practitioner", "Practitioner/d1"},
		{"Observation", "_id=o1", "Observation:performer:Patient", ""},
		{"Observation", "_id=o1", "Observation:subject Patient:organization", "Patient/p1"},
		{"Observation", "_id=o1", "Observation:subject +Patient:organization", "Patient/p1 Organization/a"},
		{"Observation", "_id=o1", "Observation:subject +Patient:organization +Organization:partof", "Patient/p1 Organization/a Organization/b Organization/c"},
		{"Organization", "_id=a", "Organization:partof", "Organization/b"},
		{"Organization", "_id=a", "+Organization:partof", "Organization/b Organization/c"},
		{"Observation", "_id=o1", "Observation:encounter", ""}, // its target was never sent
		{"Observation", "_id=o3", "Observation:subject", ""},   // its target is elsewhere
		{"Patient", "_id=p1", "-Observation:subject", "Observation/o1 Observation/o2"},
		{"Patient", "", "-Observation:subject", "Observation/o1 Observation/o2 Observation/o4"},
		{"Patient", "_id=p1", "-Observation:patient", "Observation/o1 Observation/o2"},
		{"Patient", "_id=p1", "-Observation:performer", ""},
		{"Patient", "_id=p1", "-Observation:*", "Observation/o1 Observation/o2"},
		{"Patient", "_id=p1", "-*:*", "Observation/o1 Observation/o2"},
		{"Organization", "_id=a", "-Patient:organization", "Patient/p1 Patient/p2"},
		{"Organization", "_id=a", "-Patient:organization -Observation:subject", "Patient/p1 Patient/p2"},
		{"Organization", "_id=a", "-Patient:organization -+Observation:subject", "Patient/p1 Patient/p2 Observation/o1 Observation/o2 Observation/o4"},
		{"Organization", "_id=a", "-Observation:performer:Practitioner", ""},
		{"Organization", "_id=a", "-Observation:performer:Organization", "Observation/o1"},
		{"Organization", "_id=a", "-+Organization:partof", "Organization/b Organization/c"},
		{"Organization", "_id=a", "+*:* -+*:*", "Organization/b Organization/c Practitioner/d1 Patient/p1 Patient/p2 Observation/o1 Observation/o2 Observation/o4"},
		{"QuestionnaireResponse", "_id=r1", "QuestionnaireResponse:questionnaire", "Questionnaire/q2"},
		{"QuestionnaireResponse", "_id=r2", "QuestionnaireResponse:questionnaire", "Questionnaire/q1 Questionnaire/q2"},
		{"Questionnaire", "_id=q2", "-QuestionnaireResponse:questionnaire", "QuestionnaireResponse/r1 QuestionnaireResponse/r2"},
	} {
		page, err := t.including("system/*.cruds", c.typ, c.query, c.include)
		want := strings.Fields(c.want)
		slices.Sort(want)
		if got := names(page.Included); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s?%s with %s included %v, want %v (%v)", c.typ, c.query, c.include, got, want, err)
		}
	}
	t.includesVersions()
	t.includesWhatOneMaySee()
	t.includesTooMuch()
}

// family makes a patient with a doctor, organizations that are part of each other in a circle, and observations.
func (t *story) family() {
	t.put(`{"resourceType":"Organization","id":"a","partOf":{"reference":"Organization/b"}}`)
	t.put(`{"resourceType":"Organization","id":"b","partOf":{"reference":"Organization/c"}}`)
	t.put(`{"resourceType":"Organization","id":"c","partOf":{"reference":"Organization/a"}}`)
	t.put(`{"resourceType":"Practitioner","id":"d1"}`)
	t.put(`{"resourceType":"Patient","id":"p1","managingOrganization":{"reference":"Organization/a"},"generalPractitioner":[{"reference":"Practitioner/d1"}]}`)
	t.put(`{"resourceType":"Patient","id":"p2","managingOrganization":{"reference":"Organization/a"}}`)
	o := `{"resourceType":"Observation","id":"%s","status":"final","code":{"text":"x"},"subject":{"reference":"%s"}%s}`
	t.put(o, "o1", "Patient/p1", `,"performer":[{"reference":"Practitioner/d1"},{"reference":"Organization/a"},{"reference":"Practitioner/d1"}],"encounter":{"reference":"Encounter/never"}`)
	t.put(o, "o2", "Patient/p1", "")
	t.put(o, "o3", "https://elsewhere.test/fhir/Patient/p1", "")
	t.put(o, "o4", "Patient/p2", "")
	t.put(o, "o5", "Patient/p2", "")
	if _, err := t.desk.Delete(t.ctx, "Observation", "o5"); err != nil {
		t.Fatal(err)
	}
	q := `{"resourceType":"Questionnaire","id":"%s","status":"active","url":"http://x.test/q","version":"%s"}`
	t.put(q, "q1", "1")
	t.put(q, "q2", "2")
	r := `{"resourceType":"QuestionnaireResponse","id":"%s","status":"completed","questionnaire":"%s"}`
	t.put(r, "r1", "http://x.test/q|2")
	t.put(r, "r2", "http://x.test/q")
}

// including runs one page of a search with includes, written [-][+]Source:code[:Target], where
// - stands for _revinclude and + for :iterate.
func (t *story) including(scopes, typ, query, list string) (store.Page, error) {
	t.Helper()
	q := t.query(typ, query)
	for _, text := range strings.Fields(list) {
		var i search.Include
		text, i.Reverse = strings.CutPrefix(text, "-")
		text, i.Iterate = strings.CutPrefix(text, "+")
		part := append(strings.Split(text, ":"), "")
		i.Source, i.Code, i.Target = part[0], part[1], part[2]
		q.Includes = append(q.Includes, i)
	}
	return t.store.As(caller(1, scopes)).Search(t.ctx, q)
}

// includesVersions: a reference to a version brings that version.
func (t *story) includesVersions() {
	t.Helper()
	t.put(`{"resourceType":"Practitioner","id":"d2","active":true}`)
	t.put(`{"resourceType":"Practitioner","id":"d2","active":false}`)
	t.put(`{"resourceType":"Basic","id":"b1","code":{"text":"x"},"author":{"reference":"Practitioner/d2/_history/1"}}`)
	t.put(`{"resourceType":"Basic","id":"b2","code":{"text":"x"},"author":{"reference":"Practitioner/d2/_history/9"}}`)
	page, err := t.including("system/*.rs", "Basic", "", "Basic:author")
	if err != nil || len(page.Included) != 1 || page.Included[0].Number != 1 {
		t.Errorf("%v %v", page.Included, err)
	}
	t.put(`{"resourceType":"Basic","id":"b3","code":{"text":"x"},"author":{"reference":"Practitioner/d2"}}`)
	page, err = t.including("system/*.rs", "Basic", "", "Basic:author")
	if err != nil || len(page.Included) != 1 || page.Included[0].Number != 2 {
		t.Errorf("%v %v", page.Included, err)
	}
}

func names(list []store.Version) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = v.Type + "/" + v.ID
	}
	slices.Sort(out)
	return out
}

func (t *story) includesWhatOneMaySee() {
	t.Helper()
	for _, c := range []struct{ scopes, typ, include, want string }{
		{"system/Patient.rs", "Patient", "Patient:organization", "refused"},
		{"system/Patient.rs", "Patient", "-Observation:subject", "refused"},
		{"system/Patient.rs", "Patient", "Patient:*", ""},
		{"system/Patient.rs", "Patient", "-*:*", ""},
		{"system/Patient.rs system/Organization.rs", "Patient", "Patient:*", "Organization/a"},
		{"system/Observation.rs system/Organization.rs", "Observation", "Observation:performer", "Organization/a"},
		{"system/Organization.rs system/Observation.rs", "Organization", "-*:* +*:*", "Observation/o1 Organization/b Organization/c"},
	} {
		page, err := t.including(c.scopes, c.typ, "_count=1", c.include)
		if c.want == "refused" {
			t.want(fault.Forbidden, err)
			continue
		}
		if got := strings.Join(names(page.Included), " "); err != nil || got != c.want {
			t.Errorf("with %s, %s?%s included %s, want %s (%v)", c.scopes, c.typ, c.include, got, c.want, err)
		}
	}
}

// includesTooMuch: a page with more than can be sent says so; a long way is broken off.
func (t *story) includesTooMuch() {
	t.put(`{"resourceType":"Patient","id":"many"}`)
	for range 21 {
		entries := make([]string, 500)
		for i := range entries {
			entries[i] = `{"resource":{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"Patient/many"}},"request":{"method":"POST","url":"Basic"}}`
		}
		Post(t, t.desk, entries)
	}
	for _, include := range []string{"-Basic:subject", "-*:*", "+*:* -+*:*"} {
		_, err := t.including("system/*.rs", "Patient", "_id=many", include)
		t.want(fault.Invalid, err)
	}
	var chain []string
	for i := range 60 {
		chain = append(chain, fmt.Sprintf(`{"resource":{"resourceType":"Location","id":"l%d","partOf":{"reference":"Location/l%d"}},"request":{"method":"PUT","url":"Location/l%[1]d"}}`, i, i+1))
	}
	Post(t, t.desk, chain)
	_, err := t.including("system/*.rs", "Location", "_id=l0", "+Location:partof")
	t.want(fault.Invalid, err)
	page, err := t.including("system/*.rs", "Location", "_id=l20", "+Location:partof")
	if err != nil || len(page.Included) != 39 {
		t.Errorf("%d locations, %v", len(page.Included), err)
	}
}
