package rest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/terms"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
	"github.com/ficushealth/ficus/fhir/validate"
)

const patient = `{"resourceType":"Patient","active":true}`

func TestEachKindOfFaultHasItsStatusAndIssueType(t *testing.T) {
	for kind, want := range map[fault.Kind]struct {
		status int
		code   string
	}{
		fault.Invalid: {400, "invalid"}, fault.Unauthorized: {401, "login"}, fault.Forbidden: {403, "forbidden"}, fault.Unknown: {404, "not-found"},
		fault.NotAcceptable: {406, "not-supported"}, fault.Conflict: {409, "conflict"}, fault.Gone: {410, "deleted"}, fault.Stale: {412, "conflict"},
		fault.TooLarge: {413, "too-long"}, fault.Unsupported: {415, "not-supported"}, fault.NotAllowed: {405, "not-supported"}, fault.Slow: {408, "timeout"}, fault.Unprocessable: {422, "processing"},
		fault.Precondition: {428, "required"}, fault.TooMany: {429, "throttled"}, fault.Internal: {500, "exception"},
		fault.Unavailable: {503, "transient"}, fault.TooCostly: {422, "too-costly"}, fault.TimedOut: {504, "too-costly"},
	} {
		r := newRig(t, Options{})
		r.shelf.err = fault.New(kind, "why it failed")
		w := r.do("GET /fhir/Patient/1")
		code, text := diagnostics(t, w)
		if w.Code != want.status || code != want.code {
			t.Errorf("%v: %d %s, want %v", kind, w.Code, code, want)
		}
		if inside := kind == fault.Internal || kind == fault.Unavailable; strings.Contains(text, "why it failed") == inside {
			t.Errorf("%v: the caller reads %q", kind, text)
		}
		if retry := w.Header().Get("Retry-After") != ""; retry != (want.status == 503 || want.status == 429) {
			t.Errorf("%v: Retry-After %v", kind, retry)
		}
	}
}

func TestWhatIsInternalIsForTheLog(t *testing.T) {
	for name, prepare := range map[string]func(*shelf){
		"an error without a kind": func(s *shelf) { s.err = json.Unmarshal([]byte("secret"), new(int)) },
		"an internal fault":       func(s *shelf) { s.err = fault.New(fault.Internal, "invalid character 's'") },
		"a panic":                 func(s *shelf) { s.panics = "invalid character 's'" },
	} {
		r := newRig(t, Options{})
		prepare(r.shelf)
		w := r.do("GET /fhir/Patient/12345")
		if _, text := diagnostics(t, w); w.Code != 500 || strings.Contains(text, "invalid character") || !strings.Contains(text, "req-1") {
			t.Errorf("%s: %d %s", name, w.Code, text)
		}
		log := r.log.String()
		if !strings.Contains(log, "invalid character 's'") || !strings.Contains(log, "req-1") || strings.Contains(log, "12345") {
			t.Errorf("%s: the log has %s", name, log)
		}
	}
}

func TestATimeOutSaysSo(t *testing.T) {
	r := newRig(t, Options{Timeout: time.Millisecond})
	r.shelf.wait = true
	if w := r.do("GET /fhir/Patient"); w.Code != 504 {
		t.Error(w.Code, w.Body)
	}
}

func TestOnlyTheCapabilitiesAreOpen(t *testing.T) {
	r := newRig(t, Options{})
	for _, header := range []string{"Authorization: ", "Authorization: Bearer wrong"} {
		for _, line := range []string{
			"GET /fhir/Patient/1", "GET /fhir/Patient", "POST /fhir/Patient", "POST /fhir", "GET /fhir/_history", "GET /fhir/Nothing", "GET /fhir/a/b/c/d/e",
			"POST /fhir/Patient/_search", "DELETE /fhir/Patient/1", "PUT /fhir/Patient/1", "OPTIONS /fhir/Patient", "PATCH /fhir/metadata/x", "GET /fhir/Patient/1?_format=ttl",
		} {
			w := r.do(line, header)
			if code, _ := diagnostics(t, w); w.Code != 401 || code != "login" || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), `Bearer realm="ficus"`) {
				t.Errorf("%s %s: %d %v", header, line, w.Code, w.Header())
			}
			if invalid := strings.Contains(w.Header().Get("WWW-Authenticate"), "invalid_token"); invalid != strings.Contains(header, "wrong") {
				t.Errorf("%s %s: %v", header, line, w.Header())
			}
		}
		for _, mode := range []string{"", "?mode=full", "?mode=normative", "?mode=terminology"} {
			if w := r.do("GET /fhir/metadata"+mode, header); w.Code != 200 {
				t.Error(mode, w.Code)
			}
		}
	}
}

// TestRoutes: status, and Allow where the method is wrong.
func TestRoutes(t *testing.T) {
	for line, want := range map[string]string{
		"GET /fhir/Patient/p0": "200", "GET /fhir/Patient/p0/": "200", "HEAD /fhir/Patient/p0": "200", "GET /fhir/Patient/": "200",
		"GET /fhir/Patient/p0/_history/1": "200", "GET /fhir/Patient/p0/_history/1/": "200", "GET /fhir/Patient/p0/_history/9": "404",
		"GET /fhir/Patient/p0/_history": "200", "GET /fhir/Patient/_history": "200", "GET /fhir/_history": "200", "GET /fhir/_history/": "200",
		"GET /fhir/metadata/": "200", "DELETE /fhir/Patient/p0": "204", "DELETE /fhir/Patient/none": "204",
		"POST /fhir/Patient/_search?gender=male": "200", "POST /fhir/Patient/p0/Observation/_search?_count=1": "200", "OPTIONS /fhir/Patient/p0": "204 DELETE, GET, HEAD, OPTIONS, PATCH, PUT", "OPTIONS /fhir/Patient": "204 DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
		"POST /fhir/Patient/p0": "405 DELETE, GET, HEAD, OPTIONS, PATCH, PUT", "PATCH /fhir/Patient/p0": "415",
		"PUT /fhir/Patient?identifier=x": "400", "DELETE /fhir/Patient?active=true": "204", "PATCH /fhir/Patient?active=true": "415", "PUT /fhir/Patient": "400",
		"GET /fhir": "200", "GET /fhir/": "200", "PUT /fhir": "405 GET, HEAD, OPTIONS, POST", "TRACE /fhir/Patient": "405 DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT", "GET /fhir/Patient/_search": "405 OPTIONS, POST",
		"POST /fhir/metadata": "405 GET, HEAD, OPTIONS",
		"GET /fhir/Nothing":   "404", "GET /fhir/Nothing/1": "404", "GET /fhir/patient/1": "404", "GET /fhir/DomainResource": "404", "GET /fhir/Patient.contact": "404",
		"GET /fhir/Patient/a_b": "404", "GET /fhir/Patient/unknown": "404", "GET /fhir/Patient/p0/x": "404", "GET /fhir/Patient/p0/Observation": "200", "GET /fhir/Patient/p0/*": "200", "GET /fhir/Organization/p0/Observation": "404", "POST /fhir/Patient/p0/Observation/x": "404", "POST /fhir/_search": "200", "GET /fhir/_search?_id=a": "200", "GET /fhir/Patient/p0/$x": "404", "GET /fhir/a/b/c/d/e": "404",
		"PUT /fhir/Patient/p0/y/z": "404", "PATCH /fhir/Patient/p0/y/z": "404", "DELETE /fhir/Patient/p0/y/z": "404", "OPTIONS /fhir/Patient/p0/y/z": "404", "PUT /fhir/Patient/p0/y": "404",
		"DELETE /fhir/Organization/p0/Observation": "404", "PUT /fhir/Patient/a_b/y/z": "404", "PUT /fhir/Patient/p0/Observation": "405 GET, HEAD, OPTIONS",
		"GET /fhir/Patient/p0/Observation/_search": "405 OPTIONS, POST", "PUT /fhir/Patient/p0/Observation/_search": "405 OPTIONS, POST", "PUT /fhir/Patient/p0/_history/1": "405 GET, HEAD, OPTIONS",
		"GET /fhir/Patient/$everything": "404", "POST /fhir/$process": "404", "GET /fhir/Patient/p0?x=1": "400", "DELETE /fhir/Patient/p0?x=1": "400", "GET /fhir/metadata?x=1": "400",
		"GET /fhir/metadata?mode=terminology": "200", "GET /fhir/metadata?mode=normative": "200", "GET /fhir/metadata?mode=full": "200", "GET /fhir/metadata?mode=all": "400", "GET /fhir/Patient?%zz=1": "400", "GET /fhir/Patient?x=1": "400", "GET /fhir/Patient/_history?x=1": "400",
		"GET /fhir/Patient/_history?_since=soon": "400", "GET /fhir/Patient/_history?_count=x": "400", "GET /fhir/Patient/_history?_count=0": "400", "GET /fhir/Patient/_history?_count=1": "200", "GET /fhir/Patient/_history?_at=2020": "200",
		"GET /fhir/Patient/_history?_at=soon": "400", "GET /fhir/Patient/_history?_sort=-_lastUpdated": "200", "GET /fhir/Patient/_history?_sort=name": "400", "GET /fhir/Patient/_history?_list=1": "400",
		"GET /fhir/Patient/p0?_summary=count":        "400",
		"GET /fhir/Patient?_format=json&_format=xml": "400", "GET /fhir/Patient/p0?_format=json&_format=json": "400", "GET /fhir/Patient?_pretty=yes": "400", "GET /fhir/Patient?_pretty=true&_pretty=true": "400",
	} {
		r := newRig(t, Options{})
		r.shelf.list = patients(1)
		w := r.do(line)
		got := strings.TrimSpace(http.StatusText(0) + strings.TrimSpace(w.Result().Status[:3]+" "+w.Header().Get("Allow")))
		if got != want {
			t.Errorf("%s: %s, want %s (%s)", line, got, want, w.Body)
		}
		if w.Code >= 400 && !strings.HasPrefix(line, "HEAD") {
			diagnostics(t, w)
		}
	}
}

func TestAddressesAreExplained(t *testing.T) {
	r := newRig(t, Options{})
	for line, words := range map[string]string{
		"GET /fhir/PATIENT":             "it is written Patient",
		"GET /fhir/Patient/$everything": "operation is not supported",
		"PATCH /fhir/Patient/1":         "application/json-patch+json",
		"GET /fhir/Patient/a%b":         "an id has 1 to 64",
	} {
		if _, text := diagnostics(t, r.do(line)); !strings.Contains(text, words) {
			t.Errorf("%s: %q", line, text)
		}
	}
}

func TestNegotiation(t *testing.T) {
	for in, want := range map[string]string{
		"": fhirJSON, "Accept: */*": fhirJSON, "Accept: application/fhir+json": fhirJSON, "Accept: application/json": anyJSON, "Accept: text/json": textJSON,
		"Accept: application/*": fhirJSON, "Accept: application/fhir+json;fhirVersion=4.0": fhirJSON, "Accept: application/json; charset=utf-8": anyJSON,
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": anyXML,
		"Accept: application/fhir+xml;q=0.9, application/json;q=0.1":              fhirXML,
		"Accept: application/json;q=0.1, application/fhir+json;q=0.2":             fhirJSON,
		"Accept: application/fhir+xml":                                            fhirXML,
		"Accept: application/xml":                                                 anyXML,
		"Accept: text/xml, application/json;q=0.5":                                textXML,
		"Accept: application/fhir+xml; fhirVersion=5.0":                           "406",
		"Content-Type: application/xml":                                           fhirXML,
		"Accept: application/json;q=0":                                            "406",
		"Accept: application/fhir+json; fhirVersion=3.0":                          "406",
		"Accept: image/png":                                                       "406",
		"?_format=json":                                                           fhirJSON,
		"?_format=application/json":                                               anyJSON,
		"?_format=application/fhir%2Bjson":                                        fhirJSON,
		"?_format=application/fhir+json":                                          fhirJSON,
		"?_format=text/json":                                                      textJSON,
		"?_format=xml":                                                            fhirXML,
		"?_format=application/fhir%2Bxml":                                         fhirXML,
		"?_format=application/xml":                                                anyXML,
		"?_format=ttl":                                                            "406",
		"?_format=html":                                                           "406",
		"?_format=json&_pretty=true":                                              fhirJSON,
	} {
		r := newRig(t, Options{})
		r.shelf.list = patients(1)
		query, header := "", in
		if strings.HasPrefix(in, "?") {
			query, header = in, "Accept: application/fhir+xml;q=0.3, text/json"
		}
		w := r.do("GET /fhir/Patient/p0"+query, header)
		got, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
		if w.Code == http.StatusNotAcceptable {
			diagnostics(t, w)
			got = "406"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestBodiesLeaveAsTheyAreStored(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list = patients(1)
	w := r.do("GET /fhir/Patient/p0")
	if w.Body.String() != string(r.shelf.list[0].Body) {
		t.Error(w.Body)
	}
	want := http.Header{
		"Content-Type": {"application/fhir+json; charset=utf-8"}, "Etag": {`W/"1"`}, "Last-Modified": {"Fri, 02 Jan 2026 12:00:00 GMT"},
		"Content-Length": {w.Header().Get("Content-Length")}, "Cache-Control": {"no-store"}, "Vary": {"Accept"}, "X-Content-Type-Options": {"nosniff"},
	}
	if d := cmp.Diff(want, w.Header()); d != "" {
		t.Error(d)
	}
	if w := r.do("HEAD /fhir/Patient/p0"); w.Body.Len() != 0 || w.Header().Get("Content-Length") != want.Get("Content-Length") {
		t.Error("HEAD:", w.Body, w.Header())
	}
	if w := r.do("GET /fhir/Patient/p0?_pretty=true"); !strings.Contains(w.Body.String(), "\n  \"id\": \"p0\"") {
		t.Error("pretty:", w.Body)
	}
}

func TestConditionalReads(t *testing.T) {
	for header, want := range map[string]int{
		`If-None-Match: W/"1"`: 304, `If-None-Match: "1"`: 304, `If-None-Match: W/"9", W/"1"`: 304, `If-None-Match: *`: 304, `If-None-Match: W/"2"`: 200,
		"If-Modified-Since: Fri, 02 Jan 2026 12:00:00 GMT": 304, "If-Modified-Since: Fri, 02 Jan 2026 11:59:59 GMT": 200, "If-Modified-Since: yesterday": 200,
	} {
		r := newRig(t, Options{})
		r.shelf.list = patients(1)
		w := r.do("GET /fhir/Patient/p0", header)
		if w.Code != want || want == 304 && (w.Body.Len() > 0 || w.Header().Get("ETag") != `W/"1"`) {
			t.Errorf("%s: %d %v", header, w.Code, w.Header())
		}
	}
	r := newRig(t, Options{})
	r.shelf.list = patients(1)
	if w := r.do("GET /fhir/Patient/p0", `If-None-Match: W/"2"`, "If-Modified-Since: Fri, 02 Jan 2026 12:00:00 GMT"); w.Code != 200 {
		t.Error("the tag must win over the date:", w.Code)
	}
}

func TestADeletedOneIsGone(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list = []store.Version{{Type: "Patient", ID: "1", Number: 3, Deleted: true}}
	w := r.do("GET /fhir/Patient/1")
	if code, _ := diagnostics(t, w); w.Code != 410 || code != "deleted" || w.Header().Get("ETag") != `W/"3"` {
		t.Error(w.Code, code, w.Header())
	}
}

func TestWritesAnswerAsPreferred(t *testing.T) {
	for _, c := range []struct {
		line, prefer, body string
		status             int
		location, answer   string
	}{
		{"POST /fhir/Patient", "", patient, 201, "/fhir/Patient/new/_history/1", "Patient"},
		{"POST /fhir/Patient/", "Prefer: return=representation", patient, 201, "/fhir/Patient/new/_history/1", "Patient"},
		{"POST /fhir/Patient", "Prefer: return=minimal", patient, 201, "/fhir/Patient/new/_history/1", ""},
		{"POST /fhir/Patient", "Prefer: handling=strict; return=OperationOutcome", patient, 201, "/fhir/Patient/new/_history/1", "OperationOutcome"},
		{"PUT /fhir/Patient/7", "", `{"resourceType":"Patient","id":"7"}`, 200, "/fhir/Patient/7/_history/1", "Patient"},
		{"PUT /fhir/Patient/fresh", `Prefer: return="minimal"`, `{"resourceType":"Patient","id":"fresh"}`, 201, "/fhir/Patient/fresh/_history/1", ""},
	} {
		r := newRig(t, Options{})
		w := r.do(c.line, c.prefer+" ", "Content-Type: application/fhir+json", "", c.body)
		if w.Code != c.status || w.Header().Get("Location") != "http://ficus.test"+c.location || w.Header().Get("ETag") != `W/"1"` || w.Header().Get("Last-Modified") == "" {
			t.Errorf("%s %s: %d %v %s", c.line, c.prefer, w.Code, w.Header(), w.Body)
		}
		if c.answer == "" {
			if w.Body.Len() != 0 {
				t.Errorf("%s %s: %s", c.line, c.prefer, w.Body)
			}
		} else if got := parsed(t, w)["resourceType"]; got != c.answer {
			t.Errorf("%s %s: %s", c.line, c.prefer, w.Body)
		}
	}
}

func TestThePublicAddressIsUsedIfThereIsOne(t *testing.T) {
	r := newRig(t, Options{Base: "https://public.example/fhir/"})
	if w := r.do("POST /fhir/Patient", "", patient); w.Header().Get("Location") != "https://public.example/fhir/Patient/new/_history/1" {
		t.Error(w.Header())
	}
}

// TestBadBodies pairs a request with its status, the words of the answer and the place it names.
func TestBadBodies(t *testing.T) {
	const json = "Content-Type: application/fhir+json"
	for _, c := range []struct {
		line, header, body string
		status             int
		words, place       string
	}{
		{"POST /fhir/Patient", json, "", 400, "body is empty", ""},
		{"POST /fhir/Patient", json, "{\n \"resourceType\": \"Patient\",\n \"active\": tru}", 400, "line 3, column 12", ""},
		{"POST /fhir/Patient", json, `{"resourceType":"Patient","active":true,"active":false}`, 400, "column", ""},
		{"POST /fhir/Patient", json, `[1]`, 400, "JSON object", ""},
		{"POST /fhir/Patient", json, `{"active":true}`, 400, "resourceType", ""},
		{"POST /fhir/Patient", json, `{"resourceType":"Observation"}`, 400, "not a Patient", "resourceType"},
		{"POST /fhir/Observation", json, `{"resourceType":"Patient"}`, 400, "not an Observation", "resourceType"},
		{"POST /fhir/Patient", json, "{\"resourceType\":\"Patient\",\"x\":\"\xff\"}", 400, "UTF-8", ""},
		{"POST /fhir/Patient?_format=json", "Content-Type: application/fhir+xml", "<Patient/>", 400, "namespace http://hl7.org/fhir (line 1, column 1)", ""},
		{"POST /fhir/Patient?_format=json", "Content-Type: application/xml", patient, 400, "text must not stand here", ""},
		{"POST /fhir/Patient", "Content-Type: application/fhir+turtle", patient, 415, "application/fhir+xml", ""},
		{"POST /fhir/Patient?_format=json", "Content-Type: text/xml; charset=latin1", patient, 415, "UTF-8", ""},
		{"POST /fhir/Patient", "Content-Type: text/plain", patient, 415, "application/fhir+json", ""},
		{"POST /fhir/Patient", "Content-Type: application/json; charset=latin1", patient, 415, "UTF-8", ""},
		{"POST /fhir/Patient", "Content-Type: application/fhir+json; fhirVersion=5.0", patient, 415, "4.0", ""},
		{"POST /fhir/Patient", "Content-Type: ;;", patient, 415, "application/fhir+json", ""},
		{"POST /fhir/Patient", "Content-Encoding: br", patient, 415, "gzip", ""},
		{"POST /fhir/Patient", "Content-Encoding: gzip", patient, 400, "not gzip", ""},
		{"POST /fhir/Patient", json, "\ufeff" + patient, 400, "byte order mark", ""},
		{"POST /fhir/Patient", "If-None-Exist:  ", patient, 400, "must be one search", "http.If-None-Exist"},
		{"POST /fhir/Patient", "If-None-Exist: ?", patient, 400, "must be one search", "http.If-None-Exist"},
		{"PUT /fhir/Patient/1", "If-Match:  ", `{"resourceType":"Patient","id":"1"}`, 400, "must be one version", "http.If-Match"},
		{"POST /fhir/Patient", json, `{"resourceType":"Patient","x":"` + strings.Repeat("y", 2000) + `"}`, 413, "1000 bytes", ""},
		{"POST /fhir/Patient", "If-Match: W/\"1\"", patient, 400, "no If-Match", ""},
		{"PUT /fhir/Patient/1", json, patient, 400, "must carry the id", "Patient.id"},
		{"PUT /fhir/Patient/1", json, `{"resourceType":"Patient","id":"2"}`, 400, "not the one in the address (line 1", "Patient.id"},
		{"PUT /fhir/Patient/1", "If-None-Exist: name=x", `{"resourceType":"Patient","id":"1"}`, 400, "for creates only", "http.If-None-Exist"},
		{"PUT /fhir/Patient/1", "If-Unmodified-Since: Fri, 02 Jan 2026 12:00:00 GMT", `{"resourceType":"Patient","id":"1"}`, 400, "use If-Match", "http.If-Unmodified-Since"},
		{"PUT /fhir/Patient/a_b", "", `{"resourceType":"Patient","id":"a_b"}`, 400, "1 to 64 letters", ""},
		{"PUT /fhir/Patient/1", `If-Match: W/"1", W/"2"`, `{"resourceType":"Patient","id":"1"}`, 400, "must be one version", "http.If-Match"},
		{"PUT /fhir/Patient/1", `If-None-Match: W/"1"`, `{"resourceType":"Patient","id":"1"}`, 400, "no If-None-Match but *", "http.If-None-Match"},
		{"POST /fhir", json, patient, 400, "only a Bundle", "resourceType"},
		{"POST /fhir", json, `{"resourceType":"Bundle","type":"collection"}`, 400, "transaction or batch", "Bundle.type"},
		{"POST /fhir", json, `{"resourceType":"Bundle"}`, 400, "transaction or batch", "Bundle.type"},
		{"POST /fhir/Patient/_search", json, "name=x", 415, "x-www-form-urlencoded", ""},
		{"POST /fhir/Patient/_search", "Content-Type: application/x-www-form-urlencoded", "name=%zz", 400, "percent", ""},
	} {
		r := newRig(t, Options{MaxBody: 1000})
		w := r.do(c.line, c.header, "", c.body)
		_, text := diagnostics(t, w)
		if w.Code != c.status || !strings.Contains(text, c.words) || c.place != "" && !strings.Contains(w.Body.String(), `"expression":["`+c.place+`"]`) {
			t.Errorf("%s %.60s: %d %s", c.line, c.body, w.Code, w.Body)
		}
		if len(r.shelf.list) > 0 {
			t.Errorf("%s %.60s: it was stored", c.line, c.body)
		}
	}
}

func TestGzippedBodiesAreReadUpToTheirInflatedLimit(t *testing.T) {
	zip := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write([]byte(s)) //nolint:errcheck // into memory
		z.Close()          //nolint:errcheck // into memory
		return b.String()
	}
	r := newRig(t, Options{MaxBody: 1000})
	if w := r.do("POST /fhir/Patient", "Content-Encoding: gzip", "", zip(patient)); w.Code != 201 {
		t.Error(w.Code, w.Body)
	}
	bomb := zip(`{"resourceType":"Patient","x":"` + strings.Repeat("y", 1<<20) + `"}`)
	if len(bomb) > 2000 {
		t.Fatal(len(bomb))
	}
	if w := r.do("POST /fhir/Patient", "Content-Encoding: gzip", "", bomb); w.Code != 413 {
		t.Error(w.Code, w.Body)
	}
}

func TestConditionsReachTheStore(t *testing.T) {
	const seven = `{"resourceType":"Patient","id":"7"}`
	for _, c := range []struct {
		line, header, body string
		opts               int
	}{
		{"PUT /fhir/Patient/7", `If-Match: W/"3"`, seven, 1}, {"PUT /fhir/Patient/7", `If-Match: "3"`, seven, 1}, {"PUT /fhir/Patient/7", `If-Match: 3`, seven, 1},
		{"PUT /fhir/Patient/7", "If-None-Match: *", seven, 1}, {"PUT /fhir/Patient/7", "Accept: */*", seven, 0},
		{"POST /fhir/Patient", "If-None-Exist: identifier=x|1", patient, 1}, {"DELETE /fhir/Patient/7", `If-Match: W/"3"`, "", 1},
	} {
		r := newRig(t, Options{})
		if w := r.do(c.line, c.header, "", c.body); w.Code >= 400 || r.shelf.opts != c.opts {
			t.Errorf("%s %s: %d, %d options", c.line, c.header, w.Code, r.shelf.opts)
		}
	}
}

func TestASearchset(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list, r.shelf.next = patients(2), "c2"
	w := r.do("GET /fhir/Patient?family=a%26b&_total=accurate&_format=json&_cursor=c1")
	got := parsed(t, w)
	base := "http://ficus.test/fhir/Patient"
	link := func(relation, query string) any {
		return map[string]any{"relation": relation, "url": base + "?" + query + "&_format=json"}
	}
	entry := func(id string, body []byte) any {
		var res any
		json.Unmarshal(body, &res) //nolint:errcheck // compared below
		return map[string]any{"fullUrl": base + "/" + id, "resource": res, "search": map[string]any{"mode": "match"}}
	}
	want := map[string]any{
		"resourceType": "Bundle", "type": "searchset", "total": 2.0,
		"link":  []any{link("self", "family=a%26b&_total=accurate&_cursor=c1"), link("first", "family=a%26b&_total=accurate"), link("next", "family=a%26b&_total=accurate&_cursor=c2")},
		"entry": []any{entry("p0", r.shelf.list[0].Body), entry("p1", r.shelf.list[1].Body)},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(r.shelf.asked.Clauses) != 1 || r.shelf.asked.Cursor != "c1" {
		t.Errorf("%+v", r.shelf.asked)
	}
	valid(t, w.Body.Bytes())
}

// valid holds an answer to the structure of R4.
func valid(t *testing.T, body []byte) {
	t.Helper()
	r, err := fhir.Parse(body, fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range validate.Base(r) {
		if !i.Warning {
			t.Errorf("the answer is no good %s: %+v", r.Type(), i)
		}
	}
}

func TestAnEmptySearchset(t *testing.T) {
	r := newRig(t, Options{})
	w := r.do("GET /fhir/Patient")
	if got := parsed(t, w); got["entry"] != nil || got["total"] != nil || w.Code != 200 {
		t.Error(w.Body)
	}
	valid(t, w.Body.Bytes())
	r.shelf.list = patients(3)
	for _, query := range []string{"_summary=count", "_count=0"} {
		if got := parsed(t, r.do("GET /fhir/Patient?"+query)); got["entry"] != nil || got["total"] != 3.0 {
			t.Errorf("%s: %v", query, got)
		}
	}
}

func TestALargeSearchsetIsSentInPieces(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list = patients(3000)
	for range 2 { // the second uses the buffer of the first
		w := r.do("GET /fhir/Patient?_count=3000")
		if got := parsed(t, w); len(got["entry"].([]any)) != 3000 || w.Header().Get("Content-Length") != "" {
			t.Error(len(got["entry"].([]any)), w.Header())
		}
		r.shelf.list = patients(3000)
	}
}

func TestASearchByForm(t *testing.T) {
	r := newRig(t, Options{})
	w := r.do("POST /fhir/Patient/_search?gender=male&_format=json", "Content-Type: application/x-www-form-urlencoded; charset=UTF-8", "Accept: application/fhir+xml", "", "family=x&_count=7&_pretty=true")
	if w.Code != 200 || len(r.shelf.asked.Clauses) != 2 || r.shelf.asked.Count != 7 {
		t.Errorf("%d %s %+v", w.Code, w.Body, r.shelf.asked)
	}
	if link := parsed(t, w)["link"].([]any)[0].(map[string]any)["url"]; link != "http://ficus.test/fhir/Patient?gender=male&family=x&_count=7&_format=json&_pretty=true" {
		t.Error(link)
	}
}

func TestLenienceSaysWhatItIgnored(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list = patients(1)
	if w := r.do("GET /fhir/Patient?shoe=42&gender=male"); w.Code != 400 || !strings.Contains(w.Body.String(), "http.shoe") {
		t.Error(w.Code, w.Body)
	}
	w := r.do("GET /fhir/Patient?shoe=42&gender=male", "Prefer: handling=lenient")
	got := parsed(t, w)
	first := got["entry"].([]any)[0].(map[string]any)
	if first["search"].(map[string]any)["mode"] != "outcome" || !strings.Contains(w.Body.String(), "shoe is not known") || len(got["entry"].([]any)) != 2 {
		t.Error(w.Body)
	}
	if strings.Contains(w.Body.String(), "shoe=42") {
		t.Error("the self link claims that the parameter was used")
	}
	valid(t, w.Body.Bytes())
}

func TestParts(t *testing.T) {
	for query, want := range map[string][]string{
		"_elements=name":          {"resourceType", "id", "meta", "active", "name", "link"}, // active and link are modifiers
		"_summary=true":           {"resourceType", "id", "meta", "active", "name", "link"},
		"_summary=text":           {"resourceType", "id", "meta", "text"},
		"_summary=data":           {"resourceType", "id", "meta", "active", "name", "multipleBirthInteger", "contact", "link"},
		"_elements=multipleBirth": {"resourceType", "id", "meta", "active", "multipleBirthInteger", "link"},
	} {
		for _, line := range []string{"GET /fhir/Patient/p0?", "GET /fhir/Patient?"} {
			r := newRig(t, Options{})
			r.shelf.list = patients(1)
			w := r.do(line + query)
			got := parsed(t, w)
			if list, ok := got["entry"].([]any); ok {
				got = list[0].(map[string]any)["resource"].(map[string]any)
			}
			names := map[string]bool{}
			for _, n := range want {
				names[n] = true
			}
			for n := range got {
				if !names[n] {
					t.Errorf("%s%s has %s", line, query, n)
				}
				delete(names, n)
			}
			if len(names) > 0 || !strings.Contains(w.Body.String(), "SUBSETTED") {
				t.Errorf("%s%s lacks %v: %s", line, query, names, w.Body)
			}
		}
	}
}

func TestHistories(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list = append(patients(1), store.Version{Type: "Patient", ID: "d", Number: 2, Updated: noon, Method: store.Delete, Deleted: true})
	r.shelf.next = "n"
	for path, want := range map[string]store.HistoryQuery{
		"/Patient/p0/_history":                                  {Type: "Patient", ID: "p0", Count: -1},
		"/Patient/_history?_count=5":                            {Type: "Patient", Count: 5},
		"/_history?_at=2026-01-01T00:00:00Z&_sort=_lastUpdated": {Count: -1, From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Local(), Until: time.Date(2026, 1, 1, 0, 0, 0, 999999e3, time.UTC).Local(), Ascending: true},
		"/_history?_cursor=c&_since=2026-01-01T00:00:00.5Z":     {Count: -1, Cursor: "c", Since: time.Date(2026, 1, 1, 0, 0, 0, 500e6, time.UTC)},
	} {
		w := r.do("GET /fhir" + path)
		if w.Code != 200 {
			t.Fatal(path, w.Body)
		}
		if !r.shelf.history.Since.Equal(want.Since) {
			t.Error(path, r.shelf.history.Since)
		}
		r.shelf.history.Since, want.Since = time.Time{}, time.Time{}
		if d := cmp.Diff(want, r.shelf.history); d != "" {
			t.Error(path, d)
		}
		valid(t, w.Body.Bytes())
		got := parsed(t, w)
		last := got["entry"].([]any)[1].(map[string]any)
		wantLast := map[string]any{
			"fullUrl": "http://ficus.test/fhir/Patient/d", "request": map[string]any{"method": "DELETE", "url": "Patient/d"},
			"response": map[string]any{"status": "204", "etag": `W/"2"`, "lastModified": "2026-01-02T12:00:00.654321Z"},
		}
		if d := cmp.Diff(wantLast, last); d != "" {
			t.Error(d)
		}
		address, query, _ := strings.Cut(path, "?")
		if next := got["link"].([]any)[1].(map[string]any)["url"].(string); !strings.HasPrefix(next, "http://ficus.test/fhir"+address+"?") || !strings.HasSuffix(next, "_cursor=n") || strings.Contains(query, "_count") && !strings.Contains(next, "_count=5") {
			t.Error(next)
		}
	}
}

func TestBundlesAreAnsweredEntryByEntry(t *testing.T) {
	const bundle = `{"resourceType":"Bundle","type":"batch","entry":[
		{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}},
		{"request":{"method":"GET","url":"Patient/p0"}},
		{"request":{"method":"GET","url":"Patient/none"}},
		{"request":{"method":"GET","url":"Patient?_elements=name&_summary=false"}},
		{"request":{"method":"DELETE","url":"Patient/1"}}]}`
	r := newRig(t, Options{})
	r.shelf.list = patients(1)
	w := r.do("POST /fhir", "", bundle)
	valid(t, w.Body.Bytes())
	got := parsed(t, w)
	var statuses []string
	entries := got["entry"].([]any)
	for _, e := range entries {
		statuses = append(statuses, e.(map[string]any)["response"].(map[string]any)["status"].(string))
	}
	if d := cmp.Diff([]string{"201 Created", "200 OK", "404 Not Found", "200 OK", "204 No Content"}, statuses); d != "" || got["type"] != "batch-response" {
		t.Error(d, got["type"])
	}
	if e := entries[0].(map[string]any); e["resource"] != nil || e["response"].(map[string]any)["location"] != "Patient/new/_history/1" {
		t.Error("created:", e)
	}
	if entries[1].(map[string]any)["resource"] == nil || entries[2].(map[string]any)["response"].(map[string]any)["outcome"] == nil {
		t.Error("read:", entries[1], entries[2])
	}
	inner := entries[3].(map[string]any)["resource"].(map[string]any)
	if inner["type"] != "searchset" || !strings.Contains(w.Body.String(), "SUBSETTED") {
		t.Error("search:", inner)
	}
	full := r.do("POST /fhir/", "Prefer: return=representation", "", strings.Replace(bundle, "batch", "transaction", 1))
	if e := parsed(t, full)["entry"].([]any)[0].(map[string]any); e["resource"] == nil {
		t.Error("with representation:", e)
	}
}

func TestTheCapabilitiesAreThoseOfTheTables(t *testing.T) {
	r := newRig(t, Options{})
	w := r.do("GET /fhir/metadata")
	valid(t, w.Body.Bytes())
	got := parsed(t, w)
	if got["fhirVersion"] != "4.0.1" || got["implementation"].(map[string]any)["url"] != "http://ficus.test/fhir" || got["software"].(map[string]any)["version"] != "1.2.3" {
		t.Error(got["fhirVersion"], got["implementation"], got["software"])
	}
	resources := got["rest"].([]any)[0].(map[string]any)["resource"].([]any)
	if len(resources) != len(r4.Resources()) {
		t.Error(len(resources))
	}
	for _, each := range resources {
		res := each.(map[string]any)
		typ := res["type"].(string)
		for _, p := range res["searchParam"].([]any) {
			if param, known := r4.FindParam(typ, p.(map[string]any)["name"].(string)); !known || !search.Served(param) {
				t.Errorf("%s %v is not served", typ, p)
			}
		}
		if !strings.Contains(string(mustJSON(res["interaction"])), "create") {
			t.Errorf("%s: %v", typ, res["interaction"])
		}
	}
}

// TestTheModesOfTheCapabilities: https://hl7.org/fhir/R4/http.html#capabilities.
func TestTheModesOfTheCapabilities(t *testing.T) {
	published := &terms.Published{
		Systems:  []terms.System{{URL: "http://s.test", Versions: []terms.SystemVersion{{Version: "2", Content: "fragment"}, {Version: "1", Content: "complete"}}}},
		Profiles: map[string][]string{"Patient": {"http://p.test"}}, Guides: []string{"http://g.test|1"},
	}
	r := newRig(t, Options{Published: func(context.Context, access.Principal) (*terms.Published, error) { return published, nil }, Expansions: []string{"filter"}})
	for mode, want := range map[string][]string{
		"full":        {`"resourceType":"CapabilityStatement"`, `"implementationGuide":["http://g.test|1"]`, `"type":"Patient","profile":"http://hl7.org/fhir/StructureDefinition/Patient"`, `"supportedProfile":["http://p.test"]`, `"updateCreate":true`},
		"normative":   {`"resourceType":"CapabilityStatement"`, `"type":"Patient"`, `"searchParam":[`},
		"terminology": {`"resourceType":"TerminologyCapabilities"`, `"uri":"http://s.test","version":[{"code":"2","isDefault":true},{"code":"1","isDefault":false}]`, `"valueCode":"fragment"`},
	} {
		w := r.do("GET /fhir/metadata?mode=" + mode)
		valid(t, w.Body.Bytes())
		for _, text := range want {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s has no %s", mode, text)
			}
		}
		for _, onTrial := range []string{`"supportedProfile"`, `"updateCreate"`, `"conditionalRead"`, `"security"`, `"searchInclude"`} {
			if mode == "normative" && strings.Contains(w.Body.String(), onTrial) {
				t.Errorf("%s is not normative", onTrial)
			}
		}
	}
	if w := r.do("GET /fhir/metadata?mode=all"); !strings.Contains(w.Body.String(), `"code":"value"`) || !strings.Contains(w.Body.String(), `"expression":["http.mode"]`) {
		t.Error(w.Body)
	}
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// slowly is a body that takes its time.
type slowly struct {
	text  string
	pause time.Duration
}

func (s *slowly) Read(b []byte) (int, error) {
	time.Sleep(s.pause)
	if s.text == "" {
		return 0, io.EOF
	}
	n := copy(b, s.text[:1])
	s.text = s.text[1:]
	return n, nil
}

func TestASlowLineDoesNotUseTheTimeUp(t *testing.T) {
	r := newRig(t, Options{Timeout: 40 * time.Millisecond})
	q := httptest.NewRequest(http.MethodPost, "/fhir/Patient", &slowly{patient, 3 * time.Millisecond})
	q.Header.Set("Authorization", "Bearer x")
	w := httptest.NewRecorder()
	r.http.ServeHTTP(w, q)
	if w.Code != http.StatusCreated {
		t.Error(w.Code, w.Body)
	}
}

// TestWhatWouldDoIsTold wants the header that did not hold named, and the headers by which HTTP tells what is taken.
func TestWhatWouldDoIsTold(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list = patients(1)
	if got := r.do("OPTIONS /fhir/Patient/p0").Header().Get("Accept-Patch"); !strings.Contains(got, "application/json-patch+json") {
		t.Errorf("OPTIONS: %q", got)
	}
	if w := r.do("PATCH /fhir/Patient/p0", "Content-Type: text/plain", "", "x"); w.Code != 415 || w.Header().Get("Accept-Patch") == "" {
		t.Errorf("PATCH: %d %v", w.Code, w.Header())
	}
	if w := r.do("POST /fhir/Patient", "Content-Encoding: br", "", patient); w.Code != 415 || w.Header().Get("Accept-Encoding") != "gzip" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
	r.shelf.err = fault.New(fault.Stale, "another version")
	for _, name := range []string{"If-Match", "If-None-Match"} {
		value := map[string]string{"If-Match": `W/"9"`, "If-None-Match": "*"}[name]
		w := r.do("PUT /fhir/Patient/p0", "Content-Type: application/fhir+json", name+": "+value, "", `{"resourceType":"Patient","id":"p0"}`)
		if w.Code != 412 || !strings.Contains(w.Body.String(), `"expression":["http.`+name+`"]`) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
