package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// finds wants each search, written Type?query, to find what stands beside it, whatever the page, and to count it.
func (t *story) finds(list map[string]string) {
	t.Helper()
	for raw, want := range list {
		typ, query, _ := strings.Cut(raw, "?")
		ids := strings.Fields(want)
		t.found(typ, escaped(query), ids...)
		t.found(typ, escaped(query)+"&_count=1", ids...)
		page, err := Page(t.ctx, t.desk, typ, escaped(query)+"&_total=accurate", "")
		if err != nil || int(page.Total) != len(ids) {
			t.Errorf("%s: total %d %v", raw, page.Total, err)
		}
	}
}

// afar: words are asked for at the end of a chain and of _has.
func afar(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	told := `{"resourceType":"%s","id":"%s","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">%s</div>"},%s}`
	t.put(told, "Patient", "bone", "a broken bone", `"gender":"male","address":[{"city":"Ulm"}]`)
	t.put(told, "Patient", "liver", "the liver", `"gender":"female","address":[{"city":"Ulm"}]`)
	t.put(told, "Group", "g", "those with a bone", `"type":"person","actual":true`)
	for i, s := range []string{"Patient/bone", "Patient/liver", "Group/g"} {
		t.put(told, "Observation", fmt.Sprintf("o%d", i), fmt.Sprintf("note%d", i), `"status":"final","code":{"text":"cough"},"subject":{"reference":"`+s+`"}`)
	}
	t.finds(map[string]string{
		"Observation?subject:Patient._text=bone":                         "o0",
		"Observation?subject._text=bone":                                 "o0 o2",
		"Observation?patient._content=ulm":                               "o0 o1",
		"Observation?patient._content=ulm&patient.gender=female":         "o1",
		"Observation?patient._text=nothing":                              "",
		"Patient?_has:Observation:subject:_text=note1":                   "liver",
		"Patient?_has:Observation:patient:_content=cough&gender=male":    "bone",
		"Patient?_has:Observation:patient:patient._text=bone":            "bone",
		"Observation?_filter=subject:Patient._text eq bone or _id eq o1": "o0 o1",
		"Observation?_filter=not(patient._text eq bone)":                 "o1 o2",
		"Observation?_filter=patient[gender eq female]._text eq liver":   "o1",
	})
	narrow := t.store.As(caller(1, "system/Observation.rs"))
	_, err := Page(t.ctx, narrow, "Observation", "patient._text=bone", "")
	t.want(fault.Forbidden, err)
	for _, query := range []string{"_text=x", "link:Patient._text=x"} {
		_, err := t.desk.Create(t.ctx, t.parse(`{"resourceType":"Patient"}`), store.IfNoneExist(query))
		t.want(fault.Invalid, err)
	}
}

// canonicals: chains are followed along canonical URLs, in both directions; a version in the URL must be the target's.
func canonicals(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{Base: "http://own.test/fhir"})
	q := `{"resourceType":"Questionnaire","id":"%s","status":"%s","url":"%s","version":"%s","title":"%s"}`
	t.put(q, "q1", "retired", "http://x.test/q", "1", "Sleep of old")
	t.put(q, "q2", "active", "http://x.test/q", "2", "Sleep")
	t.put(q, "other", "active", "http://x.test/other", "2", "Food")
	t.put(`{"resourceType":"Questionnaire","id":"bare","status":"active","title":"Nameless"}`)
	t.put(`{"resourceType":"Patient","id":"p","gender":"female"}`)
	r := `{"resourceType":"QuestionnaireResponse","id":"%s","status":"%s","subject":{"reference":"Patient/p"},"questionnaire":"%s"}`
	t.put(r, "r1", "completed", "http://x.test/q|1")
	t.put(r, "r2", "completed", "http://x.test/q|2")
	t.put(r, "any", "amended", "http://x.test/q")
	t.put(r, "none", "amended", "http://x.test/q|9")
	t.put(r, "food", "amended", "http://x.test/other")
	t.put(q, "mine", "active", "http://own.test/fhir/Questionnaire/mine", "1", "Own")
	t.put(r, "own", "completed", "http://own.test/fhir/Questionnaire/mine|1")
	t.put(`{"resourceType":"PlanDefinition","id":"plan","status":"active","library":["http://x.test/lib|1"],"action":[{"definitionCanonical":"http://x.test/q|2"}]}`)
	t.put(`{"resourceType":"Library","id":"lib","status":"active","type":{"text":"x"},"url":"http://x.test/lib","version":"1","name":"Rules"}`)
	t.finds(map[string]string{
		"QuestionnaireResponse?questionnaire.title=sleep":                                                           "r1 r2 any",
		"QuestionnaireResponse?questionnaire.title=own":                                                             "own",
		"QuestionnaireResponse?questionnaire=http://own.test/fhir/Questionnaire/mine":                               "own",
		"QuestionnaireResponse?questionnaire:missing=false&questionnaire=http://own.test/fhir/Questionnaire/mine|1": "own",
		"Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=own":                                            "mine",
		"QuestionnaireResponse?questionnaire.title:exact=Sleep":                                                     "r2 any",
		"QuestionnaireResponse?questionnaire.status=retired":                                                        "r1 any",
		"QuestionnaireResponse?questionnaire.version=2&status=amended":                                              "any food",
		"QuestionnaireResponse?questionnaire:Questionnaire._id=q1&status=completed":                                 "r1",
		"QuestionnaireResponse?questionnaire.title=nameless":                                                        "",
		"QuestionnaireResponse?questionnaire.title=none":                                                            "",
		"QuestionnaireResponse?_filter=not(questionnaire.title sw sleep)":                                           "none food own",
		"QuestionnaireResponse?_filter=questionnaire.title sw sl or _id eq food":                                    "r1 r2 any food",
		"QuestionnaireResponse?questionnaire._content=food":                                                         "food",
		"Questionnaire?_has:QuestionnaireResponse:questionnaire:status=completed":                                   "q1 q2 mine",
		"Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=r1":                                             "q1",
		"Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=any":                                            "q1 q2",
		"Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=none":                                           "",
		"Questionnaire?status=active&_has:QuestionnaireResponse:questionnaire:subject:Patient.gender=female":        "q2 other mine",
		"Patient?_has:QuestionnaireResponse:subject:questionnaire.title=food":                                       "p",
		"PlanDefinition?definition:Questionnaire.title=sleep":                                                       "plan",
		"PlanDefinition?definition.status=active":                                                                   "plan",
		"PlanDefinition?depends-on.name=rules":                                                                      "plan",
		"Library?_has:PlanDefinition:depends-on:status=active":                                                      "lib",
	})
	narrow := t.store.As(caller(1, "system/QuestionnaireResponse.rs"))
	_, err := Page(t.ctx, narrow, "QuestionnaireResponse", "questionnaire.title=sleep", "")
	t.want(fault.Forbidden, err)
	for _, bad := range []string{"questionnaire.title=sleep&_contained=true", "_sort=questionnaire.title"} {
		_, err := Page(t.ctx, t.desk, "QuestionnaireResponse", bad, "")
		t.want(fault.Invalid, err)
	}
	if ids, err := All(t.ctx, t.store.As(caller(2, "system/*.cruds")), "QuestionnaireResponse", "questionnaire.title=sleep"); err != nil || len(ids) > 0 {
		t.Errorf("another tenant's %v %v", ids, err)
	}
}

// sought: the condition of a write is followed where that of a search is: into what is contained, and along canonical URLs.
func sought(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	o := `{"resourceType":"Observation","id":"%s","status":"final","code":{"text":"x"},"subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p","name":[{"family":"%s"}]}]}`
	t.put(o, "inside", "Holt")
	t.put(o, "another", "Ives")
	t.put(`{"resourceType":"Questionnaire","id":"q","status":"active","url":"http://x.test/q","title":"Sleep"}`)
	t.put(`{"resourceType":"QuestionnaireResponse","id":"r","status":"completed","questionnaire":"http://x.test/q"}`)
	found, err := t.desk.Create(t.ctx, t.parse(`{"resourceType":"Observation","status":"final","code":{"text":"x"}}`), store.IfNoneExist("subject:Patient.family=Holt"))
	if err != nil || found.Effect != store.Unchanged || found.ID != "inside" {
		t.Errorf("a conditional create made %+v %v", found, err)
	}
	found, err = t.desk.Create(t.ctx, t.parse(`{"resourceType":"QuestionnaireResponse","status":"completed"}`), store.IfNoneExist("questionnaire.title=sleep"))
	if err != nil || found.Effect != store.Unchanged || found.ID != "r" {
		t.Errorf("a conditional create made %+v %v", found, err)
	}
	changed, err := t.desk.Update(t.ctx, t.parse(`{"resourceType":"Observation","status":"amended","code":{"text":"x"}}`), store.Where("patient.family=Ives"))
	if err != nil || changed.Effect != store.Updated || changed.ID != "another" {
		t.Errorf("a conditional update made %+v %v", changed, err)
	}
	replies, err := t.desk.Transaction(t.ctx, t.bundle("transaction",
		`{"resource":{"resourceType":"DiagnosticReport","status":"final","code":{"text":"x"},"result":[{"reference":"Observation?patient.family=Holt"}]},"request":{"method":"POST","url":"DiagnosticReport"}}`))
	if err != nil || len(replies) != 1 {
		t.Fatalf("%+v %v", replies, err)
	}
	t.found("DiagnosticReport", "result=inside", replies[0].Result.ID)
	if gone, err := t.desk.DeleteWhere(t.ctx, "Observation", "patient.family=Holt"); !fault.Is(err, fault.Conflict) {
		t.Errorf("what is referred to was deleted: %v %v", gone, err)
	}
}
