package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
)

// FuzzServe: no request makes the server fail. What is refused is refused with an
// OperationOutcome, and what is answered with a body is JSON.
func FuzzServe(f *testing.F) {
	for _, seed := range [][4]string{
		{"GET", "/fhir/Patient/p0", "", ""}, {"POST", "/fhir/Patient", "application/fhir+json", patient}, {"PUT", "/fhir/Patient/7?_pretty=true", "application/json", `{"resourceType":"Patient","id":"7"}`},
		{"GET", "/fhir/Patient?name=x&_sort=-birthdate&_elements=name&_count=2", "", ""}, {"POST", "/fhir/Observation/_search", "application/x-www-form-urlencoded", "code=a|b&date=ge2020"},
		{"POST", "/fhir", "text/json", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient?_summary=text"}},{"resource":{"resourceType":"Patient"},"request":{"method":"POST"}}]}`},
		{"GET", "/fhir/_history?_since=2020&_count=3", "", ""}, {"DELETE", "/fhir/Patient/1/", "", ""}, {"GET", "/fhir/metadata?_format=json", "", ""}, {"PROPFIND", "//fhir/../x%00", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	s := New(Options{
		Gate:    func(*http.Request) (access.Principal, error) { return access.Principal{}, nil },
		Desk:    func(access.Principal, func(int64) error) Desk { return &shelf{list: patients(1)} },
		MaxBody: 1 << 16,
	})
	f.Fuzz(func(t *testing.T, method, address, media, body string) {
		q, err := http.NewRequestWithContext(context.Background(), method, "http://x"+address, strings.NewReader(body))
		if err != nil {
			return
		}
		q.Header.Set("Content-Type", media)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, q)
		if w.Code >= 500 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		moved := w.Code == http.StatusMovedPermanently || w.Code == http.StatusTemporaryRedirect
		if strings.HasPrefix(q.URL.Path, root+"/") && w.Body.Len() > 0 && !moved && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%d no JSON: %s", w.Code, w.Body)
		}
	})
}

// BenchmarkSearchset is what the HTTP side adds to a search that finds 20 resources.
func BenchmarkSearchset(b *testing.B) {
	list := patients(20)
	for i := range list {
		list[i].Body = append(list[i].Body[:len(list[i].Body)-1], `,"address":[{"text":"`+strings.Repeat("x", 2500)+`"}]}`...)
	}
	benchmark(b, "/fhir/Patient?family=x&_count=20", list)
}

// BenchmarkRead is what the HTTP side adds to a read.
func BenchmarkRead(b *testing.B) { benchmark(b, "/fhir/Patient/p0", patients(1)) }

type sink struct{ h http.Header }

func (s sink) Header() http.Header         { return s.h }
func (s sink) Write(b []byte) (int, error) { return len(b), nil }
func (s sink) WriteHeader(int)             {}

func benchmark(b *testing.B, address string, list []store.Version) {
	s := New(Options{
		Gate: func(*http.Request) (access.Principal, error) { return access.Principal{}, nil },
		Desk: func(access.Principal, func(int64) error) Desk { return &shelf{list: list} },
	})
	q := httptest.NewRequest("GET", address, nil)
	b.ReportAllocs()
	for b.Loop() {
		s.ServeHTTP(sink{http.Header{}}, q)
	}
}
