package load

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
)

func TestAServersAnswersAreRead(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   string // of each answer, or of the error
	}{
		{"entries", 200, `{"resourceType":"Bundle","entry":[{"response":{"status":"201 Created","etag":"W/\"1\""}},{"response":{"status":"200 OK","etag":"W/\"1\""}},{"response":{"status":"200 OK","etag":"W/\"4\""}},
			{"response":{"status":"422 Unprocessable Entity","outcome":{"resourceType":"OperationOutcome","issue":[{"diagnostics":"is wrong","expression":["Patient.name"]}]}}}]}`,
			"created, unchanged, updated, 422: Patient.name: is wrong"},
		{"refused", 400, `{"resourceType":"OperationOutcome","issue":[{"code":"invalid","details":{"text":"no"}},{"code":"value"}]}`, "400: no; value"},
		{"no FHIR", 502, `<html>`, "the server answered 502 and no FHIR resource"},
		{"token", 401, `{}`, "the server does not accept the token"},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer secret" || r.Header.Get("Content-Type") != "application/fhir+json" {
				t.Errorf("%s: headers %v", c.name, r.Header)
			}
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		}))
		got, err := ToServer(s.URL+"/", "secret", 1).Send(t.Context(), false, []byte("{}"))
		s.Close()
		if said := told(got, err); said != c.want {
			t.Errorf("%s: %s, want %s", c.name, said, c.want)
		}
	}
}

func told(list []Answer, err error) string {
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, a := range list {
		if a.Err != nil {
			all = append(all, a.Err.Error())
			continue
		}
		all = append(all, []string{"created", "updated", "unchanged"}[a.Effect])
	}
	return strings.Join(all, ", ")
}

func TestABusyServerIsAskedAgain(t *testing.T) {
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, `{"resourceType":"Bundle"}`)
	}))
	defer s.Close()
	to := ToServer(s.URL, "", 1)
	to.wait = time.Millisecond
	if _, err := to.Send(t.Context(), false, []byte("{}")); err != nil || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

func TestNobodyThere(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	if _, err := ToServer(s.URL, "", 1).Send(t.Context(), false, nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

// TestALostAnswerIsNotAskedForTwice breaks the connection after the first bundle has arrived.
func TestALostAnswerIsNotAskedForTwice(t *testing.T) {
	for _, c := range []struct {
		name, request string
		sent          int
	}{
		{"creates", `"method":"POST","url":"Patient"`, 1},
		{"conditional creates", `"method":"POST","url":"Patient","ifNoneExist":"identifier=a|b"`, 2},
		{"updates", `"method":"PUT","url":"Patient/a"`, 2},
		{"patches", `"method":"PATCH","url":"Patient/a"`, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, sent := loadOnce(t, `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"a"},"request":{`+c.request+`}}]}`)
			if sent != c.sent {
				t.Errorf("sent %d times", sent)
			}
			if c.sent == 1 && (len(r.Failures) != 1 || !strings.Contains(r.Failures[0].String(), "not known")) {
				t.Errorf("failures %v", r.Failures)
			}
			if c.sent == 2 && len(r.Failures) != 0 {
				t.Errorf("failures %v", r.Failures)
			}
		})
	}
}

// loadOnce loads a file into a server that loses its first answer, and tells how often the server was asked.
func loadOnce(t *testing.T, bundle string) (*Report, int) {
	t.Helper()
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		if asked.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/fhir+json")
		fmt.Fprint(w, `{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"200 OK","etag":"W/\"2\""}}]}`)
	}))
	t.Cleanup(s.Close)
	file := filepath.Join(t.TempDir(), "b.json")
	if err := os.WriteFile(file, []byte(bundle), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), []string{file}, ToServer(s.URL, "", 1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r, int(asked.Load())
}
