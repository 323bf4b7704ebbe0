package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

const composition = `{"resourceType":"Bundle","id":"doc","type":"document","entry":[{"resource":{"resourceType":"Composition","id":"%s","status":"final","type":{"text":"x"},"title":"t","date":"2020"}}]}`

// trueIndex fails if an index row is missing or one too many.
func (t *story) trueIndex() {
	t.Helper()
	report, err := t.store.CheckIndex(t.ctx, 1, 0, 0)
	if err != nil || len(report.Faults) != 0 {
		t.Errorf("%+v %v", report.Faults, err)
	}
}

func (t *story) remove(typ, id string) {
	t.Helper()
	if _, err := t.desk.Delete(t.ctx, typ, id); err != nil {
		t.Errorf("delete %s/%s: %v", typ, id, err)
	}
}

// documents: what stands inside a resource is found as if it were referred to, and goes with it.
func documents(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{Base: "https://ficus.test/fhir"})
	t.put(composition, "a")
	for _, query := range []string{"composition=Composition/a", "composition=a", "composition:Composition=a", "composition=https://ficus.test/fhir/Composition/a"} {
		t.found("Bundle", query, "doc")
	}
	for _, id := range []string{"b", "a", "b"} {
		t.put(composition, id)
		t.trueIndex()
		t.found("Bundle", "composition=Composition/"+id, "doc")
	}
	t.found("Bundle", "composition=Composition/a")
	for range 2 {
		t.remove("Bundle", "doc")
		t.trueIndex()
		t.found("Bundle", "composition=Composition/b")
		t.put(composition, "b")
	}
	t.put(`{"resourceType":"Composition","id":"b","status":"final","type":{"text":"x"},"title":"t","date":"2020","author":[{"display":"x"}]}`)
	t.remove("Composition", "b") // the document has one of its own
	t.found("Bundle", "composition=b", "doc")
	t.trueIndex()
}

// spellings: however often and in however many ways a resource points at another, it does so until the last one is gone.
func spellings(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{Base: "https://ficus.test/fhir"})
	t.put(`{"resourceType":"Practitioner","id":"a"}`)
	performers := func(refs ...string) {
		t.Helper()
		list := make([]string, len(refs))
		for i, r := range refs {
			list[i] = fmt.Sprintf(`{"reference":%q}`, r)
		}
		t.put(`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"performer":[%s]}`, strings.Join(list, ","))
		t.trueIndex()
		t.found("Observation", "performer=Practitioner/a", "o")
		_, err := t.desk.Delete(t.ctx, "Practitioner", "a")
		t.want(fault.Conflict, err)
	}
	own := "https://ficus.test/fhir/Practitioner/a"
	performers("Practitioner/a", "Practitioner/a/_history/1", own)
	performers("Practitioner/a/_history/1", own)
	performers(own, own+"#x")
	performers("Practitioner/a")
	performers("Practitioner/a/_history/1")
	t.put(`{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"}}`)
	t.trueIndex()
	t.remove("Practitioner", "a")
}

// foreigners: a resource of another server is not the one of this server that has the same type and id.
func foreigners(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{Base: "https://ficus.test/fhir"})
	const other = "https://elsewhere.test/fhir/Patient/a"
	const mixed = `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"%s"},"extension":[{"url":"http://x","valueReference":{"reference":"%s"}}]}`
	t.put(`{"resourceType":"Patient","id":"a"}`)
	t.put(mixed, other, "Patient/a")
	t.found("Observation", "subject=Patient/a")
	t.found("Observation", "subject="+other, "o")
	t.trueIndex()
	_, err := t.desk.Delete(t.ctx, "Patient", "a")
	t.want(fault.Conflict, err)
	t.put(mixed, "Patient/a", other)
	t.found("Observation", "subject=Patient/a", "o")
	t.found("Observation", "subject="+other)
	t.put(mixed, other, other)
	t.trueIndex()
	t.remove("Patient", "a")
}

// orphans: a bundle that deletes what refers to a resource must delete all of it, however much it is.
func orphans(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	const all = 2103
	puts, deletes := make([]string, all), make([]string, all)
	for i := range all {
		id := fmt.Sprintf("o%04d", i)
		puts[i], deletes[i] = entry("", "PUT", "Observation/"+id, fmt.Sprintf(observation, id, "Patient/p")), entry("", "DELETE", "Observation/"+id, "")
	}
	t.put(`{"resourceType":"Patient","id":"p"}`)
	t.transact(puts...)
	patient := entry("", "DELETE", "Patient/p", "")
	for _, n := range []int{999, 1000, 2000, 2102} {
		_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", append([]string{patient}, deletes[:n]...)...))
		t.want(fault.Conflict, err)
	}
	t.transact(append([]string{patient}, deletes...)...)
	t.found("Observation", "")
	t.found("Patient", "")
}

// insteadOf: a transaction that deletes the match of a conditional create makes a new resource, and what refers to the
// created entry refers to that one.
func insteadOf(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	old := t.create(person, "1", "Old")
	replies := t.transact(
		entry("", "DELETE", "Patient/"+old.ID, ""),
		entry("urn:uuid:1", "POST", "Patient", fmt.Sprintf(person, "1", "New"), `,"ifNoneExist":"identifier=s|1"`),
		entry("", "POST", "Observation", obs("urn:uuid:1")))
	made := replies[1].Result
	if made.Effect != store.Created || made.ID == old.ID || !strings.Contains(string(replies[2].Result.Body), `"Patient/`+made.ID+`"`) {
		t.Errorf("%+v %s", made, replies[2].Result.Body)
	}
	t.found("Patient", "identifier=s|1", made.ID)
	t.found("Observation", "patient="+made.ID, replies[2].Result.ID)
	t.trueIndex()
}

// homes: a relative reference means the server of its own entry's fullUrl; where that tells nothing, nobody guesses.
func homes(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{Base: "https://ficus.test/fhir"})
	t.put(`{"resourceType":"Patient","id":"1"}`)
	const here, there, patient = "https://ficus.test/fhir/", "https://there.test/", `{"resourceType":"Patient","active":true}`
	theirs := entry(there+"Patient/1", "POST", "Patient", patient)
	refers := func(want, fullURL, ref string, entries ...string) {
		t.Helper()
		replies, err := t.desk.Transaction(t.ctx, t.bundle("transaction", append([]string{entry(fullURL, "POST", "Observation", obs(ref))}, entries...)...))
		if want == "" {
			t.want(fault.Unprocessable, err)
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if want == "entry" {
			want = "Patient/" + replies[1].Result.ID
		}
		if !strings.Contains(string(replies[0].Result.Body), `"reference":"`+want+`"`) {
			t.Errorf("%s in %q: want %s: %s", ref, fullURL, want, replies[0].Result.Body)
		}
	}
	refers("entry", there+"Observation/1", "Patient/1", theirs)
	refers("entry", there+"Observation/1", "Patient/1", theirs, entry("https://elsewhere.test/Patient/1", "POST", "Patient", patient))
	refers("Patient/1", here+"Observation/1", "Patient/1", theirs)
	refers("Patient/1", "https://elsewhere.test/Observation/1", "Patient/1", theirs)
	refers("entry", here+"Observation/1", "Patient/7", entry(here+"Patient/7", "POST", "Patient", patient))
	refers("", here+"Observation/1", "Patient/7", entry(there+"Patient/7", "POST", "Patient", patient))
	for _, none := range []string{"", "urn:uuid:9e2d7dd5-97e0-4df5-8a2f-c89301a1fc01"} {
		refers("", none, "Patient/1", theirs)
		refers("", none, "Patient/1", theirs, entry("", "PUT", "Patient/1", `{"resourceType":"Patient","id":"1"}`))
		refers("entry", none, "Patient/7", entry(there+"Patient/7", "POST", "Patient", patient))
		refers("Patient/1", none, "Patient/1", entry(there+"Patient/1", "PUT", "Patient/1", `{"resourceType":"Patient","id":"1"}`))
		refers("", none, "Patient/7", entry(there+"Patient/7", "POST", "Patient", patient), entry("https://elsewhere.test/Patient/7", "POST", "Patient", patient))
	}
}

// fullSize: what is as large as the server takes can be read, found, changed, referred to and deleted.
func fullSize(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	const head, tail = `{"resourceType":"Binary","id":"b","contentType":"x/y","data":"`, `"}`
	t.put("%s", head+strings.Repeat("AAAA", (64<<20-len(head)-len(tail))/4)+tail)
	t.trueIndex()
	if _, err := t.desk.Patch(t.ctx, "Binary", "b", t.jsonPatch(`[{"op":"replace","path":"/contentType","value":"x/z"}]`)); err != nil {
		t.Error(err)
	}
	t.put(`{"resourceType":"Binary","id":"b","contentType":"x/y"}`)
	t.remove("Binary", "b")
}
