package app

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/server/rest"
)

// mine is what a caller may see who sees a part.
const mine = `{"resourceType":"Bundle","type":"transaction","entry":[
	{"request":{"method":"PUT","url":"Organization/here"},"resource":{"resourceType":"Organization","id":"here","meta":{"tag":[{"system":"urn:t","code":"mine"}]},"name":"Here"}},
	{"request":{"method":"PUT","url":"Practitioner/doc"},"resource":{"resourceType":"Practitioner","id":"doc","meta":{"tag":[{"system":"urn:t","code":"mine"}]}}},
	{"request":{"method":"PUT","url":"Patient/me"},"resource":{"resourceType":"Patient","id":"me","meta":{"tag":[{"system":"urn:t","code":"mine"}]},"telecom":[{"system":"phone","value":"555"}],"managingOrganization":{"reference":"Organization/here"},"generalPractitioner":[{"reference":"Practitioner/doc"}]}},
	{"request":{"method":"PUT","url":"Observation/lab"},"resource":{"resourceType":"Observation","id":"lab","meta":{"tag":[{"system":"urn:t","code":"mine"}],"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"x"},"subject":{"reference":"Patient/me"}}},
	{"request":{"method":"PUT","url":"Observation/vital"},"resource":{"resourceType":"Observation","id":"vital","meta":{"tag":[{"system":"urn:t","code":"mine"}]},"status":"final","category":[{"coding":[{"code":"vital-signs"}]}],"code":{"text":"x"},"subject":{"reference":"Patient/me"},"performer":[{"reference":"Practitioner/doc"}]}},
	{"request":{"method":"PUT","url":"Patient/you"},"resource":{"resourceType":"Patient","id":"you"}},
	{"request":{"method":"PUT","url":"Observation/other"},"resource":{"resourceType":"Observation","id":"other","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/you"}}}]}`

// partly is a server with what is mine in it, and callers who see that and nothing else, each for another reason.
func partly(t *testing.T, a *App) (w wall, tokens map[string]string) {
	t.Helper()
	h, err := a.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	w = wall{t: t, url: server.URL, they: token(t, a, "system/*.cruds")}
	if code, body := w.say(w.they, http.MethodPost, "", mine); code != http.StatusOK {
		t.Fatal(code, body)
	}
	return w, map[string]string{
		"of a patient":      ordered(t, a, accounts.Order{Scopes: "patient/*.cruds", Patient: "me"}),
		"of a search":       ordered(t, a, accounts.Order{Scopes: "user/*.cruds?_tag=urn:t|mine"}),
		"of a user":         ordered(t, a, accounts.Order{Scopes: "user/*.cruds", User: userWho(t, a, "me", accounts.Person{Resource: "Patient/me"}, "* read own", "* write own", "* delete own")}),
		"of an institution": ordered(t, a, accounts.Order{Scopes: "user/*.cruds", User: userWho(t, a, "here", accounts.Person{Organization: "here"}, "* read organization", "* write organization", "* delete organization")}),
	}
}

func ordered(t *testing.T, a *App, o accounts.Order) string {
	t.Helper()
	o.Name = "test"
	_, text, err := a.Accounts.Issue(t.Context(), everything(), o)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// userWho makes a user with a role of his own, and gives his id.
func userWho(t *testing.T, a *App, login string, who accounts.Person, permits ...string) string {
	t.Helper()
	by := everything()
	u, err := a.Accounts.AddUser(t.Context(), by, accounts.NewUser{Login: login})
	if err == nil {
		err = a.Accounts.SetPerson(t.Context(), by, u.ID, who)
	}
	if err == nil {
		err = a.Accounts.AddRole(t.Context(), by, login)
	}
	for _, text := range permits {
		words := strings.Fields(text)
		p, wrong := access.ParsePermission(words[0], words[1], words[2])
		if wrong != nil {
			t.Fatal(wrong)
		}
		if err == nil {
			err = a.Accounts.Permit(t.Context(), by, login, p)
		}
	}
	if err == nil {
		err = a.Accounts.Give(t.Context(), by, login, u.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return u.ID
}

// common are the routes that use what is common property of a tenant: its profiles.
var common = map[string]bool{"/fhir/{type}/$validate": true}

// TestWhatIsNotSeenIsBehindAWall asks every route that is registered for what is in the same tenant and not for the caller to see,
// as TestTenantsAreWalls asks for what is another's. The answer must be that for an id that nobody has.
func TestWhatIsNotSeenIsBehindAWall(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		a := opened(t, Config{Database: Database{DB: url}})
		w, tokens := partly(t, a)
		gate := gateOf(a)
		routes := a.rest(gate).Routes()
		for _, r := range a.api(gate, nil).Routes() {
			if strings.Contains(r.Path, "/audit") { // the others are about accounts
				routes = append(routes, rest.Route{Method: r.Method, Path: r.Path})
			}
		}
		at := 0
		for who, token := range tokens {
			w.ours = token
			for _, r := range routes {
				if at++; !common[r.Path] {
					t.Run(who+" "+r.Method+" "+r.Path, func(t *testing.T) { w.t = t; w.ask(at, r) })
				}
			}
		}
	})
}

// TestWhoSeesWhatOverHTTP asks as many callers for the same, each of whom sees another part of it.
func TestWhoSeesWhatOverHTTP(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		a := opened(t, Config{Database: Database{DB: url}})
		w, tokens := partly(t, a)
		doctor := userWho(t, a, "doc", accounts.Person{Resource: "Practitioner/doc"}, "* read own")
		careful := userWho(t, a, "careful", accounts.Person{Clearance: "N"}, "* read all")
		nobody := userWho(t, a, "nobody", accounts.Person{})
		tokens["of a scope"] = ordered(t, a, accounts.Order{Scopes: "patient/Observation.rs?category=laboratory patient/Patient.rs", Patient: "me"})
		tokens["of a doctor"] = ordered(t, a, accounts.Order{Scopes: "user/*.rs", User: doctor})
		tokens["of one with little clearance"] = ordered(t, a, accounts.Order{Scopes: "user/*.rs", User: careful})
		tokens["of one without a role"] = ordered(t, a, accounts.Order{Scopes: "user/*.rs", User: nobody})
		tokens["of a service with little clearance"] = ordered(t, a, accounts.Order{Scopes: "system/*.rs", Clearance: "N"})
		for who, want := range map[string]string{
			"of a patient": "lab vital | me", "of a search": "lab vital | me", "of a user": "lab vital | me", "of a scope": "lab | me", "of a doctor": "vital | me", "of an institution": " | me",
			"of one with little clearance": "other vital | me you", "of a service with little clearance": "other vital | me you", "of one without a role": "403 | 403",
		} {
			if got := w.sees(tokens[who], "Observation") + " | " + w.sees(tokens[who], "Patient"); got != want {
				t.Errorf("%s: %q, want %q", who, got, want)
			}
		}
	})
}

var entryID = regexp.MustCompile(`"fullUrl":"[^"]*/([^"/]+)"`)

// sees are the ids that a search shows, in their order, and the total must be their number.
func (w wall) sees(token, typ string) string {
	w.t.Helper()
	code, body := w.say(token, http.MethodGet, "/"+typ+"?_sort=_id&_total=accurate", "")
	if code != http.StatusOK {
		return fmt.Sprint(code)
	}
	var ids []string
	for _, m := range entryID.FindAllStringSubmatch(body, -1) {
		ids = append(ids, m[1])
	}
	if !strings.Contains(body, fmt.Sprintf(`"total":%d`, len(ids))) {
		w.t.Error(body)
	}
	return strings.Join(ids, " ")
}

// TestAMaskHidesOverHTTP what a role hides, and comes off again.
func TestAMaskHidesOverHTTP(t *testing.T) {
	a := opened(t, Config{Database: Database{DB: dbtest.SQLiteURL(t)}})
	w, _ := partly(t, a)
	mask, err := access.ParseMask("Patient", "telecom", "hide")
	if err != nil {
		t.Fatal(err)
	}
	user := userWho(t, a, "clerk", accounts.Person{}, "* read all")
	if err := a.Accounts.Mask(t.Context(), everything(), "clerk", mask); err != nil {
		t.Fatal(err)
	}
	hidden := ordered(t, a, accounts.Order{Scopes: "user/*.rs", User: user})
	if code, body := w.say(hidden, http.MethodGet, "/Patient/me", ""); code != http.StatusOK || strings.Contains(body, "555") || !strings.Contains(body, "SUBSETTED") {
		t.Error(code, body)
	}
	if code, body := w.say(hidden, http.MethodGet, "/Patient?phone=555", ""); code != http.StatusForbidden {
		t.Error(code, body)
	}
	if err := a.Accounts.Unmask(t.Context(), everything(), "clerk", mask); err != nil {
		t.Fatal(err)
	}
	shown := ordered(t, a, accounts.Order{Scopes: "user/*.rs", User: user})
	if code, body := w.say(shown, http.MethodGet, "/Patient/me", ""); code != http.StatusOK || !strings.Contains(body, "555") {
		t.Error(code, body)
	}
}

// TestAPatientSeesWhoSawHisRecordAndNothingOfOthers although both stand in the same entry of the audit.
func TestAPatientSeesWhoSawHisRecordAndNothingOfOthers(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		a := opened(t, Config{Database: Database{DB: url}})
		w, tokens := partly(t, a)
		me := tokens["of a patient"]
		if code, body := w.say(w.they, http.MethodGet, "/Observation", ""); code != http.StatusOK {
			t.Fatal(code, body)
		}
		for _, path := range []string{"/AuditEvent?subtype=search-type", "/AuditEvent?patient=me&subtype=search-type", "/api/v1/patients/me/audit"} {
			code, body := w.say(me, http.MethodGet, path, "")
			if code != http.StatusOK || !strings.Contains(body, "me") || strings.Contains(body, "you") || strings.Contains(body, "other") {
				t.Errorf("%s: %d %s", path, code, body)
			}
		}
		for _, path := range []string{"/AuditEvent?patient=you", "/AuditEvent?entity=Patient/you", "/AuditEvent?entity=Observation/other", "/api/v1/patients/you/audit"} {
			if code, body := w.say(me, http.MethodGet, path, ""); code != http.StatusOK || strings.Contains(body, `"search"`) || strings.Contains(body, "search-type") {
				t.Errorf("%s: %d %s", path, code, body)
			}
		}
		w.same(me, audited(w, "patient=you"), "/AuditEvent/none")
		if code, body := w.say(me, http.MethodGet, audited(w, "patient=me&subtype=search-type"), ""); code != http.StatusOK || strings.Contains(body, "you") {
			t.Error(code, body)
		}
	})
}

// audited is the address of an entry of the audit.
func audited(w wall, query string) string {
	w.t.Helper()
	_, body := w.say(w.they, http.MethodGet, "/AuditEvent?_count=1&"+query, "")
	m := regexp.MustCompile(`AuditEvent/([^"/]+)"`).FindStringSubmatch(body)
	if m == nil {
		w.t.Fatal(body)
	}
	return "/AuditEvent/" + m[1]
}

// same asks that one is not told from the other.
func (w wall) same(token, hidden, none string) {
	w.t.Helper()
	code, body := w.say(token, http.MethodGet, hidden, "")
	ghost, text := w.say(token, http.MethodGet, none, "")
	if code != ghost || strings.ReplaceAll(body, hidden, none) != text {
		w.t.Errorf("%d %s\n%d %s", code, body, ghost, text)
	}
}

// TestAnAppOfAPatientSeesHisRecord by a launch in the context of the patient whom the user is (SMART App Launch 2.2).
func TestAnAppOfAPatientSeesHisRecord(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, at string) {
		a, address := servedWithSignIn(t, at, Config{})
		s := newStrangers(t, a, address, accounts.First, "ada")
		w := wall{t: t, url: address, they: token(t, a, "system/*.cruds")}
		if code, body := w.say(w.they, http.MethodPost, "", mine); code != http.StatusOK {
			t.Fatal(code, body)
		}
		const scopes = "openid fhirUser launch/patient patient/Patient.rs patient/Observation.rs?category=laboratory"
		c, secret, err := a.Accounts.Register(t.Context(), everything(), accounts.Client{Name: "app", Method: accounts.MethodBasic, Redirects: []string{back}, Grants: []string{accounts.GrantCode}, Scopes: strings.Fields(scopes)})
		if err != nil {
			t.Fatal(err)
		}
		s.id, s.client, s.scope = c.ID, "Basic "+base64.StdEncoding.EncodeToString([]byte(c.ID+":"+secret)), scopes
		u, err := a.Accounts.User(t.Context(), accounts.First, "ada")
		if err == nil {
			err = a.Accounts.SetPerson(t.Context(), everything(), u.ID, accounts.Person{Resource: "Patient/me"})
		}
		if err != nil {
			t.Fatal(err)
		}
		_, body := s.post("/oauth/token", s.client, "grant_type", "authorization_code", "code", s.code(), "redirect_uri", back, "code_verifier", codeVerifier)
		parts := strings.Split(word(body, "id_token"), ".")
		if word(body, "patient") != "me" || len(parts) != 3 {
			t.Fatal(body)
		}
		if claims, err := base64.RawURLEncoding.DecodeString(parts[1]); err != nil || !strings.Contains(string(claims), `"fhirUser":"`+address+`/fhir/Patient/me"`) {
			t.Error(string(claims), err)
		}
		mine := word(body, "access_token")
		if got := w.sees(mine, "Observation") + " | " + w.sees(mine, "Patient"); got != "lab | me" {
			t.Error(got)
		}
		w.same(mine, "/Observation/other", "/Observation/none")
	})
}
