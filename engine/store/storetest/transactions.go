package storetest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

func obs(ref string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":%q}}`, ref)
}

// transact runs a transaction that must succeed.
func (t *story) transact(entries ...string) []store.Reply {
	t.Helper()
	replies, err := t.desk.Transaction(t.ctx, t.bundle("transaction", entries...))
	if err != nil {
		t.Fatal(err)
	}
	return replies
}

// verbs: whatever the order of the entries, deletes come first, then creates, then updates and patches, then reads.
func verbs(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	old := t.create(person, "1", "Old")
	t.put(`{"resourceType":"Patient","id":"p","active":true}`)
	binary := base64.StdEncoding.EncodeToString([]byte(`[{"op":"replace","path":"/active","value":false}]`))
	replies := t.transact(
		entry("", "GET", "Patient?identifier=s|1", ""),
		entry("", "HEAD", "Patient/p", ""),
		entry("", "PATCH", "Patient/p", `{"resourceType":"Binary","contentType":"application/json-patch+json","data":"`+binary+`"}`),
		entry("", "POST", "Patient", fmt.Sprintf(person, "1", "New"), `,"ifNoneExist":"identifier=s|1"`),
		entry("", "DELETE", "Patient?identifier=s|1", ""),
	)
	if made := replies[3].Result; made.Effect != store.Created || made.ID == old.ID || replies[4].Deleted != 1 {
		t.Errorf("%+v %+v", made, replies[4])
	}
	if p := replies[0].Page; p == nil || len(p.Entries) != 1 || p.Entries[0].ID != replies[3].Result.ID {
		t.Errorf("%+v", p)
	}
	if v := replies[1].Result; v.Number != 2 || !strings.Contains(string(v.Body), `"active":false`) {
		t.Errorf("%+v", v)
	}
	op := `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.active"}]}]}`
	replies = t.transact(entry("", "PATCH", "Patient?_id=p", op, `,"ifMatch":"W/\"2\""`),
		entry("", "GET", "Patient/p", "", `,"ifNoneMatch":"W/\"3\""`), entry("", "GET", "Patient/p", "", `,"ifModifiedSince":"2001-01-01T00:00:00Z"`))
	if replies[0].Result.Number != 3 || !replies[1].Unmodified || replies[2].Unmodified {
		t.Errorf("%+v", replies)
	}
}

// addresses: every way to mean an entry by its fullUrl is followed, in references, uris, links and images.
func addresses(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	replies := t.transact(
		entry("urn:oid:1.2.3", "POST", "Patient", `{"resourceType":"Patient"}`),
		entry("http://a.test/r4/Patient/1", "POST", "Patient", `{"resourceType":"Patient","active":true}`),
		entry("http://b.test/r4/Patient/1", "POST", "Patient", `{"resourceType":"Patient","active":false}`),
		entry("Organization/rel", "POST", "Organization", `{"resourceType":"Organization","name":"R"}`),
		entry("http://a.test/r4/Observation/o", "POST", "Observation", obs("Patient/1")),
		entry("http://b.test/r4/Observation/o", "POST", "Observation", obs("Patient/1/_history/9")),
		entry("urn:uuid:5", "POST", "Observation", obs("urn:oid:1.2.3")),
		entry("urn:uuid:6", "POST", "Patient", `{"resourceType":"Patient","managingOrganization":{"reference":"Organization/rel"},
			"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a class='x' href=\"urn:uuid:5\">o</a><img src='urn:oid:1.2.3#f' alt=\"urn:uuid:5\"/> urn:uuid:5 <b title=\"href=urn:uuid:5\">x</b></div>"},
			"extension":[{"url":"urn:uuid:5","valueUri":"urn:uuid:5"},{"url":"u","valueUrl":"urn:uuid:5#x"},{"url":"u","valueCanonical":"urn:uuid:5"},{"url":"u","valueString":"urn:uuid:5"}],
			"identifier":[{"system":"urn:oid:1.2.3","value":"urn:uuid:5"}]}`),
	)
	id := func(i int) string { return replies[i].Result.Type + "/" + replies[i].Result.ID }
	contains := func(i int, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(string(replies[i].Result.Body), part) {
				t.Errorf("%s lacks %s", replies[i].Result.Body, part)
			}
		}
	}
	contains(4, `"reference":"`+id(1)+`"`)
	contains(5, `"reference":"`+id(2)+`/_history/1"`)
	contains(6, `"reference":"`+id(0)+`"`)
	contains(7, `"reference":"`+id(3)+`"`, `<a class='x' href=\"`+id(6)+`\">`, `<img src='`+id(0)+`#f' alt=\"urn:uuid:5\"/> urn:uuid:5 <b title=\"href=urn:uuid:5\">`,
		`{"url":"urn:uuid:5","valueUri":"`+id(6)+`"}`, `"valueUrl":"`+id(6)+`#x"`, `"valueCanonical":"urn:uuid:5"`, `"valueString":"urn:uuid:5"`,
		`{"system":"urn:oid:1.2.3","value":"urn:uuid:5"}`)
	t.found("Observation", "patient=Patient/"+replies[2].Result.ID, replies[5].Result.ID)
}

// among: conditions see what the same bundle writes, as far as names decide; what would be one thing twice is refused.
func among(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	replies := t.transact(
		entry("", "POST", "Observation", obs("Patient?identifier=s|1")),
		entry("", "POST", "Patient", fmt.Sprintf(person, "1", "A")),
	)
	if !strings.Contains(string(replies[0].Result.Body), "Patient/"+replies[1].Result.ID) {
		t.Errorf("%s", replies[0].Result.Body)
	}
	late := t.transact(
		entry("", "POST", "Observation", obs("Patient?family=Late")),
		entry("", "PUT", "Patient?family=Late", `{"resourceType":"Patient","name":[{"family":"Late"}]}`),
	)
	if !strings.Contains(string(late[0].Result.Body), "Patient/"+late[1].Result.ID) {
		t.Errorf("%s", late[0].Result.Body)
	}
	one, two := fmt.Sprintf(person, "2", "A"), `{"resourceType":"Patient","identifier":[{"system":"s","value":"2"},{"system":"s","value":"3"}]}`
	id := replies[1].Result.ID
	for name, c := range map[string]struct {
		entries []string
		kind    fault.Kind
	}{
		"two conditions, one thing":   {[]string{entry("", "POST", "Patient", two, `,"ifNoneExist":"identifier=s|2"`), entry("", "POST", "Patient", two, `,"ifNoneExist":"identifier=s|3"`)}, fault.Invalid},
		"made before its turn":        {[]string{entry("", "POST", "Patient", one), entry("", "PUT", "Patient?identifier=s|2", one)}, fault.Invalid},
		"resolved twice":              {[]string{entry("", "PUT", "Patient?identifier=s|1", fmt.Sprintf(person, "1", "B")), entry("", "DELETE", "Patient/"+id, "")}, fault.Invalid},
		"two matches for a reference": {[]string{entry("", "POST", "Patient", fmt.Sprintf(person, "1", "B")), entry("", "POST", "Observation", obs("Patient?identifier=s|1"))}, fault.Stale},
		"reference to what goes":      {[]string{entry("", "DELETE", "Observation/"+replies[0].Result.ID, ""), entry("", "DELETE", "Patient/"+id, ""), entry("", "POST", "Observation", obs("Patient?identifier=s|1"))}, fault.Stale},
		"one condition twice":         {[]string{entry("", "PUT", "Patient?family=Nobody", one), entry("", "PUT", "Patient?family=Nobody", two)}, fault.Invalid},
		"create and update":           {[]string{entry("", "PUT", "Patient?family=Nobody", one), entry("", "POST", "Patient", two, `,"ifNoneExist":"family=Nobody"`)}, fault.Invalid},
		"id and search":               {[]string{entry("", "PUT", "Patient/x?identifier=1", one)}, fault.Invalid},
		"nothing named":               {[]string{entry("", "DELETE", "Patient", "")}, fault.Invalid},
		"no patch":                    {[]string{entry("", "PATCH", "Patient/"+id, one)}, fault.Invalid},
		"no binary patch":             {[]string{entry("", "PATCH", "Patient/"+id, `{"resourceType":"Binary","contentType":"application/json-patch+json","data":"!"}`)}, fault.Invalid},
	} {
		_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", c.entries...))
		if c.kind != 0 && (!fault.Is(err, c.kind) || !strings.Contains(err.Error(), "Bundle.entry[") && fault.Find(err).Issues == nil) {
			t.Errorf("%s: %v (%v), want %v", name, err, fault.Of(err), c.kind)
		}
	}
}

// elsewhere: an entry that is neither a read nor a write is told where it belongs.
func elsewhere(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	for url, text := range map[string]string{
		"POST Patient/$match": "not in a transaction", "POST $process": "not in a transaction", "GET metadata": "asked for by itself", "GET Patient/1/$everything": "in a batch",
	} {
		method, url, _ := strings.Cut(url, " ")
		body := ""
		if method == "POST" {
			body = fmt.Sprintf(person, "1", "A")
		}
		_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", entry("", method, url, body)))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s %s: %v", method, url, err)
		}
	}
}

// pasts: a history in a bundle tells what the bundle has done, and is refused before anything is done if it cannot be told.
func pasts(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.put(`{"resourceType":"Patient","id":"p"}`)
	t.put(`{"resourceType":"Organization","id":"o"}`)
	active := `{"resourceType":"Patient","id":"p","active":true}`
	replies := t.transact(entry("", "GET", "Patient/p/_history", ""), entry("", "PUT", "Patient/p", active),
		entry("", "GET", "Patient/_history?_count=1&_sort=_lastUpdated", ""), entry("", "GET", "_history", ""), entry("", "GET", "Patient/new/_history", ""),
		entry("", "PUT", "Patient/new", `{"resourceType":"Patient","id":"new"}`))
	for i, want := range map[int]int{0: 2, 2: 1, 3: 4, 4: 1} {
		if r := replies[i]; !r.Past || r.Page == nil || len(r.Page.Entries) != want {
			t.Errorf("entry %d: %+v", i, r)
		}
	}
	replies = t.transact(entry("", "DELETE", "Patient/p", ""), entry("", "GET", "Patient/p/_history", ""))
	if r := replies[1]; r.Page == nil || len(r.Page.Entries) != 3 {
		t.Errorf("%+v", r)
	}
	for url, kind := range map[string]fault.Kind{
		"Patient/nobody/_history": fault.Unknown, "Patient/_history?_cursor=x": fault.Invalid, "Patient/_history?_since=x": fault.Invalid,
		"Nothing/_history": fault.Unknown, "_history?name=x": fault.Invalid, "Patient/b/c/_history": fault.Invalid,
	} {
		_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", entry("", "PUT", "Organization/o", `{"resourceType":"Organization","id":"o","active":true}`), entry("", "GET", url, "")))
		if !fault.Is(err, kind) {
			t.Errorf("%s: %v, want %v", url, err, kind)
		}
	}
	if got := t.versions(store.HistoryQuery{Type: "Organization"}); got != "o1" {
		t.Error("a transaction whose history cannot be told has written:", got)
	}
	narrow := t.store.As(caller(1, "system/Organization.cruds"))
	refused, err := narrow.Batch(t.ctx, t.bundle("batch", entry("", "GET", "Patient/p/_history", ""), entry("", "GET", "_history", ""), entry("", "GET", "Organization/o/_history", "")))
	if err != nil || !fault.Is(refused[0].Err, fault.Forbidden) || !fault.Is(refused[1].Err, fault.Forbidden) || refused[2].Err != nil {
		t.Errorf("%v %+v", err, refused)
	}
}

// crossing: bundles that change and look for the same things in every order all come through.
func crossing(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	race(racers, func(i int) {
		if _, err := t.desk.Transaction(t.ctx, t.bundle("transaction", crossingEntries(i)...)); err != nil {
			t.Error(err)
		}
	})
	for k := range 8 {
		if got := t.search("Organization", fmt.Sprintf("identifier=c|%d", k)); len(got) != 1 {
			t.Errorf("%d: %v", k, got)
		}
	}
}

// crossingEntries write eight things, in an order of the client's own, by conditional update or create.
func crossingEntries(i int) (entries []string) {
	for j := range 8 {
		k := (i*3 + j*5) % 8
		body := fmt.Sprintf(`{"resourceType":"Organization","identifier":[{"system":"c","value":"%d"}],"name":"%d"}`, k, i)
		if i%2 == 0 {
			entries = append(entries, entry("", "PUT", fmt.Sprintf("Organization?identifier=c|%d", k), body))
		} else {
			entries = append(entries, entry(fmt.Sprintf("urn:uuid:%d", k), "POST", "Organization", body, fmt.Sprintf(`,"ifNoneExist":"identifier=c|%d"`, k)))
		}
	}
	return entries
}

// large: the largest bundle is carried out in bounded time, one entry more is refused.
func large(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	const most = 10_000
	entries := make([]string, most)
	for i := range entries {
		switch i % 4 {
		case 0:
			entries[i] = entry(fmt.Sprintf("urn:uuid:%d", i), "POST", "Patient", fmt.Sprintf(person, fmt.Sprint(i), "L"), fmt.Sprintf(`,"ifNoneExist":"identifier=s|%d"`, i))
		case 1:
			entries[i] = entry("", "POST", "Observation", obs(fmt.Sprintf("urn:uuid:%d", i-1)))
		case 2:
			entries[i] = entry("", "PUT", fmt.Sprintf("Patient?identifier=s|%d", i), fmt.Sprintf(person, fmt.Sprint(i), "L"))
		case 3:
			entries[i] = entry("", "POST", "Observation", obs(fmt.Sprintf("Patient?identifier=s|%d", i-1)))
		}
	}
	begun := time.Now()
	t.transact(entries...)
	if took := time.Since(begun); took > 50*time.Second {
		t.Errorf("took %v", took)
	}
	_, err := t.desk.Transaction(t.ctx, t.bundle("transaction", append(entries, entries[0])...))
	t.want(fault.TooLarge, err)
}
