package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// holes: ways around a promise that were open once.
func holes(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.deletedInTheSameChange()
	t.referenceWithoutParameter()
	t.conditionSpelledTwice()
	t.oneCodeOfTwoSystems()
	t.readsOfATransaction()
	t.formlessReferences()
	t.rightsOfConditions()
	t.conditionsOfEntries()
	t.answersThatGrow()
}

func (t *story) deletedInTheSameChange() {
	t.put(`{"resourceType":"Patient","id":"h1"}`)
	t.put(observation, "ho1", "Patient/h1")
	del := entry("", "DELETE", "Patient/h1", "")
	for name, other := range map[string]string{
		"a referrer that keeps the reference": entry("", "PUT", "Observation/ho1", fmt.Sprintf(observation, "ho1", "Patient/h1")),
		"a new referrer":                      entry("", "PUT", "Observation/ho2", fmt.Sprintf(observation, "ho2", "Patient/h1")),
	} {
		_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", other, del))
		if !fault.Is(err, fault.Unprocessable) && !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	moved := entry("", "PUT", "Observation/ho1", fmt.Sprintf(observation, "ho1", "https://elsewhere.test/fhir/Patient/1"))
	if _, err := t.desk.Transaction(t.ctx, t.bundle("transaction", moved, del)); err != nil {
		t.Error(err)
	}
}

func (t *story) referenceWithoutParameter() {
	t.put(`{"resourceType":"Practitioner","id":"author"}`)
	t.put(`{"resourceType":"Patient","id":"h2","extension":[{"url":"x","valueReference":{"reference":"Practitioner/author"}}]}`)
	_, err := t.desk.Delete(t.ctx, "Practitioner", "author")
	t.want(fault.Conflict, err)
	t.put(`{"resourceType":"Patient","id":"h2"}`)
	if _, err := t.desk.Delete(t.ctx, "Practitioner", "author"); err != nil {
		t.Error(err)
	}
}

func (t *story) conditionSpelledTwice() {
	const body = `{"resourceType":"Patient","identifier":[{"system":"http://s","value":"twice"}]}`
	_, err := t.desk.Transaction(t.ctx, t.bundle("transaction",
		entry("urn:uuid:1", "POST", "Patient", body, `,"ifNoneExist":"identifier=http://s|twice"`),
		entry("urn:uuid:2", "POST", "Patient", body, `,"ifNoneExist":"identifier=http%3A%2F%2Fs%7Ctwice"`)))
	if err != nil {
		t.Error(err)
	}
	if got := t.search("Patient", "identifier=http://s|twice"); len(got) != 1 {
		t.Errorf("%d patients", len(got))
	}
}

func (t *story) oneCodeOfTwoSystems() {
	t.put(`{"resourceType":"Patient","id":"h3","identifier":[{"system":"a","value":"same"},{"system":"b","value":"same"}]}`)
	for _, query := range []string{"identifier=same", "identifier=same&_sort=_id", "identifier=same&_sort=_id,birthdate", "identifier=same&_sort=_lastUpdated"} {
		t.found("Patient", query, "h3")
	}
	page, err := Page(t.ctx, t.desk, "Patient", "identifier=same&_total=accurate", "")
	if err != nil || page.Total != 1 {
		t.Error(page.Total, err)
	}
	r, err := t.desk.Create(t.ctx, t.parse(`{"resourceType":"Patient"}`), store.IfNoneExist("identifier=same"))
	if err != nil || r.ID != "h3" {
		t.Errorf("%+v %v", r, err)
	}
}

// formlessReferences point nowhere and are refused; what a stored bundle holds is its own affair.
func (t *story) formlessReferences() {
	for _, ref := range []string{"#x", "hello world", "Organization", "/Organization/nope", "Organization/a b", "Nosuch/1"} {
		_, err := t.desk.Update(t.ctx, t.parse(observation, "hf", ref))
		t.want(fault.Unprocessable, err)
	}
	for _, ref := range []string{"https://x.test/any", "urn:oid:1.2", "#"} {
		t.put(observation, "hf", ref)
	}
	t.put(`{"resourceType":"Observation","id":"hf","contained":[{"resourceType":"Patient","id":"x"}],"status":"final","code":{"text":"x"},"subject":{"reference":"#x"}}`)
	t.put(`{"resourceType":"Bundle","id":"doc","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/inside"}}}]}`)
}

// readsOfATransaction: what cannot be read, or is not there, is refused before anything is written.
func (t *story) readsOfATransaction() {
	write := entry("", "PUT", "Patient/h4", `{"resourceType":"Patient","id":"h4"}`)
	for _, url := range []string{"Patient?nonsense=1", "Nonsense/1", "Patient/1/x", "Patient/1?x=1"} {
		if _, err := t.desk.Transaction(t.ctx, t.bundle("transaction", write, entry("", "GET", url, ""))); err == nil {
			t.Errorf("GET %s is not refused", url)
		}
	}
	_, err := t.desk.Read(t.ctx, "Patient", "h4")
	t.want(fault.Unknown, err)
	_, err = t.desk.Transaction(t.ctx, t.bundle("transaction", write, entry("", "GET", "Patient/nobody", "")))
	t.want(fault.Unknown, err)
}

// rightsOfConditions: a condition tells what exists, so it needs the right to search, and to read what it shows.
func (t *story) rightsOfConditions() {
	t.put(`{"resourceType":"Patient","id":"h5","identifier":[{"system":"s","value":"secret"}]}`)
	writer := t.store.As(caller(1, "system/Patient.c system/Observation.cu"))
	_, err := writer.Create(t.ctx, t.parse(`{"resourceType":"Patient"}`), store.IfNoneExist("identifier=s|secret"))
	t.want(fault.Forbidden, err)
	_, err = writer.Transaction(t.ctx, t.bundle("transaction", entry("", "POST", "Observation",
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=s|secret"}}`)))
	t.want(fault.Forbidden, err)
	_, err = writer.Transaction(t.ctx, t.bundle("transaction", entry("", "GET", "Patient/h5", "")))
	t.want(fault.Forbidden, err)
}

func (t *story) conditionsOfEntries() {
	const body = `{"resourceType":"Patient","id":"h5"}`
	for _, more := range []string{`,"ifMatch":"W/\"\""`, `,"ifMatch":"\"x\""`, `,"ifNoneMatch":"W/\"1\""`} {
		_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", entry("", "PUT", "Patient/h5", body, more)))
		t.want(fault.Invalid, err)
	}
	_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", entry("", "PUT", "Patient/h5", body, `,"ifNoneMatch":"*"`)))
	t.want(fault.Stale, err)
}

// answersThatGrow: many reads of much in one bundle end at a stated limit.
func (t *story) answersThatGrow() {
	t.put(`{"resourceType":"Basic","id":"big","code":{"text":"%s"}}`, strings.Repeat("x", 4<<20))
	var reads []string
	for range 30 {
		reads = append(reads, entry("", "GET", "Basic/big", ""))
	}
	replies, err := t.desk.Batch(t.ctx, t.bundle("batch", reads...))
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, r := range replies {
		if fault.Is(r.Err, fault.TooCostly) {
			refused++
		}
	}
	if refused == 0 || refused == len(replies) {
		t.Errorf("%d of %d refused", refused, len(replies))
	}
}
