package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestEveryOperationOfTheCapabilityStatementIsThere calls each on every level on which it could be: somewhere it must
// be known. What it answers to a call that says nothing is its own business, but never that something broke inside.
func TestEveryOperationOfTheCapabilityStatementIsThere(t *testing.T) {
	a := opened(t, Config{Database: Database{DB: dbtest.SQLiteURL(t)}})
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	bearer := "\nAuthorization: Bearer " + token(t, a, "system/*.cruds")
	var statement struct {
		Rest []struct {
			Operation []struct{ Name string }
			Resource  []struct {
				Type      string
				Operation []struct{ Name string }
			}
		}
	}
	_, body := say(t, server.URL, "GET /fhir/metadata")
	if err := json.Unmarshal([]byte(body), &statement); err != nil {
		t.Fatal(err)
	}
	calls := 0
	try := func(name string, places ...string) {
		known := false
		for _, place := range places {
			for _, method := range []string{"GET", "POST"} {
				calls++
				res, text := say(t, server.URL, method+" /fhir"+place+"/$"+name+bearer)
				known = known || !strings.Contains(text, "this operation is not supported")
				if res.StatusCode >= http.StatusInternalServerError {
					t.Errorf("%s %s/$%s: %s %s", method, place, name, res.Status, text)
				}
			}
		}
		if !known {
			t.Errorf("$%s is said to be on %v", name, places)
		}
	}
	for _, o := range statement.Rest[0].Operation {
		try(o.Name, "")
	}
	for i, r := range statement.Rest[0].Resource {
		for _, o := range r.Operation {
			if i%10 == 0 || len(r.Operation) > 5 { // most types have those alone that all have
				try(o.Name, "/"+r.Type, "/"+r.Type+"/x", "/"+r.Type+"/x/_history/1")
			}
		}
	}
	if calls < 100 {
		t.Errorf("only %d calls", calls)
	}
}
