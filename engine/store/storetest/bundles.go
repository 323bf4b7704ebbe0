package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

func (t *story) bundle(kind string, entries ...string) fhir.Bundle {
	t.Helper()
	return fhir.Bundle{Resource: t.parse(`{"resourceType":"Bundle","type":"%s","entry":[%s]}`, kind, strings.Join(entries, ","))}
}

func entry(fullURL, method, url, body string, more ...string) string {
	s := "{"
	if fullURL != "" {
		s += fmt.Sprintf(`"fullUrl":%q,`, fullURL)
	}
	if body != "" {
		s += `"resource":` + body + ","
	}
	return s + fmt.Sprintf(`"request":{"method":%q,"url":%q%s}}`, method, url, strings.Join(more, ""))
}

func conditional(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	const body = `{"resourceType":"Patient","identifier":[{"system":"s","value":"1"}]}`
	create := func() (store.Result, error) {
		return t.desk.Create(t.ctx, t.parse(body), store.IfNoneExist("identifier=s|1"))
	}
	first, err := create()
	if err != nil || first.Effect != store.Created {
		t.Fatalf("%+v %v", first, err)
	}
	second, err := create()
	if err != nil || second.Effect != store.Unchanged || second.ID != first.ID || string(second.Body) != string(first.Body) {
		t.Fatalf("%+v %v", second, err)
	}
	t.create(body)
	_, err = create()
	t.want(fault.Stale, err)
	_, err = t.desk.Create(t.ctx, t.parse(body), store.IfNoneExist("nonsense=1"))
	t.want(fault.Invalid, err)
	_, err = t.desk.Create(t.ctx, t.parse(body), store.IfNoneExist("_count=1"))
	t.want(fault.Invalid, err)
}

func transaction(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Practitioner","id":"doc","identifier":[{"system":"npi","value":"9"}]}`)
	t.put(`{"resourceType":"Patient","id":"old"}`)
	replies, err := t.desk.Transaction(t.ctx, t.bundle("transaction",
		entry("urn:uuid:2", "POST", "Observation", `{"resourceType":"Observation","status":"final","code":{"text":"x"},
			"subject":{"reference":"urn:uuid:1"},"performer":[{"reference":"Practitioner?identifier=npi|9"}]}`),
		entry("urn:uuid:1", "POST", "Patient", `{"resourceType":"Patient","active":true,"generalPractitioner":[{"reference":"Practitioner/doc"}]}`),
		entry("https://x.test/Organization/7", "POST", "Organization", `{"resourceType":"Organization","name":"A"}`),
		entry("urn:uuid:3", "PUT", "Organization/put", `{"resourceType":"Organization","id":"put","partOf":{"reference":"Organization/7"}}`),
		entry("", "DELETE", "Patient/old", ""),
		entry("", "GET", "Patient?active=true", ""),
		entry("", "GET", "Organization/put", ""),
	))
	if err != nil {
		t.Fatal(err)
	}
	patient := replies[1].Result.ID
	for part, want := range map[string]string{"subject": "Patient/" + patient, "performer": "Practitioner/doc"} {
		if !strings.Contains(string(replies[0].Result.Body), `"`+want+`"`) {
			t.Errorf("%s lacks %s %s", replies[0].Result.Body, part, want)
		}
	}
	if !strings.Contains(string(replies[6].Result.Body), `"Organization/`+replies[2].Result.ID+`"`) {
		t.Errorf("%s", replies[6].Result.Body)
	}
	if p := replies[5].Page; p == nil || len(p.Entries) != 1 || p.Entries[0].ID != patient {
		t.Errorf("%+v", p)
	}
	t.found("Observation", "subject=Patient/"+patient, replies[0].Result.ID)
	t.found("Observation", "performer=Practitioner/doc", replies[0].Result.ID)
	_, err = t.desk.Read(t.ctx, "Patient", "old")
	t.want(fault.Gone, err)
	t.sameCondition()
}

// sameCondition: two creates under one condition are one resource.
func (t *story) sameCondition() {
	const body = `{"resourceType":"Patient","identifier":[{"system":"s","value":"2"}]}`
	const unless = `,"ifNoneExist":"identifier=s|2"`
	for range 2 {
		replies, err := t.desk.Transaction(t.ctx, t.bundle("transaction",
			entry("urn:uuid:1", "POST", "Patient", body, unless), entry("urn:uuid:2", "POST", "Patient", body, unless),
			entry("", "POST", "Observation", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:2"}}`)))
		if err != nil || replies[0].Result.ID != replies[1].Result.ID || len(replies[1].Result.Body) == 0 {
			t.Fatalf("%+v %v", replies, err)
		}
		if !strings.Contains(string(replies[2].Result.Body), "Patient/"+replies[0].Result.ID) {
			t.Errorf("%s", replies[2].Result.Body)
		}
	}
	if got := t.search("Patient", "identifier=s|2"); len(got) != 1 {
		t.Error(got)
	}
}

func transactionFails(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"p1","identifier":[{"system":"s","value":"1"}]}`)
	t.put(`{"resourceType":"Patient","id":"p2","identifier":[{"system":"s","value":"1"}]}`)
	good := entry("", "POST", "Organization", `{"resourceType":"Organization","name":"A"}`)
	obs := func(ref string) string {
		return fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":%q}}`, ref)
	}
	for name, c := range map[string]struct {
		bad  string
		kind fault.Kind
	}{
		"dangling":             {entry("", "POST", "Observation", obs("Patient/nobody")), fault.Unprocessable},
		"dangling urn":         {entry("", "POST", "Observation", obs("urn:uuid:9")), fault.Unprocessable},
		"conditional none":     {entry("", "POST", "Observation", obs("Patient?identifier=s|none")), fault.Stale},
		"conditional several":  {entry("", "POST", "Observation", obs("Patient?identifier=s|1")), fault.Stale},
		"conditional nonsense": {entry("", "POST", "Observation", obs("Patient?nonsense=1")), fault.Invalid},
		"version":              {entry("", "PUT", "Patient/p1", `{"resourceType":"Patient","id":"p1"}`, `,"ifMatch":"W/\"7\""`), fault.Stale},
		"id":                   {entry("", "PUT", "Patient/p1", `{"resourceType":"Patient","id":"p2"}`), fault.Invalid},
		"type":                 {entry("", "POST", "Patient", `{"resourceType":"Observation"}`), fault.Invalid},
		"no such type":         {entry("", "POST", "Nonsense", `{"resourceType":"Nonsense"}`), fault.Unknown},
		"method":               {entry("", "TRACE", "Patient/p1", ""), fault.Invalid},
		"no body":              {entry("", "POST", "Patient", ""), fault.Invalid},
	} {
		_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", good, c.bad))
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), "Bundle.entry[1]") {
			t.Errorf("%s: %v (%v), want %v at Bundle.entry[1]", name, err, fault.Of(err), c.kind)
		}
	}
	twice := entry("", "PUT", "Patient/p1", `{"resourceType":"Patient","id":"p1"}`)
	_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", twice, twice))
	t.want(fault.Invalid, err)
	url := entry("urn:uuid:1", "POST", "Patient", `{"resourceType":"Patient"}`)
	_, err = t.desk.Transaction(t.ctx, t.bundle("transaction", url, url))
	t.want(fault.Invalid, err)
	if f := fault.Find(err); f == nil || f.Issues[0].Expression != "Bundle.entry[1].fullUrl" {
		t.Errorf("a fullUrl that is there twice: %v", f)
	}
	t.found("Organization", "")
	if got := t.versions(store.HistoryQuery{}); got != "p21 p11" {
		t.Error("something half-done stays:", got)
	}
}

func batch(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	replies, err := t.desk.Batch(t.ctx, t.bundle("batch",
		entry("", "POST", "Patient", `{"resourceType":"Patient","active":true}`),
		entry("", "PUT", "Patient/x", `{"resourceType":"Patient","id":"y"}`),
		entry("", "DELETE", "Patient/nobody", ""),
		entry("", "GET", "Patient/nobody", ""),
		entry("", "PUT", "Patient/z", `{"resourceType":"Patient","id":"z"}`),
	))
	if err != nil {
		t.Fatal(err)
	}
	for i, kind := range []fault.Kind{0, fault.Invalid, 0, fault.Unknown, 0} {
		if kind == 0 && replies[i].Err != nil || kind != 0 && !fault.Is(replies[i].Err, kind) {
			t.Errorf("entry %d: %v", i, replies[i].Err)
		}
	}
	if _, err := t.desk.Read(t.ctx, "Patient", "z"); err != nil {
		t.Error(err)
	}
}
