package app

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fhir/r4"
)

// injections are texts that mean something to a database, a shell, a template, a file system, a browser, a log or a pattern.
var injections = []string{
	`'`, `"`, "`", `\`, `' OR '1'='1`, `x'; DROP TABLE resource; --`, `1 UNION SELECT wrapped FROM vault_key`, `$1`, `:a`, `%`, `_`, `%25%27`,
	`$(id)`, "`id`", `|id`, `{{7*7}}`, `${jndi:ldap://127.0.0.1/a}`, `../../../../etc/passwd`, `..\..\windows\win.ini`, `file:///etc/passwd`, `http://169.254.169.254/latest/meta-data/`,
	"a\x00b", "a\r\nSet-Cookie: evil=1", "a\nX-Evil: 1", `<script>alert(1)</script>`, `"><svg onload=alert(1)>`, `(a+)+$`, strings.Repeat("a", 3000) + "!", "\u202e\u2028\ufeff", "\xff\xfe", "١٢٣", `{"$gt":""}`, `*)(uid=*`,
}

// TestInjectedTextIsText puts each of the injections into each part of each address, each search parameter of each type, and the
// headers that are read. No answer may be a fault of ours, hold what another tenant or the machine has, or a header that was asked
// for; and all must be there afterwards.
func TestInjectedTextIsText(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, at string) {
		a, address := servedWithSignIn(t, at, Config{})
		north, err := a.Accounts.AddTenant(t.Context(), everything(), "North")
		if err != nil {
			t.Fatal(err)
		}
		w := wall{t, address, token(t, a, "system/*.cruds"), tokenOf(t, a, north.ID)}
		if code, body := w.say(w.they, http.MethodPost, "", strings.ReplaceAll(theirs, "@", "theirs")); code != http.StatusOK {
			t.Fatal(code, body)
		}
		before := w.state("theirs")
		for _, m := range mounted(t, a) {
			for _, route := range m.routes {
				w.injectPath(route)
			}
		}
		w.injectParameters()
		w.injectHeaders()
		if after := w.state("theirs"); after != before {
			t.Errorf("something was changed:\n%s\n%s", before, after)
		}
	})
}

// injectPath puts them into each part of an address that is the caller's, and behind it as a parameter.
func (w wall) injectPath(route string) {
	w.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	for _, text := range injections {
		filled := strings.NewReplacer("{type}", "Patient", "{id}", "theirs", "{version}", "1", "{member}", "Observation", "{last}", "_search")
		parts := strings.Split(path, "/")
		for n, part := range parts {
			if strings.HasPrefix(part, "{") {
				with := slices.Clone(parts)
				with[n] = url.PathEscape(text)
				w.harmless(method, filled.Replace(strings.Join(with, "/")), nil)
			}
		}
		w.harmless(method, filled.Replace(path)+"?"+url.Values{"a" + text: {text}}.Encode(), nil)
	}
}

// injectParameters gives each parameter of each type two of them, all in turn.
func (w wall) injectParameters() {
	w.t.Helper()
	turn := 0
	for _, p := range r4.AllParams() {
		for _, typ := range p.Bases {
			for range 2 {
				text := injections[turn%len(injections)]
				turn++
				w.harmless(http.MethodGet, "/fhir/"+typ+"?"+url.Values{p.Code: {text}}.Encode(), nil)
			}
		}
	}
	for _, name := range []string{"_sort", "_include", "_revinclude", "_count", "_total", "_summary", "_elements", "_filter", "_list", "_has:Observation:subject:code", "_content", "_text", "_type", "_cursor", "_format", "_since", "_at", "patient:Patient.name", "name:exact", "code:in"} {
		for _, text := range injections {
			w.harmless(http.MethodGet, "/fhir/Observation?"+url.Values{name: {text}}.Encode(), nil)
		}
	}
}

// injectHeaders puts them into the headers that are read. What no client can send is left out.
func (w wall) injectHeaders() {
	w.t.Helper()
	for _, name := range []string{"If-Match", "If-None-Match", "If-None-Exist", "If-Modified-Since", "Prefer", "Accept", "Accept-Encoding", "Content-Type", "Content-Encoding", "X-Request-Id", "X-Tenant-ID", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Origin", "Cookie", "User-Agent", "Range", "Host"} {
		for _, text := range injections {
			if !strings.ContainsAny(text, "\x00\r\n") {
				w.harmless(http.MethodGet, "/fhir/Patient/theirs", map[string]string{name: text})
				w.harmless(http.MethodPost, "/fhir/Patient", map[string]string{name: text})
			}
		}
	}
}

// harmless sends one and looks at the answer.
func (w wall) harmless(method, path string, headers map[string]string) {
	w.t.Helper()
	r, err := http.NewRequest(method, w.url, strings.NewReader(""))
	if err != nil {
		w.t.Fatal(err)
	}
	r.URL.Path, r.URL.Opaque = "", "//"+r.URL.Host+path
	r.Header.Set("Authorization", "Bearer "+w.ours)
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	if host, given := headers["Host"]; given {
		r.Host = host
	}
	res, body := read(w.t, r)
	if wrong := suspicious(res, body); wrong != "" {
		w.t.Errorf("%s %.200s %v: %s: %d %v %.300s", method, path, headers, wrong, res.StatusCode, res.Header, body)
	}
}

// suspicious says what of an answer should not be.
func suspicious(res *http.Response, body string) string {
	switch {
	case res.StatusCode >= http.StatusInternalServerError:
		return "a fault of ours"
	case res.Header.Get("X-Evil") != "" || strings.Contains(fmt.Sprint(res.Header["Set-Cookie"]), "evil"):
		return "a header that was asked for"
	case strings.Contains(body, marker):
		return "another tenant's data"
	case strings.Contains(body, "root:x:0:0"):
		return "a file of the machine"
	case strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") && (strings.Contains(body, "<script>alert") || strings.Contains(body, "<svg onload")):
		return "a script in a page"
	}
	return ""
}
