package rest

import (
	"net/url"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir/search"
)

// linkIn is a link of a Bundle; "" if there is none.
func linkIn(t *testing.T, bundle map[string]any, relation string) string {
	t.Helper()
	links, _ := bundle["link"].([]any)
	for _, l := range links {
		if l := l.(map[string]any); l["relation"] == relation {
			return l["url"].(string)
		}
	}
	return ""
}

// TestWhereASearchIs: what is asked of the store at each address.
func TestWhereASearchIs(t *testing.T) {
	form := "Content-Type: application/x-www-form-urlencoded"
	for line, want := range map[string]string{
		"GET /fhir/Patient?_id=a":                          "Patient / _id /fhir/Patient",
		"GET /fhir?_id=a":                                  " / _id /fhir",
		"GET /fhir/_search?_id=a":                          " / _id /fhir",
		"POST /fhir/_search?_id=a":                         " / _id /fhir",
		"POST /fhir/Patient/_search?_id=a":                 "Patient / _id /fhir/Patient",
		"GET /fhir/Patient/1/Observation?_id=a":            "Observation Patient/1 _id /fhir/Patient/1/Observation",
		"GET /fhir/Patient/1/*?_id=a":                      " Patient/1 _id /fhir/Patient/1/*",
		"POST /fhir/Patient/1/_search?_id=a":               " Patient/1 _id /fhir/Patient/1/*",
		"POST /fhir/Encounter/1/Observation/_search":       "Observation Encounter/1  /fhir/Encounter/1/Observation",
		"GET /fhir/Device/1/AuditEvent/":                   "AuditEvent Device/1  /fhir/Device/1/AuditEvent",
		"POST /fhir/RelatedPerson/1/*/_search?_id=a":       " RelatedPerson/1 _id /fhir/RelatedPerson/1/*",
		"GET /fhir/Practitioner/1/Encounter?_summary=data": "Encounter Practitioner/1 _summary /fhir/Practitioner/1/Encounter",
	} {
		r := newRig(t, Options{})
		w := r.do(line, form, "", "")
		q := r.shelf.asked
		var used []string
		for _, p := range q.Used {
			used = append(used, p.Name)
		}
		self, _, _ := strings.Cut(linkIn(t, parsed(t, w), "self"), "?")
		got := q.Type + " " + q.Compartment.Type + "/" + q.Compartment.ID + " " + strings.Join(used, " ") + " " + strings.TrimPrefix(self, "http://ficus.test")
		if got != want {
			t.Errorf("%s asked %q, want %q (%s)", line, got, want, w.Body)
		}
	}
}

// TestAPostedSearchGoesOnBehindAVeil: links show nothing of what was asked, and lead on.
func TestAPostedSearchGoesOnBehindAVeil(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list, r.shelf.next = patients(1), "later"
	w := r.do("POST /fhir/Patient/_search?_count=1", "Content-Type: application/x-www-form-urlencoded", "", "family=Secret")
	next := linkIn(t, parsed(t, w), "next")
	if next == "" || strings.Contains(next, "Secret") || strings.Contains(next, "family") || strings.Contains(next, "later") {
		t.Fatalf("next is %q", next)
	}
	w = r.do("GET " + strings.TrimPrefix(next, "http://ficus.test"))
	want := []search.Pair{{Name: "_count", Value: "1"}, {Name: "family", Value: "Secret"}, {Name: "_cursor", Value: "later"}}
	for i, p := range r.shelf.asked.Used {
		if p != want[i] {
			t.Errorf("asked %v", r.shelf.asked.Used)
		}
	}
	page := parsed(t, w)
	for _, relation := range []string{"self", "first", "next"} {
		if l := linkIn(t, page, relation); l == "" || strings.Contains(l, "Secret") || strings.Contains(l, "family") {
			t.Errorf("%s is %q", relation, l)
		}
	}
	if linkIn(t, page, "self") != next {
		t.Error("a page does not link to itself")
	}
	query := next[strings.Index(next, "?"):]
	for _, line := range []string{
		"GET /fhir/Observation" + query, "GET /fhir/Patient" + query + "&_count=3", "GET /fhir/Patient?_cursor=" + url.QueryEscape("~!"),
	} {
		if w := r.do(line); w.Code != 400 {
			t.Errorf("%s: %d", line, w.Code)
		}
	}
}

// TestALongFormIsPostedAgain: what no link can hold is asked for again.
func TestALongFormIsPostedAgain(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list, r.shelf.next = patients(1), "later"
	form := "Content-Type: application/x-www-form-urlencoded"
	ids := strings.Repeat("some-long-id,", 500) + "x"
	w := r.do("POST /fhir/Patient/_search", form, "", "_id="+ids)
	page := parsed(t, w)
	if next := linkIn(t, page, "next"); next != "http://ficus.test/fhir/Patient/_search?_cursor=later" || !strings.Contains(w.Body.String(), "post the same form again") {
		t.Fatalf("next is %.200q in %.300s", next, w.Body)
	}
	w = r.do("POST /fhir/Patient/_search?_cursor=later", form, "", "_id="+ids)
	if r.shelf.asked.Cursor != "later" || linkIn(t, parsed(t, w), "first") != "http://ficus.test/fhir/Patient/_search" {
		t.Errorf("%v %.300s", r.shelf.asked.Cursor, w.Body)
	}
	if w := r.do("GET /fhir/Patient/_search?_cursor=later"); w.Code != 405 {
		t.Errorf("a GET of it gives %d", w.Code)
	}
}

// TestIncludedAreMarked and not cut down to the elements of the matches.
func TestIncludedAreMarked(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list = patients(1)
	r.shelf.included = []store.Version{{Type: "Organization", ID: "o", Number: 1, Body: []byte(`{"resourceType":"Organization","id":"o","name":"N","active":true,"partOf":{"display":"x"}}`)}}
	body := r.do("GET /fhir/Patient?_elements=active").Body.String()
	for _, text := range []string{
		`"fullUrl":"http://ficus.test/fhir/Organization/o","resource":{"resourceType":"Organization","id":"o","name":"N","active":true,"partOf":{"display":"x"}},"search":{"mode":"include"}`,
		`"search":{"mode":"match"}`,
	} {
		if !strings.Contains(body, text) {
			t.Errorf("no %s in %s", text, body)
		}
	}
	if w := r.do("GET /fhir/Patient?_summary=data"); !strings.Contains(w.Body.String(), `"meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}},"search":{"mode":"include"`) {
		t.Errorf("what is included is no part of itself: %s", w.Body)
	}
}
