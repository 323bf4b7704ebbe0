package storetest

import (
	"strconv"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// containedOnes: _contained looks for resources inside others.
func containedOnes(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Organization","id":"maker","name":"Maker","active":true}`)
	t.put(`{"resourceType":"Patient","id":"p"}`)
	t.put(`{"resourceType":"Medication","id":"own","status":"active","code":{"coding":[{"system":"s","code":"a"}]},"manufacturer":{"reference":"Organization/maker"}}`)
	for i, inner := range []string{
		`{"resourceType":"Medication","id":"m1","status":"active","code":{"coding":[{"system":"s","code":"a"}],"text":"salve"},"manufacturer":{"reference":"Organization/maker"}}`,
		`{"resourceType":"Medication","id":"m1","status":"inactive","code":{"coding":[{"system":"s","code":"a"}]},"batch":{"lotNumber":"L7","expirationDate":"2027-05"}},
		 {"resourceType":"Medication","id":"m2","status":"active","code":{"coding":[{"system":"s","code":"b"}]},"manufacturer":{"reference":"#o"}},
		 {"resourceType":"Organization","id":"o","name":"Smithy"}`,
		`{"resourceType":"Practitioner","id":"m1","name":[{"family":"Größe"}]}`,
	} {
		t.put(`{"resourceType":"MedicationRequest","id":"r%d","contained":[%s],"status":"active","intent":"order","subject":{"reference":"Patient/p"},
			"medicationReference":{"reference":"#m1"}}`, i, inner)
	}
	t.put(`{"resourceType":"MedicationRequest","id":"r3","status":"active","intent":"order","subject":{"reference":"Patient/p"},"medicationReference":{"reference":"Medication/own"}}`)
	t.put(`{"resourceType":"Medication","id":"kit","status":"active","contained":[{"resourceType":"Medication","id":"in","code":{"coding":[{"system":"s","code":"c"}]}}],
		"code":{"coding":[{"system":"s","code":"c"}]},"ingredient":[{"itemReference":{"reference":"#in"}}]}`)
	for query, want := range map[string]string{
		"code=a":                  "own",
		"code=a&_contained=false": "own",
		"code=a&_contained=true":  "r0 r1",
		"code=a&_contained=both":  "own r0 r1",
		"code=a&_contained=both&_containedType=contained":                                   "own r0#m1 r1#m1",
		"code=a,b&_contained=true":                                                          "r0 r1",
		"_contained=true&_containedType=contained":                                          "r0#m1 r1#m1 r1#m2 kit#in",
		"code=a&status=active&_contained=true":                                              "r0",
		"code=b&status=inactive&_contained=true":                                            "",
		"code:not=a&_contained=true":                                                        "r1 kit",
		"code=s|a&_contained=true":                                                          "r0 r1",
		"code=x|a&_contained=true":                                                          "",
		"code:text=sal&_contained=true":                                                     "r0",
		"_id=m2&_contained=true":                                                            "r1",
		"expiration-date=2027&_contained=true":                                              "r1",
		"expiration-date=gt2027-06&_contained=true":                                         "",
		"lot-number=L7&_contained=true":                                                     "r1",
		"manufacturer=Organization/maker&_contained=true":                                   "r0",
		"manufacturer:missing=true&_contained=true&_containedType=contained":                "r1#m1 kit#in",
		"manufacturer.name=mak&_contained=true":                                             "r0",
		"manufacturer.active=true&_contained=both":                                          "own r0",
		"manufacturer.name=smi&_contained=true":                                             "r1",
		"_has:MedicationRequest:medication:status=active&_contained=true":                   "r0 r1",
		"_has:MedicationRequest:medication:patient=p&_contained=true":                       "r0 r1",
		"_filter=code eq a and not(status eq active)&_contained=true":                       "r1",
		"_content=salve&_contained=true":                                                    "r0",
		"code=c&_contained=both":                                                            "kit",
		"code=c&_contained=both&_containedType=contained":                                   "kit kit#in",
		"_lastUpdated=gt2000&_contained=true":                                               "",
		"ingredient:missing=true&_contained=both&_containedType=contained":                  "own r0#m1 r1#m1 r1#m2 kit#in",
		"status=active&_contained=both&_containedType=contained&code=a,b,c&_total=accurate": "own kit r0#m1 r1#m2",
	} {
		for _, count := range []int{1, 2, 20} {
			if got := t.inside("Medication", escaped(query)+"&_count="+strconv.Itoa(count)); got != want {
				t.Errorf("Medication?%s (%d a page) found %s, want %s", query, count, got, want)
			}
		}
		page, err := Page(t.ctx, t.desk, "Medication", escaped(query)+"&_summary=count", "")
		if err != nil || int(page.Total) != len(strings.Fields(want)) {
			t.Errorf("%s: total %d %v, want %s", query, page.Total, err, want)
		}
	}
	for query, want := range map[string]string{
		"medication.code=a":                            "r0 r1 r3",
		"medication:Medication.code=a&_sort=-_id":      "r3 r1 r0",
		"medication.code=a&_sort=status,-_id&_count=2": "r3 r1 r0",
		"medication.code=b":                            "", // it is there, but not what the request is for
		"medication.code=c":                            "",
		"medication.code=a&status=active&patient=p":    "r0 r1 r3",
		"medication.code=a&medication.status=inactive": "r1",
		"medication.code:not=a":                        "",
		"medication.manufacturer.name=maker":           "r0 r3",
		"medication.manufacturer.name=smithy":          "",
		"_filter=not(medication.code eq a)":            "r2",
		"_filter=medication.code eq x or status eq active and medication.lot-number eq L7": "r1",
	} {
		if got := t.inside("MedicationRequest", escaped(query)); got != want {
			t.Errorf("MedicationRequest?%s found %s, want %s", query, got, want)
		}
		page, err := Page(t.ctx, t.desk, "MedicationRequest", escaped(query)+"&_summary=count", "")
		if err != nil || int(page.Total) != len(strings.Fields(want)) {
			t.Errorf("%s: total %d %v, want %s", query, page.Total, err, want)
		}
	}
	if got := t.inside("Practitioner", "family=grosse&_contained=true"); got != "r2" {
		t.Error(got)
	}
	t.put(`{"resourceType":"MedicationRequest","id":"r0","status":"active","intent":"order","subject":{"reference":"Patient/p"},"medicationCodeableConcept":{"text":"x"}}`)
	if _, err := t.desk.Delete(t.ctx, "MedicationRequest", "r1"); err != nil {
		t.Fatal(err)
	}
	if got := t.inside("Medication", "code=a&_contained=true"); got != "" {
		t.Errorf("what is contained no more was found: %s", got)
	}
	t.closedContainers()
	_, err := t.desk.Create(t.ctx, t.parse(`{"resourceType":"Medication"}`), store.IfNoneExist("code=a&_contained=both"))
	t.want(fault.Invalid, err)
}

// closedContainers: who may not search a type finds nothing in it.
func (t *story) closedContainers() {
	half := *t
	half.desk = t.store.As(caller(1, "system/Medication.rs"))
	if got := half.inside("Medication", "_contained=both&_containedType=contained"); got != "own kit kit#in" {
		t.Error(got)
	}
	if got := half.inside("Medication", "_contained=true&_id=m1"); got != "" {
		t.Error(got)
	}
}

// inside lists the results of all pages: ids, those of contained resources behind their container's.
func (t *story) inside(typ, query string) string {
	t.Helper()
	var ids []string
	for cursor := ""; ; {
		page, err := Page(t.ctx, t.desk, typ, query, cursor)
		if err != nil {
			t.Fatalf("%s?%s: %v", typ, query, err)
		}
		for _, v := range page.Entries {
			ids = append(ids, strings.TrimSuffix(v.ID+"#"+v.Within, "#"))
		}
		if cursor = page.Next; cursor == "" {
			return strings.Join(ids, " ")
		}
	}
}
