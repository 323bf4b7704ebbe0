package edge

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ficushealth/ficus/fault"
)

// server runs a handler under one pattern behind an edge, and returns what it logs.
func server(t *testing.T, reg prometheus.Registerer, do http.HandlerFunc) (*httptest.Server, *bytes.Buffer) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/thing/{id}", do)
	var log bytes.Buffer
	h, err := Wrap(Options{Handler: mux, Log: slog.New(slog.NewJSONHandler(&log, nil)), Metrics: reg})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.Start()
	t.Cleanup(s.Close)
	return s, &log
}

func get(t *testing.T, url string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() }) //nolint:errcheck // a test's
	return res
}

func TestTheLogAndTheMetricsNameTheRouteAndNotThePatient(t *testing.T) {
	reg := prometheus.NewRegistry()
	s, log := server(t, reg, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	get(t, s.URL+"/thing/secret-id?name=secret-name")
	get(t, s.URL+"/elsewhere/secret-id")
	s.Close()
	if strings.Contains(log.String(), "secret") {
		t.Error("the log tells:", log)
	}
	var line map[string]any
	if err := json.NewDecoder(strings.NewReader(log.String())).Decode(&line); err != nil {
		t.Fatal(err)
	}
	if line["route"] != "/thing/{id}" || line["status"] != 418.0 || line["method"] != "GET" || line["request"] == "" {
		t.Errorf("%v", line)
	}
	list := httptest.NewRecorder()
	Metrics(reg, func(*http.Request) error { return nil }).ServeHTTP(list, httptest.NewRequest("GET", "/", nil))
	for _, want := range []string{
		`ficus_http_requests_total{method="GET",route="(none)",status="404"} 1`,
		`ficus_http_requests_total{method="GET",route="/thing/{id}",status="418"} 1`,
		`ficus_http_request_seconds_count{method="GET",route="/thing/{id}"} 1`,
		`ficus_http_requests_in_flight 0`,
	} {
		if !strings.Contains(list.Body.String(), want+"\n") {
			t.Errorf("no line %s in %s", want, list.Body)
		}
	}
}

func TestRequestIDsArePassedOnIfTheyArePlain(t *testing.T) {
	var inside string
	s, _ := server(t, nil, func(_ http.ResponseWriter, r *http.Request) { inside = r.Header.Get(header) })
	for in, kept := range map[string]bool{"abc-1.2_Z": true, "": false, "a b": false, "é": false, strings.Repeat("a", 65): false} {
		res := get(t, s.URL+"/thing/1", header, in)
		out := res.Header.Get(header)
		if (out == in) != kept || out == "" || out != inside {
			t.Errorf("%q: answered %q, inside %q", in, out, inside)
		}
	}
}

func TestAPanicEndsOneRequest(t *testing.T) {
	s, log := server(t, nil, func(_ http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") == "1" {
			panic("oops")
		}
	})
	res := get(t, s.URL+"/thing/1")
	if res.StatusCode != http.StatusInternalServerError {
		t.Error(res.Status)
	}
	if b, _ := io.ReadAll(res.Body); strings.Contains(string(b), "oops") {
		t.Errorf("the answer tells: %s", b)
	}
	if res := get(t, s.URL+"/thing/2"); res.StatusCode != http.StatusOK {
		t.Error(res.Status)
	}
	s.Close()
	if !strings.Contains(log.String(), "oops") {
		t.Error("the log does not tell")
	}
}

func TestAnAnswerThatIsBrokenOffIsNoWholeOne(t *testing.T) {
	s, _ := server(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("half")) //nolint:errcheck // a test's
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	res := get(t, s.URL+"/thing/1")
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("the answer looks whole")
	}
}

func TestOnlyLargeAnswersAreCompressedAndOnlyIfAsked(t *testing.T) {
	large := strings.Repeat("ficus ", 1000)
	s, _ := server(t, nil, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/fhir+json")
		body := large
		if r.PathValue("id") == "small" {
			body = "{}"
		}
		w.Write([]byte(body)) //nolint:errcheck // a test's
	})
	for _, c := range []struct {
		id, accept string
		want       string
	}{{"large", "gzip", "gzip"}, {"large", "identity", ""}, {"large", "gzip;q=0", ""}, {"small", "gzip", ""}} {
		res := get(t, s.URL+"/thing/"+c.id, "Accept-Encoding", c.accept)
		if got := res.Header.Get("Content-Encoding"); got != c.want {
			t.Errorf("%s, %s: %q", c.id, c.accept, got)
		}
		if c.want == "gzip" {
			z, err := gzip.NewReader(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(z); string(b) != large {
				t.Error("another text came out:", err)
			}
		}
	}
}

func TestHealth(t *testing.T) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "x", Help: "x"}))
	admit := func(err error) func(*http.Request) error { return func(*http.Request) error { return err } }
	slow := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	for name, c := range map[string]struct {
		h    http.Handler
		want int
	}{
		"alive":     {Healthz(), 200},
		"ready":     {Readyz(func(context.Context) error { return nil }), 200},
		"not ready": {Readyz(func(context.Context) error { return errors.New("secret") }), 503},
		"hanging":   {Readyz(slow), 503},
		"metrics":   {Metrics(reg, admit(nil)), 200},
		"no token":  {Metrics(reg, admit(fault.New(fault.Unauthorized, ""))), 401},
		"no scope":  {Metrics(reg, admit(fault.New(fault.Forbidden, ""))), 403},
		"no tokens": {Metrics(reg, admit(fault.New(fault.Unavailable, ""))), 503},
	} {
		w := httptest.NewRecorder()
		start := time.Now()
		c.h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != c.want || strings.Contains(w.Body.String(), "secret") || time.Since(start) > 2*readyWithin {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}
