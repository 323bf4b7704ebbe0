package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

func searches(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"p1","active":true,"gender":"male","birthDate":"1980-05-06","identifier":[{"system":"s","value":"1"},{"value":"bare"}],
		"name":[{"family":"Müller","given":["Jörg","Ann"]}],"address":[{"city":"Köln"}],"meta":{"tag":[{"system":"t","code":"x"}]}}`)
	t.put(`{"resourceType":"Patient","id":"p2","active":false,"gender":"female","birthDate":"1980-05","identifier":[{"system":"s","value":"2"}],"name":[{"family":"Mull","given":["joe"]}]}`)
	t.put(`{"resourceType":"Patient","id":"p3","gender":"female","name":[{"family":"O'Neil-Smith"}]}`)
	t.put(`{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic"}],"text":"BP up"},
		"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2020-03-01T10:00:00Z","valueQuantity":{"value":120.5,"system":"http://unitsofmeasure.org","code":"mm[Hg]"}}`)
	t.put(`{"resourceType":"Observation","id":"o2","status":"amended","code":{"coding":[{"system":"http://loinc.org","code":"8480-6"},{"system":"http://snomed.info/sct","code":"1"}]},
		"subject":{"reference":"Patient/p2"},"effectivePeriod":{"start":"2020-02-28","end":"2020-03-02"},"valueQuantity":{"value":99,"system":"http://unitsofmeasure.org","code":"mm[Hg]"}}`)
	t.put(`{"resourceType":"ValueSet","id":"v1","status":"active","url":"http://x.test/vs/a"}`)
	t.put(`{"resourceType":"ValueSet","id":"v2","status":"active","url":"http://x.test/vs/a/b"}`)
	for _, c := range []struct{ typ, query, want string }{
		{"Patient", "", "p1 p2 p3"},
		{"Patient", "_id=p2,p1", "p1 p2"},
		{"Patient", "gender=female", "p2 p3"},
		{"Patient", "gender=http://hl7.org/fhir/administrative-gender|female", "p2 p3"},
		{"Patient", "gender:not=female", "p1"},
		{"Patient", "gender=male,female", "p1 p2 p3"},
		{"Patient", "identifier=s|1", "p1"},
		{"Patient", "identifier=1", "p1"},
		{"Patient", "identifier=s|", "p1 p2"},
		{"Patient", "identifier=|bare", "p1"},
		{"Patient", "identifier=|1", ""},
		{"Patient", "name=mull", "p1 p2"},
		{"Patient", "family=muller", "p1"},
		{"Patient", "family:exact=Mull", "p2"},
		{"Patient", "family:exact=mull", ""},
		{"Patient", "family:contains=LL", "p1 p2"},
		{"Patient", "family=o'neil", "p3"},
		{"Patient", "given=jo&gender=male", "p1"},
		{"Patient", "address-city=KOLN", "p1"},
		{"Patient", "birthdate=1980-05-06", "p1"},
		{"Patient", "birthdate=1980-05", "p1 p2"},
		{"Patient", "birthdate=gt1980-05-06", "p2"},
		{"Patient", "birthdate=lt1980-05-06", "p2"},
		{"Patient", "birthdate=ne1980-05-06", "p2"},
		{"Patient", "birthdate=ge1980-05-06&birthdate=le1980-05-06", "p1 p2"},
		{"Patient", "birthdate=sa1980-05-05", "p1"},
		{"Patient", "birthdate:missing=true", "p3"},
		{"Patient", "active:missing=true", "p3"},
		{"Patient", "active:missing=false", "p1 p2"},
		{"Patient", "active=true", "p1"},
		{"Patient", "_tag=t|x", "p1"},
		{"Observation", "code=8480-6", "o1 o2"},
		{"Observation", "code=http://loinc.org|8480-6&status=final", "o1"},
		{"Observation", "code:text=sys", "o1"},
		{"Observation", "code:text=bp", "o1"},
		{"Observation", "date=2020-03-01", "o1"},
		{"Observation", "date=ap2020-03-01", "o1 o2"},
		{"Observation", "date=ge2020-03-01T23:00:00Z", "o2"},
		{"Observation", "date=gt2020-03-02", ""},
		{"Observation", "date=eb2020-03-02", "o1"},
		{"Observation", "value-quantity=gt100", "o1"},
		{"Observation", "value-quantity=99|http://unitsofmeasure.org|mm[Hg]", "o2"},
		{"Observation", "value-quantity=99||mm[Hg]", "o2"},
		{"Observation", "value-quantity=120.5", "o1"},
		{"Observation", "value-quantity=121", "o1"}, // 120.5 to 121.5
		{"Observation", "value-quantity=121.0", ""},
		{"Observation", "value-quantity=ap121", "o1"},
		{"Observation", "code-value-quantity=8480-6$gt100", "o1"},
		{"Observation", "code-value-quantity=http://loinc.org|8480-6$lt100", "o2"},
		{"Observation", "subject=Patient/p1", "o1"},
		{"Observation", "subject=p1,p2&date=2020-03-01", "o1"},
		{"ValueSet", "url=http://x.test/vs/a", "v1"},
		{"ValueSet", "url:below=http://x.test/vs/a", "v1 v2"},
		{"Patient", "_lastUpdated=lt2026-01-03", "p1 p2 p3"},
		{"Patient", "_lastUpdated=gt2027", ""},
	} {
		var want []string
		if c.want != "" {
			want = strings.Split(c.want, " ")
		}
		t.found(c.typ, c.query, want...)
	}
	t.manyAlternatives()
	page, err := Page(t.ctx, t.desk, "Patient", "gender=female&_total=accurate&_count=1", "")
	if err != nil || page.Total != 2 || len(page.Entries) != 1 {
		t.Errorf("%+v %v", page, err)
	}
	page, err = Page(t.ctx, t.desk, "Patient", "_summary=count", "")
	if err != nil || page.Total != 3 || len(page.Entries) != 0 {
		t.Errorf("%+v %v", page, err)
	}
}

// manyAlternatives: long lists of ids and codes are one look-up; other long lists are refused, not tried.
func (t *story) manyAlternatives() {
	long := strings.Repeat(",x", 900)
	t.found("Patient", "_id=p1"+long, "p1")
	t.found("Patient", "gender=male"+long, "p1")
	for _, query := range []string{"family=a" + long, "identifier=s|1" + strings.Repeat(",s|2", 900), "_sort=_id" + strings.Repeat(",_id", 20), "birthdate=2000" + strings.Repeat(",1999", 900)} {
		_, err := Page(t.ctx, t.desk, "Patient", query, "")
		t.want(fault.Invalid, err)
	}
	t.found("Patient", "family:exact="+strings.Repeat("m", 3000))
}

// paging: pages neither lose nor repeat a resource, also while others are written.
func paging(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	var want []string
	for i := range 57 {
		id := fmt.Sprintf("p%02d", i)
		t.put(`{"resourceType":"Patient","id":"%s","gender":"%s","birthDate":"19%02d-01-01"}`, id, []string{"male", "female"}[i%2], 99-i%20)
		want = append(want, id)
	}
	for _, query := range []string{"_count=1", "_count=7", "_count=57", "_count=56", "birthdate=gt1900&_count=5", "gender=male,female&_count=10"} {
		t.found("Patient", query, want...)
	}
	page, err := Page(t.ctx, t.desk, "Patient", "gender=male&_count=5", "")
	if err != nil || page.Next == "" {
		t.Fatal(err)
	}
	t.put(`{"resourceType":"Patient","id":"p00","gender":"female"}`)
	t.put(`{"resourceType":"Patient","id":"new","gender":"male"}`)
	next, err := Page(t.ctx, t.desk, "Patient", "gender=male&_count=100", page.Next)
	if err != nil || next.Entries[0].ID != "p10" || next.Entries[len(next.Entries)-1].ID != "new" {
		t.Errorf("%v %v", next.Entries, err)
	}
	another := string("AB"[strings.IndexByte("A", page.Next[0])+1]) // another first character
	for _, bad := range []string{"x", page.Next[1:], another + page.Next[1:], page.Next + "A", strings.Repeat("A", 5000)} {
		_, err := Page(t.ctx, t.desk, "Patient", "gender=male", bad)
		t.want(fault.Invalid, err)
	}
	_, err = Page(t.ctx, t.desk, "Patient", "gender=female", page.Next)
	t.want(fault.Invalid, err)
	other := t.store.As(caller(2, "system/*.cruds"))
	_, err = Page(t.ctx, other, "Patient", "gender=male", page.Next)
	t.want(fault.Invalid, err)
}

func sorting(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	for _, p := range []string{
		`"id":"a","birthDate":"1980-01-01","name":[{"family":"Zoe"},{"family":"Abel"}]`,
		`"id":"b","birthDate":"1970-01-01","name":[{"family":"Beta"}]`,
		`"id":"c","name":[{"family":"abel"}]`,
		`"id":"d","birthDate":"1980-01-01"`,
	} {
		t.put(`{"resourceType":"Patient",%s}`, p)
	}
	for _, count := range []string{"1", "2", "3", "10"} {
		for query, want := range map[string]string{
			"_sort=birthdate":         "b a d c",
			"_sort=-birthdate":        "a d b c",
			"_sort=family":            "a c b d",
			"_sort=-family":           "a b c d",
			"_sort=_id":               "a b c d",
			"_sort=-_id":              "d c b a",
			"_sort=_lastUpdated":      "a b c d",
			"_sort=-_lastUpdated":     "d c b a",
			"_sort=birthdate,-_id":    "b d a c",
			"_sort=-birthdate,family": "a d b c",
		} {
			t.found("Patient", query+"&_count="+count, strings.Split(want, " ")...)
			t.found("Patient", "_id=a,b,c,d&"+query+"&_count="+count, strings.Split(want, " ")...)
		}
	}
	t.sortMany()
	_, err := Page(t.ctx, t.desk, "Patient", "_sort=nonsense", "")
	t.want(fault.Invalid, err)
}

// sortMany: a result too large to be collected is read along the order's index.
func (t *story) sortMany() {
	const n = 1300
	var entries []string
	for i := range n {
		birth := fmt.Sprintf(`,"birthDate":"19%02d-0%d-11"`, i%97, 1+i%9)
		if i%13 == 0 {
			birth = ""
		}
		id := fmt.Sprintf("m%04d", i)
		entries = append(entries, entry("", "PUT", "Practitioner/"+id, fmt.Sprintf(`{"resourceType":"Practitioner","id":%q,"active":true%s,"name":[{"family":"f%d"},{"family":"g"}]}`, id, birth, i%50)))
	}
	if _, err := t.desk.Transaction(t.ctx, t.bundle("transaction", entries...)); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"_sort=family", "_sort=-family", "_sort=_lastUpdated", "active=true&_sort=family"} {
		got := t.search("Practitioner", query+"&_count=400")
		if len(got) != n {
			t.Fatalf("%s: %d of %d", query, len(got), n)
		}
		slices.Sort(got)
		if len(slices.Compact(got)) != n {
			t.Errorf("%s: repeats", query)
		}
	}
	t.fewOrMany()
}

// fewOrMany: what has few rows is gathered at once, what has many is walked; both find the same, page by page.
func (t *story) fewOrMany() {
	for query, want := range map[string]int{
		"family=g": 1300, "family=f": 1300, "family=f1": 286, "family:exact=f1": 26, "family:contains=1": 364, "family=nobody": 0,
		"family=g&active:not=false": 1300, "family=f1&active:not=true": 0, "family=f1&email:missing=true": 286, "family=f1&email:missing=false": 0, "family=f,g": 1300, "family=f1,f2": 572,
		"active=true": 1300, "active=true,false": 1300, "active=true,false&family=f1": 286, "active=true&family=f1,f2": 572,
	} {
		for _, count := range []string{"50", "400"} {
			got := t.search("Practitioner", query+"&_count="+count)
			if !slices.IsSorted(got) || len(slices.Compact(got)) != want {
				t.Errorf("%s by %s: %d of %d", query, count, len(got), want)
			}
		}
	}
}

// indexIsTrue: whatever was done, the index is what the bodies say.
func indexIsTrue(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{DanglingReferences: true})
	for i := range 30 {
		t.put(`{"resourceType":"Patient","id":"p%d","gender":"%s","name":[{"family":"n%d"}],"birthDate":"19%02d"}`, i%7, []string{"male", "female", "other"}[i%3], i, 50+i)
		t.put(observation, fmt.Sprintf("o%d", i%5), fmt.Sprintf("Patient/p%d", i%11))
		if i%6 == 0 {
			if _, err := t.desk.Delete(t.ctx, "Patient", fmt.Sprintf("p%d", i%7)); err != nil {
				t.Fatal(err)
			}
		}
	}
	report, err := t.store.CheckIndex(t.ctx, 1, 0, 0)
	if err != nil || report.Checked != 12 || len(report.Faults) != 0 {
		t.Errorf("%+v %v", report, err)
	}
}
