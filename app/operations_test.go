package app

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
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

// TestAnOperationThatWasPostedGoesOn at links that hold its parameters sealed.
func TestAnOperationThatWasPostedGoesOn(t *testing.T) {
	a := opened(t, Config{Database: Database{DB: dbtest.SQLiteURL(t)}})
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	bearer := "\nAuthorization: Bearer " + token(t, a, "system/*.cruds")
	for _, r := range []string{
		`Patient/p {"resourceType":"Patient","id":"p"}`, `Basic/a {"resourceType":"Basic","id":"a","code":{"text":"x"},"subject":{"reference":"Patient/p"}}`,
		`Basic/b {"resourceType":"Basic","id":"b","code":{"text":"x"},"subject":{"reference":"Patient/p"}}`,
	} {
		place, body, _ := strings.Cut(r, " ")
		if res, text := say(t, server.URL, "PUT /fhir/"+place+bearer+"\n\n"+body); res.StatusCode != http.StatusCreated {
			t.Fatal(text)
		}
	}
	request := "POST /fhir/Patient/p/$everything" + bearer + "\n\n" +
		`{"resourceType":"Parameters","parameter":[{"name":"_count","valueInteger":1},{"name":"_type","valueCode":"Basic"},{"name":"_type","valueCode":"Patient"}]}`
	var ids []string
	for range 10 {
		res, text := say(t, server.URL, request)
		var page struct {
			Link  []struct{ Relation, URL string }
			Entry []struct{ Resource struct{ ID string } }
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(res.Status, text)
		}
		for _, e := range page.Entry {
			ids = append(ids, e.Resource.ID)
		}
		request = ""
		for _, l := range page.Link {
			if strings.Contains(l.URL, "Basic") || strings.Contains(l.URL, "_count") {
				t.Errorf("a link shows %s", l.URL)
			}
			if l.Relation == "next" {
				request = "GET " + strings.TrimPrefix(l.URL, server.URL) + bearer
			}
		}
		if request == "" {
			break
		}
	}
	if got := strings.Join(ids, " "); got != "p a b" {
		t.Errorf("found %s", got)
	}
}

// TestEverythingOfAllPatientsComesInPages follows the links and wants each resource once, however small the pages are.
func TestEverythingOfAllPatientsComesInPages(t *testing.T) {
	a := opened(t, Config{Database: Database{DB: dbtest.SQLiteURL(t)}})
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	bearer := "\nAuthorization: Bearer " + token(t, a, "system/*.cruds")
	want := map[string]int{}
	for i := range 60 { // more than one page looks at
		id := strconv.Itoa(i)
		put := []string{`Patient/p` + id + ` {"resourceType":"Patient","id":"p` + id + `"}`}
		if i%20 == 0 {
			put = append(put, `Basic/b`+id+` {"resourceType":"Basic","id":"b`+id+`","code":{"text":"x"},"subject":{"reference":"Patient/p`+id+`"}}`)
		}
		for _, r := range put {
			place, body, _ := strings.Cut(r, " ")
			if res, text := say(t, server.URL, "PUT /fhir/"+place+bearer+"\n\n"+body); res.StatusCode != http.StatusCreated {
				t.Fatal(text)
			}
			want[server.URL+"/fhir/"+place] = 1
		}
	}
	for _, size := range []string{"1", "7", "1000"} {
		got := map[string]int{}
		for next := "/fhir/Patient/$everything?_count=" + size; next != ""; {
			res, text := say(t, server.URL, "GET "+next+bearer)
			var b struct {
				Link  []struct{ Relation, URL string }
				Entry []struct{ FullURL string }
			}
			if err := json.Unmarshal([]byte(text), &b); err != nil || res.StatusCode != http.StatusOK {
				t.Fatal(res.Status, text)
			}
			for _, e := range b.Entry {
				got[e.FullURL]++
			}
			next = ""
			for _, l := range b.Link {
				if l.Relation == "next" {
					next = strings.TrimPrefix(l.URL, server.URL)
				}
			}
		}
		if !maps.Equal(got, want) {
			t.Errorf("by %s: %v", size, got)
		}
	}
}
