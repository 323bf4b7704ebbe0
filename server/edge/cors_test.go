package edge

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

// TestPagesOfOthersReadWhatTheyMay: those of known origins below the paths, those of everybody what is public, and no cookie comes along.
func TestPagesOfOthersReadWhatTheyMay(t *testing.T) {
	const app = "https://app.example.org"
	h := wrapped(t, Options{
		Origins: Origins{Known: []Origin{app}, Paths: []string{"/fhir", "/oauth/token"}, Public: []string{"/oauth/jwks"}},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }),
	})
	for name, x := range map[string]struct {
		method, path, origin string
		let                  string
		vary                 bool
		status               int
	}{
		"known":                     {"GET", "/fhir/Patient", app, app, true, 418},
		"known, asked before":       {"OPTIONS", "/fhir/Patient", app, app, true, 204},
		"known, for a token":        {"OPTIONS", "/oauth/token", app, app, true, 204},
		"the root":                  {"GET", "/fhir", app, app, true, 418},
		"another origin":            {"GET", "/fhir/Patient", "https://evil.example", "", true, 418},
		"another, asked before":     {"OPTIONS", "/fhir/Patient", "https://evil.example", "", true, 418},
		"another scheme":            {"GET", "/fhir/Patient", "http://app.example.org", "", true, 418},
		"another port":              {"GET", "/fhir/Patient", app + ":8443", "", true, 418},
		"one that begins alike":     {"GET", "/fhir/Patient", app + ".evil.example", "", true, 418},
		"one that hides":            {"GET", "/fhir/Patient", "null", "", true, 418},
		"no page":                   {"GET", "/fhir/Patient", "", "", true, 418},
		"a page of ours":            {"GET", "/signin", app, "", false, 418},
		"a path that begins alike":  {"GET", "/fhirx", app, "", false, 418},
		"public":                    {"GET", "/oauth/jwks", "https://evil.example", "*", false, 418},
		"public, asked before":      {"OPTIONS", "/oauth/jwks", "https://evil.example", "*", false, 204},
		"public for who is no page": {"GET", "/oauth/jwks", "", "", false, 418},
	} {
		r, w := httptest.NewRequest(x.method, x.path, nil), httptest.NewRecorder()
		if x.origin != "" {
			r.Header.Set("Origin", x.origin)
		}
		if x.method == http.MethodOptions {
			r.Header.Set("Access-Control-Request-Method", "POST")
		}
		h.ServeHTTP(w, r)
		g := w.Header()
		if w.Code != x.status || g.Get("Access-Control-Allow-Origin") != x.let || (g.Get("Vary") == "Origin") != x.vary || g.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %d %v", name, w.Code, g)
		}
		if (g.Get("Access-Control-Allow-Headers") != "") != (x.status == 204) || (g.Get("Access-Control-Expose-Headers") != "") != (x.let != "") {
			t.Errorf("%s: %v", name, g)
		}
	}
}

// TestWithoutOriginsNobodyIsLet but to what is public.
func TestWithoutOriginsNobodyIsLet(t *testing.T) {
	h := wrapped(t, Options{Origins: Origins{Paths: []string{"/fhir"}}, Handler: http.NotFoundHandler()})
	r, w := httptest.NewRequest(http.MethodGet, "/fhir/Patient", nil), httptest.NewRecorder()
	r.Header.Set("Origin", "https://app.example.org")
	if h.ServeHTTP(w, r); w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Vary") != "" && w.Header().Get("Vary") != "Accept-Encoding" {
		t.Error(w.Header())
	}
}

func TestWhatIsNoOrigin(t *testing.T) {
	for _, text := range []string{"", "*", "null", "app.example.org", "https://app.example.org/", "https://app.example.org/x", "https://App.example.org", "ftp://app.example.org", "https://u@app.example.org", "https://*.example.org?x"} {
		var o Origin
		if err := o.UnmarshalText([]byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"https://app.example.org", "http://127.0.0.1:8000", "https://app.example.org:8443"} {
		var o Origin
		if err := o.UnmarshalText([]byte(text)); err != nil || string(o) != text {
			t.Errorf("%q: %v", text, err)
		}
	}
}
