package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
)

// TestEachClaimOfTheTerminologyIsKept asks the operations about what the TerminologyCapabilities say: of code systems in each
// version nothing may be missing, and each parameter of an expansion is taken.
func TestEachClaimOfTheTerminologyIsKept(t *testing.T) {
	a := opened(t, Config{Database: Database{DB: dbtest.SQLiteURL(t)}})
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	defer server.Close()
	bearer := "\nAuthorization: Bearer " + token(t, a, "system/*.cruds")
	for _, v := range []string{"1", "2"} {
		body := `{"resourceType":"CodeSystem","id":"s` + v + `","url":"http://s.test","version":"` + v + `","status":"active","content":"complete","concept":[{"code":"a","display":"A` + v + `","designation":[{"language":"de","value":"Ah"}]}]}`
		if res, text := say(t, server.URL, "PUT /fhir/CodeSystem/s"+v+bearer+"\n\n"+body); res.StatusCode != http.StatusCreated {
			t.Fatal(text)
		}
	}
	var k struct {
		CodeSystem []struct {
			URI     string
			Version []struct {
				Code      string
				IsDefault bool
			}
			Subsumption bool
		}
		Expansion struct {
			Hierarchical, Paging bool
			Parameter            []struct{ Name string }
		}
		ValidateCode struct{ Translations bool }
		Translation  struct{ NeedsMap bool }
		Closure      any
	}
	_, body := say(t, server.URL, "GET /fhir/metadata?mode=terminology"+bearer)
	if err := json.Unmarshal([]byte(body), &k); err != nil {
		t.Fatal(err)
	}
	ask := func(path string) string {
		res, text := say(t, server.URL, "GET /fhir"+path+bearer)
		if res.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s: %s", path, text)
		}
		return text
	}
	ours := false
	for i, y := range k.CodeSystem {
		ours = ours || y.URI == "http://s.test" && len(y.Version) == 2 && y.Version[0].Code == "2" && y.Version[0].IsDefault && !y.Version[1].IsDefault
		if i%7 != 0 && y.URI != "http://s.test" {
			continue
		}
		for _, v := range y.Version {
			if text := ask("/CodeSystem/$lookup?system=" + strings.ReplaceAll(y.URI, "|", "%7C") + "&version=" + v.Code + "&code=no-such-code-at-all"); strings.Contains(text, "is not loaded") {
				t.Errorf("%s in %q: %s", y.URI, v.Code, text)
			}
		}
	}
	if !ours || len(k.CodeSystem) < 900 {
		t.Errorf("%d code systems, among them both versions of ours: %t", len(k.CodeSystem), ours)
	}
	for _, p := range k.Expansion.Parameter {
		value := map[string]string{"url": "http://s.test%3Ffhir_vs", "offset": "0", "count": "5", "context": "Patient.gender", "valueSetVersion": ""}[p.Name]
		if p.Name == "valueSet" { // a resource is posted
			continue
		}
		if value == "" {
			value = "true"
		}
		if text := ask("/ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&" + p.Name + "=" + value); p.Name != "url" && strings.Contains(text, "not-supported") {
			t.Errorf("$expand takes no %s: %s", p.Name, text)
		}
	}
	if text := ask("/ValueSet/$expand?url=http://s.test%3Ffhir_vs&offset=0&count=1"); !k.Expansion.Paging || k.Expansion.Hierarchical || !strings.Contains(text, `"display":"A2"`) {
		t.Error(text)
	}
	if text := ask("/CodeSystem/$validate-code?url=http://s.test&code=a&display=Ah"); !k.ValidateCode.Translations || !strings.Contains(text, `"valueBoolean":true`) {
		t.Error(text)
	}
	if text := ask("/ConceptMap/$closure"); k.Closure != nil || !strings.Contains(text, "not supported") {
		t.Error(text)
	}
	if _, none := say(t, server.URL, "GET /fhir/metadata?mode=terminology\nAuthorization: Bearer none"); strings.Contains(none, "http://s.test") {
		t.Error("who has no token is told of a tenant's code systems")
	}
}
