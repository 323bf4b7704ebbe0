package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/server/api"
	"github.com/ficushealth/ficus/server/rest"
	"github.com/ficushealth/ficus/server/signin"
)

// asking says how a route is asked for what has the id @: its address, and a body unless it is a GET.
type asking struct{ path, body string }

// askings has a row for each route that is served. All that is asked about is in the other tenant.
var askings = map[string]asking{
	"GET /api/v1/openapi.json":                   {"/api/v1/openapi.json", ""},
	"GET /api/v1/audit":                          {"/api/v1/audit?patient=@", ""},
	"GET /api/v1/patients/{id}/audit":            {"/api/v1/patients/@/audit", ""},
	"GET /fhir/metadata":                         {"/metadata", ""},
	"GET /fhir":                                  {"?_id=@&_type=Patient", ""},
	"POST /fhir":                                 {"", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/@"}},{"request":{"method":"GET","url":"Patient?_id=@"}}]}`},
	"GET /fhir/_history":                         {"/_history?_count=500", ""},
	"GET /fhir/_search":                          {"/_search?_id=@&_type=Patient", ""},
	"POST /fhir/_search":                         {"/_search?_type=Patient", form + "_id=@"},
	"GET /fhir/{type}":                           {"/Patient?_id=@&_revinclude=Observation:subject", ""},
	"POST /fhir/{type}":                          {"/Observation", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/@"}}`},
	"PUT /fhir/{type}":                           {"/Patient?_id=@", `{"resourceType":"Patient","gender":"other"}`},
	"PATCH /fhir/{type}":                         {"/Patient?_id=@", `[{"op":"add","path":"/gender","value":"other"}]`},
	"DELETE /fhir/{type}":                        {"/Basic?_id=@", ""},
	"GET /fhir/{type}/_history":                  {"/Patient/_history?_count=500", ""},
	"POST /fhir/{type}/_search":                  {"/Patient/_search", form + "_id=@"},
	"GET /fhir/{type}/{id}":                      {"/Patient/@", ""},
	"PUT /fhir/{type}/{id}":                      {"/Patient/@", `{"resourceType":"Patient","id":"@","gender":"other"}`},
	"PATCH /fhir/{type}/{id}":                    {"/Patient/@", `[{"op":"add","path":"/gender","value":"other"}]`},
	"DELETE /fhir/{type}/{id}":                   {"/Basic/@", ""},
	"GET /fhir/{type}/{id}/_history":             {"/Patient/@/_history", ""},
	"GET /fhir/{type}/{id}/_history/{version}":   {"/Patient/@/_history/1", ""},
	"POST /fhir/{type}/{id}/_search":             {"/Patient/@/_search", form + "_count=5"},
	"GET /fhir/{type}/{id}/{member}":             {"/Patient/@/Observation", ""},
	"POST /fhir/{type}/{id}/{member}/{last}":     {"/Patient/@/Observation/_search", form + "_count=5"},
	"/fhir/{type}/$everything":                   {"/Patient/$everything?_type=Patient", `{"resourceType":"Parameters"}`},
	"/fhir/{type}/$expand":                       {"/ValueSet/$expand?url=http://north.test/@", `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://north.test/@"}]}`},
	"/fhir/{type}/$lastn":                        {"/Observation/$lastn?patient=Patient/@", `{"resourceType":"Parameters","parameter":[{"name":"patient","valueString":"Patient/@"}]}`},
	"/fhir/{type}/$lookup":                       {"/CodeSystem/$lookup?system=http://north.test/@&code=a", `{"resourceType":"Parameters","parameter":[{"name":"system","valueUri":"http://north.test/@"},{"name":"code","valueCode":"a"}]}`},
	"/fhir/{type}/$match":                        {"/Patient/$match", `{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"@"}],"name":[{"family":"` + marker + `"}]}}]}`},
	"/fhir/{type}/$merge":                        {"/Patient/$merge", pair + `,{"name":"preview","valueBoolean":true}]}`},
	"/fhir/{type}/$unmerge":                      {"/Patient/$unmerge", pair + `]}`},
	"/fhir/{type}/$subsumes":                     {"/CodeSystem/$subsumes?system=http://north.test/@&codeA=a&codeB=a", `{"resourceType":"Parameters","parameter":[{"name":"system","valueUri":"http://north.test/@"},{"name":"codeA","valueCode":"a"},{"name":"codeB","valueCode":"a"}]}`},
	"/fhir/{type}/$translate":                    {"/ConceptMap/$translate?url=http://north.test/@&code=a&system=http://north.test/@", `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://north.test/@"},{"name":"code","valueCode":"a"},{"name":"system","valueUri":"http://north.test/@"}]}`},
	"/fhir/{type}/$validate-code":                {"/CodeSystem/$validate-code?url=http://north.test/@&code=a", `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://north.test/@"},{"name":"code","valueCode":"a"}]}`},
	"/fhir/{type}/$validate":                     {"/Patient/$validate?profile=http://north.test/@", `{"resourceType":"Parameters","parameter":[{"name":"profile","valueUri":"http://north.test/@"},{"name":"resource","resource":{"resourceType":"Patient"}}]}`},
	"/fhir/{type}/{id}/$diff":                    {"/Patient/@/$diff", `{"resourceType":"Parameters"}`},
	"/fhir/{type}/{id}/$document":                {"/Composition/@/$document", `{"resourceType":"Parameters"}`},
	"/fhir/{type}/{id}/$everything":              {"/Patient/@/$everything", `{"resourceType":"Parameters"}`},
	"/fhir/{type}/{id}/$expand":                  {"/ValueSet/@/$expand", `{"resourceType":"Parameters"}`},
	"/fhir/$meta":                                {"/$meta", `{"resourceType":"Parameters"}`},
	"/fhir/{type}/$meta":                         {"/Patient/$meta", `{"resourceType":"Parameters"}`},
	"/fhir/{type}/{id}/$meta":                    {"/Patient/@/$meta", `{"resourceType":"Parameters"}`},
	"/fhir/{type}/{id}/$meta-add":                {"/Patient/@/$meta-add", tagged},
	"/fhir/{type}/{id}/$meta-delete":             {"/Patient/@/$meta-delete", tagged},
	"/fhir/{type}/{id}/$subsumes":                {"/CodeSystem/@/$subsumes?codeA=a&codeB=a", `{"resourceType":"Parameters","parameter":[{"name":"codeA","valueCode":"a"},{"name":"codeB","valueCode":"a"}]}`},
	"/fhir/{type}/{id}/$translate":               {"/ConceptMap/@/$translate?code=a&system=http://north.test/@", `{"resourceType":"Parameters","parameter":[{"name":"code","valueCode":"a"},{"name":"system","valueUri":"http://north.test/@"}]}`},
	"/fhir/{type}/{id}/$validate":                {"/Patient/@/$validate", `{"resourceType":"Parameters"}`},
	"/fhir/{type}/{id}/$validate-code":           {"/ValueSet/@/$validate-code?code=a&system=http://north.test/@", `{"resourceType":"Parameters","parameter":[{"name":"code","valueCode":"a"},{"name":"system","valueUri":"http://north.test/@"}]}`},
	"/fhir/{type}/{id}/_history/{version}/$meta": {"/Patient/@/_history/1/$meta", `{"resourceType":"Parameters"}`},
}

// mute reports whether a route has nothing to tell of a single one: it needs a body, or has others on its first page.
func mute(r rest.Route) bool {
	return r.Method+" "+r.Path == "GET /fhir/{type}/$validate" || r.Path == "/fhir/{type}/$everything"
}

// Words of the table. The marker stands in everything that the other tenant has.
const (
	marker = "Zyxwvut"
	form   = "form:"
	pair   = `{"resourceType":"Parameters","parameter":[{"name":"source-patient","valueReference":{"reference":"Patient/@"}},{"name":"target-patient","valueReference":{"reference":"Patient/@-2"}}`
	tagged = `{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"system":"urn:t","code":"t"}]}}]}`
)

// theirs is what the other tenant has under an id, for each row of the table.
const theirs = `{"resourceType":"Bundle","type":"transaction","entry":[
	{"request":{"method":"PUT","url":"Patient/@"},"resource":{"resourceType":"Patient","id":"@","meta":{"tag":[{"system":"urn:t","code":"t"},{"system":"urn:t","code":"@"},{"system":"urn:t","code":"Zyxwvut"}]},"identifier":[{"system":"urn:mrn","value":"@"}],"name":[{"family":"Zyxwvut"}]}},
	{"request":{"method":"PUT","url":"Patient/@-2"},"resource":{"resourceType":"Patient","id":"@-2","name":[{"family":"Zyxwvut"}]}},
	{"request":{"method":"PUT","url":"Basic/@"},"resource":{"resourceType":"Basic","id":"@","code":{"text":"Zyxwvut"}}},
	{"request":{"method":"PUT","url":"Observation/@"},"resource":{"resourceType":"Observation","id":"@","status":"final","code":{"coding":[{"system":"urn:c","code":"c"}],"text":"Zyxwvut"},"subject":{"reference":"Patient/@"}}},
	{"request":{"method":"PUT","url":"Composition/@"},"resource":{"resourceType":"Composition","id":"@","status":"final","type":{"text":"x"},"date":"2026","author":[{"display":"x"}],"title":"Zyxwvut","subject":{"reference":"Patient/@"}}},
	{"request":{"method":"PUT","url":"StructureDefinition/@"},"resource":{"resourceType":"StructureDefinition","id":"@","url":"http://north.test/@","name":"Zyxwvut","status":"active","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[{"id":"Patient","path":"Patient"},{"id":"Patient.name","path":"Patient.name","min":1}]}}},
	{"request":{"method":"PUT","url":"CodeSystem/@"},"resource":{"resourceType":"CodeSystem","id":"@","url":"http://north.test/@","name":"Zyxwvut","status":"active","content":"complete","concept":[{"code":"a","display":"Zyxwvut"}]}},
	{"request":{"method":"PUT","url":"ValueSet/@"},"resource":{"resourceType":"ValueSet","id":"@","url":"http://north.test/@","name":"Zyxwvut","status":"active","compose":{"include":[{"system":"http://north.test/@"}]}}},
	{"request":{"method":"PUT","url":"ConceptMap/@"},"resource":{"resourceType":"ConceptMap","id":"@","url":"http://north.test/@","name":"Zyxwvut","status":"active","group":[{"source":"http://north.test/@","target":"http://t.test","element":[{"code":"a","target":[{"code":"Zyxwvut","equivalence":"equal"}]}]}]}}]}`

// TestTenantsAreWalls asks every route that is registered for what another tenant has. The answer must be that for an id that
// nobody has, and nothing must have changed; the other tenant's own caller gets another answer, or changes something.
func TestTenantsAreWalls(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		a := opened(t, Config{Database: Database{DB: url}})
		north, err := a.Accounts.AddTenant(t.Context(), everything(), "North")
		if err != nil {
			t.Fatal(err)
		}
		h, err := a.Handler()
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(h)
		defer server.Close()
		w := wall{t, server.URL, token(t, a, "system/*.cruds"), tokenOf(t, a, north.ID)}
		gate := gateOf(a)
		routes := a.rest(gate).Routes()
		for _, r := range a.api(gate, nil).Routes() {
			routes = append(routes, rest.Route{Method: r.Method, Path: r.Path, Open: r.Open})
		}
		for n, r := range routes {
			t.Run(r.Method+" "+r.Path, func(t *testing.T) { w.t = t; w.ask(n, r) })
		}
	})
}

// wall is a server and the tokens of two tenants.
type wall struct {
	t          *testing.T
	url        string
	ours, they string
}

func tokenOf(t *testing.T, a *App, tenant int32) string {
	t.Helper()
	_, text, err := a.Accounts.Issue(t.Context(), access.Inside(tenant, "test"), accounts.Order{Name: "north", Scopes: "system/*.cruds"})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (w wall) ask(n int, r rest.Route) {
	row, found := askings[r.Method+" "+r.Path]
	if !found {
		row, found = askings[r.Path]
	}
	if !found {
		w.t.Fatal("the table has no row for this route: say how it is asked for what another tenant has")
	}
	id, nobody := fmt.Sprintf("theirs-%03d", n), fmt.Sprintf("nobody-%03d", n)
	if code, body := w.say(w.they, http.MethodPost, "", strings.ReplaceAll(theirs, "@", id)); code != http.StatusOK {
		w.t.Fatal(code, body)
	}
	before := w.state(id)
	code, body := w.row(w.ours, r.Method, row, id)
	if ghost, text := w.row(w.ours, r.Method, row, nobody); code != ghost || code >= 400 && body != text {
		w.t.Errorf("what is there is told from what is not:\n%d %s\n%d %s", code, body, ghost, text)
	}
	if strings.Contains(body, marker) {
		w.t.Errorf("another tenant's data: %s", body)
	}
	if after := w.state(id); after != before {
		w.t.Errorf("it was changed:\n%s\n%s", before, after)
	}
	if r.Open || code == http.StatusMethodNotAllowed || mute(r) {
		return
	}
	ghost, none := w.row(w.they, r.Method, row, nobody)
	if twin, text := w.row(w.they, r.Method, row, id); twin == ghost && text == none && w.state(id) == before {
		w.t.Errorf("the tenant itself is not answered either: %d %s", twin, text)
	}
}

// row asks as the row of the table says. The answer has @ for the id, so that answers can be compared.
func (w wall) row(token, method string, row asking, id string) (int, string) {
	code, body := w.say(token, method, strings.ReplaceAll(row.path, "@", id), strings.ReplaceAll(row.body, "@", id))
	return code, strings.ReplaceAll(body, id, "@")
}

// state is what the other tenant has under the id.
func (w wall) state(id string) string {
	all := ""
	for _, typ := range []string{"Patient", "Basic", "Observation"} {
		code, body := w.say(w.they, http.MethodGet, "/"+typ+"/"+id, "")
		all += fmt.Sprint(code, body)
	}
	_, count := w.say(w.they, http.MethodGet, "/Observation?_summary=count", "")
	return all + count
}

func (w wall) say(token, method, path, body string) (int, string) {
	res, answer := w.send("Bearer "+token, method, path, body)
	return res.StatusCode, answer
}

// send sends a request with that Authorization header, or none.
func (w wall) send(authorization, method, path, body string) (*http.Response, string) {
	if method == http.MethodGet {
		body = ""
	}
	media := "application/fhir+json"
	if elsewhere(path) {
		media = "application/json"
	}
	switch sent, isForm := strings.CutPrefix(body, form); {
	case isForm:
		media, body = "application/x-www-form-urlencoded", sent
	case method == http.MethodPatch:
		media = "application/json-patch+json"
	}
	if method == http.MethodPost && strings.Contains(path, "/$") {
		path, _, _ = strings.Cut(path, "?")
	}
	if !elsewhere(path) {
		path = "/fhir" + path
	}
	head := method + " " + path + "\nContent-Type: " + media
	if authorization != "" {
		head += "\nAuthorization: " + authorization
	}
	return say(w.t, w.url, head+"\n\n"+body)
}

// elsewhere reports whether a path is not below the FHIR interface.
func elsewhere(path string) bool {
	return strings.HasPrefix(path, api.Root) || strings.HasPrefix(path, api.Alias+"/") || strings.HasPrefix(path, "/oauth/") || path == "/metrics"
}

func gateOf(a *App) *signin.Gate {
	gate, _ := a.signIn(nil, nil)
	return gate
}
