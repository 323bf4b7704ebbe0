package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestALostDatabaseIsSaidAndOvercome takes PostgreSQL away under a server and gives it back.
func TestALostDatabaseIsSaidAndOvercome(t *testing.T) {
	postgres := dbtest.StartPostgres(t)
	a := opened(t, Config{Database: Database{DB: postgres.Database(t)}})
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	all := token(t, a, "system/*.cruds")
	ask := func(request string) (int, string) {
		res, body := say(t, server.URL, strings.ReplaceAll(request, "TOKEN", "Authorization: Bearer "+all))
		return res.StatusCode, body
	}
	if status, body := ask("GET /fhir/Patient\nTOKEN"); status != http.StatusOK {
		t.Fatal(status, body)
	}
	postgres.Kill(t)
	for _, request := range []string{
		"GET /fhir/Patient/1\nTOKEN", "GET /fhir/Patient?name=x\nTOKEN", "GET /fhir/_history\nTOKEN", "POST /fhir/Patient\nTOKEN\n\n{\"resourceType\":\"Patient\"}",
		"POST /fhir\nTOKEN\n\n" + `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]}`,
	} {
		status, body := ask(request)
		if status != http.StatusServiceUnavailable || !strings.Contains(body, `"code":"transient"`) || strings.Contains(body, "127.0.0.1:") {
			t.Errorf("%.30s: %d %s", request, status, body)
		}
	}
	if status, _ := ask("GET /readyz"); status != http.StatusServiceUnavailable {
		t.Error("ready without a database:", status)
	}
	if status, _ := ask("GET /healthz"); status != http.StatusOK {
		t.Error("not alive without a database:", status)
	}
	postgres.Start(t)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		status, body := ask("POST /fhir/Patient\nTOKEN\n\n{\"resourceType\":\"Patient\"}")
		if status == http.StatusCreated {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it does not recover:", status, body)
		}
	}
}

// TestRacingCallersLoseNothing lets clients create, update and search at the same time.
func TestRacingCallersLoseNothing(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		a := opened(t, Config{Database: Database{DB: url}})
		h, err := a.Handler()
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(h)
		defer server.Close()
		auth := "\nAuthorization: Bearer " + token(t, a, "system/*.cruds")
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				for range 5 {
					post(t, server.URL+"/fhir/Patient", auth, `{"resourceType":"Patient","identifier":[{"system":"http://race","value":"1"}]}`, "If-None-Exist", "identifier=http://race|1")
					post(t, server.URL+"/fhir/Patient", auth, `{"resourceType":"Patient","active":true}`)
				}
			})
		}
		all.Wait()
		for query, want := range map[string]string{"identifier=http://race|1": `"total":1,`, "active=true": `"total":80,`} {
			if _, body := say(t, server.URL, "GET /fhir/Patient?_total=accurate&_count=0&"+query+auth); !strings.Contains(body, want) {
				t.Errorf("%s: %s, want %s", query, body, want)
			}
		}
	})
}

func post(t *testing.T, url, auth, body string, headers ...string) {
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	r.Header.Set("Authorization", strings.TrimPrefix(strings.TrimSpace(auth), "Authorization: "))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	defer res.Body.Close() //nolint:errcheck // a test's
	if answer, _ := io.ReadAll(res.Body); res.StatusCode != http.StatusCreated && res.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", res.Status, answer)
	}
}
