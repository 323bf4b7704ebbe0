package signin

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/server/page/pagetest"
)

// consentPage is what ada sees when the app asks her.
func (b *browser) consentPage() heard {
	b.w.t.Helper()
	h, _ := b.follow(b.say("GET", "/oauth/authorize", b.w.question("app", all)))
	if strings.Contains(h.raw, `name="password"`) {
		h, _ = b.follow(b.submit(h, "login", "ada", "password", password))
	}
	if !strings.Contains(h.raw, `name="answer"`) {
		b.w.t.Fatal(h)
	}
	return h
}

// TestPagesRunNothingAndAreFramedByNobody, and say what the app is called without believing it.
func TestPagesRunNothingAndAreFramedByNobody(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		pages := map[string]heard{"consent": b.consentPage(), "sign in": b.say("GET", signInPath, nil), "device": b.say("GET", devicePath, nil), "leave": b.say("GET", leavePath, nil),
			"sessions": b.say("GET", sessionsPath, nil), "an error": b.say("GET", "/oauth/authorize", nil), "back": b.submit(b.consentPage(), "answer", "yes")}
		for name, h := range pages {
			csp := h.header.Get("Content-Security-Policy")
			if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "form-action 'self'") || !strings.Contains(csp, "base-uri 'none'") ||
				strings.Contains(csp, "unsafe") || h.header.Get("X-Frame-Options") != "DENY" || h.header.Get("Cache-Control") != "no-store" || h.header.Get("Referrer-Policy") != "no-referrer" || h.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %v", name, h.header)
			}
			if strings.Contains(h.raw, "<app>") {
				t.Errorf("%s: %s", name, h.raw)
			}
			pagetest.Check(t, name, h.raw)
		}
		if !strings.Contains(pages["consent"].raw, "The &lt;app&gt;") {
			t.Error(pages["consent"].raw)
		}
	})
}

// TestAFormCountsFromOurPageAlone: in the browser that was shown it, in its session.
func TestAFormCountsFromOurPageAlone(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b, other := w.browser(), w.browser()
		stranger := other.consentPage()
		_, theirs := fill(stranger)
		to, f := fill(b.consentPage(), "answer", "yes")
		for name, x := range map[string]struct {
			change []string
			header []string
		}{
			"no token":                  {[]string{"token", "-"}, nil},
			"a wrong token":             {[]string{"token", "x"}, nil},
			"another browser's token":   {[]string{"token", theirs.Get("token")}, nil},
			"another page's token":      {[]string{"token", b.token(signInPath)}, nil},
			"from another site":         {nil, []string{"Sec-Fetch-Site", "cross-site"}},
			"from a neighbour":          {nil, []string{"Sec-Fetch-Site", "same-site"}},
			"from another origin":       {nil, []string{"Origin", "https://evil.example"}},
			"from an origin that hides": {nil, []string{"Origin", "null"}},
		} {
			changedForm := changed(clone(f), x.change...)
			if h := b.say("POST", to, changedForm, x.header...); h.status != http.StatusForbidden {
				t.Errorf("%s: %v", name, h)
			}
		}
		if h := other.say("POST", to, changed(clone(f), "token", theirs.Get("token"))); h.status != http.StatusNotFound {
			t.Error("another browser answers:", h)
		}
		if h := b.say("POST", to, f, "Sec-Fetch-Site", "same-origin", "Origin", w.url); h.status != 200 || !strings.Contains(h.raw, "code=") {
			t.Error("our page:", h)
		}
		if h := b.say("POST", to, f); h.status != http.StatusNotFound {
			t.Error("answered twice:", h)
		}
		if h, _ := other.follow(other.submit(stranger, "answer", "no")); h.status != 200 {
			t.Error(h)
		}
	})
}

func clone(f url.Values) url.Values {
	out := url.Values{}
	for k, v := range f {
		out[k] = v
	}
	return out
}

// token is that of the form of a page.
func (b *browser) token(path string) string {
	_, f := fill(b.say("GET", path, nil))
	return f.Get("token")
}

// TestOneBrowserCannotAnswerForAnother: who lures somebody to a page with his own request gets nothing.
func TestOneBrowserCannotAnswerForAnother(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		mallory, ada := w.browser(), w.browser()
		place := mallory.say("GET", "/oauth/authorize", w.question("app", all)).header.Get("Location")
		ada.consentPage()
		if h := ada.say("GET", place, nil); h.status != http.StatusNotFound {
			t.Error(h)
		}
		if h, _ := mallory.follow(mallory.say("GET", place, nil)); !strings.Contains(h.raw, `name="password"`) {
			t.Error(h)
		}
		for _, grant := range []string{"", "1", "1.", "2" + place[strings.Index(place, "."):], "x.y", "1.x", strings.Repeat("x", 1000)} {
			if h := ada.say("GET", consentPath, url.Values{"grant": {grant}}); h.status != http.StatusNotFound && h.status != 503 {
				t.Errorf("%q: %v", grant, h)
			}
		}
	})
}

// TestASignInTellsNothing: a login that is not known looks like one that is, and so does another tenant.
func TestASignInTellsNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		said := map[string]string{}
		for _, login := range []string{"ada", "nobody"} {
			for _, tenant := range []string{"1", "2", "9"} {
				b := w.browser()
				h := b.submit(b.say("GET", signInPath, url.Values{"tenant": {tenant}}), "login", login, "password", "wrong password")
				text := regexp.MustCompile(`value="[^"]*"|tenant=\d`).ReplaceAllString(h.raw, "")
				said[text] = login
				if h.status != http.StatusForbidden || b.has("session") || !strings.Contains(h.raw, "Invalid email or password") || strings.Contains(h.raw, "wrong password") {
					t.Errorf("%s %s: %v", login, tenant, h)
				}
			}
		}
		if len(said) != 1 {
			t.Error(said)
		}
		b := w.browser()
		if h, _ := b.follow(b.submit(b.say("GET", signInPath, url.Values{"tenant": {"2"}}), "login", "cyd", "password", password)); h.status != 200 || !strings.Contains(h.raw, "Signed in as <strong>cyd") {
			t.Error(h)
		}
		b = w.browser()
		page := b.say("GET", signInPath, nil)
		status := 0
		for range 6 {
			status = b.submit(page, "login", "ada", "password", "wrong password").status
		}
		if status != http.StatusTooManyRequests {
			t.Error("guessing is not slowed down:", status)
		}
	})
}

// has tells whether the browser keeps a cookie.
func (b *browser) has(name string) bool { return b.cookie(name) != "" }

func (b *browser) cookie(name string) string {
	u, err := url.Parse(b.w.url)
	must(b.w.t, err)
	for _, c := range b.Jar.Cookies(u) {
		if c.Name == b.w.i.cookieName(name) {
			return c.Value
		}
	}
	return ""
}

// TestASignInMakesANewSession: one that somebody has put into the browser before is good for nothing, and the old one ends.
func TestASignInMakesANewSession(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		b.consentPage()
		old := b.cookie("session")
		h, _ := b.follow(b.submit(b.say("GET", signInPath, nil), "login", "bob", "password", password))
		if fresh := b.cookie("session"); fresh == old || !strings.Contains(h.raw, "Signed in as <strong>bob") {
			t.Error(h)
		}
		if _, _, err := w.Session(t.Context(), old); err == nil {
			t.Error("the old session goes on")
		}
		cookies := b.say("GET", signInPath, nil, "Cookie", w.i.cookieName("device")+"=x").header.Values("Set-Cookie")
		if len(cookies) != 1 || !strings.Contains(cookies[0], "HttpOnly") || !strings.Contains(cookies[0], "SameSite=Lax") || !strings.Contains(cookies[0], "Path=/") || strings.Contains(cookies[0], "Domain") {
			t.Error(cookies)
		}
	})
}

// TestAFormEndsWithItsSession, and nobody can make that of another browser that has none.
func TestAFormEndsWithItsSession(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b, other := w.browser(), w.browser()
		page := b.say("GET", signInPath, nil)
		if h := b.submit(page, "token", other.token(signInPath), "login", "ada", "password", password); h.status != http.StatusForbidden || b.has("session") {
			t.Error("another browser's:", h)
		}
		if h := b.submit(page, "login", "ada", "password", password); h.status != http.StatusSeeOther || !b.has("session") {
			t.Error("its own:", h)
		}
		if h := b.submit(page, "login", "bob", "password", password); h.status != http.StatusForbidden || !strings.Contains(h.raw, "too old") {
			t.Error("one from before the sign-in:", h)
		}
	})
}

// TestByHTTPSCookiesAreForThisHostAlone.
func TestByHTTPSCookiesAreForThisHostAlone(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		i, err := NewIssuer(w.Accounts, w.v, IssuerOptions{Base: "https://ficus.example.org/fhir"})
		must(t, err)
		rec := httptest.NewRecorder()
		i.ServeHTTP(rec, httptest.NewRequest("GET", "https://ficus.example.org"+signInPath, nil))
		if c := rec.Header().Get("Set-Cookie"); !strings.HasPrefix(c, "__Host-ficus-device=") || !strings.Contains(c, "Secure") {
			t.Error(c, rec.Header())
		}
		for _, base := range []string{"http://ficus.example.org/fhir", "http://:8080/fhir", "http://0.0.0.0:8080/fhir", "https://0.0.0.0/fhir", "https://[::]/fhir", "", "ficus", "https:///fhir"} {
			if _, err := NewIssuer(w.Accounts, w.v, IssuerOptions{Base: base}); err == nil {
				t.Errorf("%q: tokens would travel for all to read", base)
			}
		}
	})
}

// TestAnAppMayWantAFreshSignIn by prompt and max_age.
func TestAnAppMayWantAFreshSignIn(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		b.consentPage()
		w.later(time.Minute)
		for name, x := range map[string]struct {
			change []string
			again  bool
		}{
			"no": {nil, false}, "consent": {[]string{"prompt", "consent"}, false}, "an hour": {[]string{"max_age", "3600"}, false},
			"login": {[]string{"prompt", "login"}, true}, "another account": {[]string{"prompt", "select_account"}, true}, "ten seconds": {[]string{"max_age", "10"}, true},
		} {
			h, _ := b.follow(b.say("GET", "/oauth/authorize", w.question("app", all, x.change...)))
			if strings.Contains(h.raw, `name="password"`) != x.again {
				t.Errorf("%s: %v", name, h)
			}
		}
		h, _ := b.follow(b.say("GET", "/oauth/authorize", w.question("app", all, "prompt", "login")))
		h, _ = b.follow(b.submit(h, "login", "ada", "password", password))
		if !strings.Contains(h.raw, `name="answer"`) {
			t.Error(h)
		}
	})
}

// TestAPasswordForOnceIsChangedFirst, and then the app is asked about.
func TestAPasswordForOnceIsChangedFirst(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		u, err := w.User(t.Context(), 1, "bob")
		must(t, err)
		once, err := w.ResetPassword(t.Context(), inside(1), u.ID)
		must(t, err)
		b := w.browser()
		h, _ := b.follow(b.say("GET", "/oauth/authorize", w.question("app", all)))
		h, _ = b.follow(b.submit(h, "login", "bob", "password", once))
		for _, x := range [][2]string{{"something else", "else something"}, {"short", "short"}} {
			if wrong := b.submit(h, "old", once, "fresh", x[0], "again", x[1]); wrong.status != http.StatusUnprocessableEntity {
				t.Error(wrong)
			}
		}
		if around, _ := b.follow(b.say("GET", sessionsPath, nil)); !strings.Contains(around.raw, `name="fresh"`) {
			t.Error("another page is shown before:", around)
		}
		h, _ = b.follow(b.submit(h, "old", once, "fresh", "a staple of batteries", "again", "a staple of batteries"))
		if !strings.Contains(h.raw, `name="answer"`) {
			t.Error(h)
		}
	})
}

// TestASecondFactorIsAskedFor before there is a session.
func TestASecondFactorIsAskedFor(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		s, err := w.SignIn(t.Context(), 1, accounts.Try{Login: "ada", Password: password, Device: "first"})
		must(t, err)
		p, _, err := w.Session(t.Context(), s.Text)
		must(t, err)
		codes := w.factor(p)
		b := w.browser()
		h := b.submit(b.say("GET", signInPath, nil), "login", "ada", "password", password)
		if h.status != 200 || !strings.Contains(h.raw, `name="code"`) || b.has("session") {
			t.Fatal(h)
		}
		if wrong := b.submit(h, "code", "000000"); wrong.status != http.StatusForbidden || b.has("session") {
			t.Error(wrong)
		}
		if over := b.submit(h, "ticket", "1.x", "code", codes[0]); over.status != http.StatusForbidden || b.has("session") {
			t.Error(over)
		}
		if right, _ := b.follow(b.submit(h, "code", codes[0])); right.status != 200 || !strings.Contains(right.raw, "Signed in as <strong>ada") {
			t.Error(right)
		}
	})
}

// TestAUserSeesAndEndsWhatIsHis.
func TestAUserSeesAndEndsWhatIsHis(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b, elsewhere := w.browser(), w.browser()
		token := w.exchange(b.code(w.question("app", all), "ada")).str("access_token")
		w.good("before", token)
		elsewhere.consentPage()
		h := b.say("GET", sessionsPath, nil)
		apps := regexp.MustCompile(`name="app" value="([^"]+)"`).FindStringSubmatch(h.raw)
		if apps == nil || !strings.Contains(h.raw, "The &lt;app&gt;") || strings.Count(h.raw, `name="session"`) < 2 {
			t.Fatal(h)
		}
		_, f := fill(h)
		bob := w.browser()
		page, _ := bob.follow(bob.submit(bob.say("GET", signInPath, nil), "login", "bob", "password", password))
		_, his := fill(page)
		bob.say("POST", sessionsPath, url.Values{"token": {his.Get("token")}, "app": {apps[1]}})
		w.later(defaultFresh)
		w.good("somebody else cannot end it", token)
		if h, _ := b.follow(b.say("POST", sessionsPath, url.Values{"token": {f.Get("token")}, "app": {apps[1]}})); h.status != 200 || strings.Contains(h.raw, "The &lt;app&gt;") {
			t.Error(h)
		}
		w.later(defaultFresh)
		w.bad("ended", token)
	})
}

// factor gives somebody an authenticator app, and recovery codes.
func (w *world) factor(p access.Principal) []string {
	w.t.Helper()
	id, uri, err := w.AddTOTP(w.t.Context(), p, "Ficus")
	must(w.t, err)
	u, err := url.Parse(uri)
	must(w.t, err)
	must(w.t, w.ConfirmTOTP(w.t.Context(), p, id, w.code6(u.Query().Get("secret"))))
	codes, err := w.NewRecoveryCodes(w.t.Context(), p)
	must(w.t, err)
	return codes
}

// code6 is the code that an authenticator app shows now.
func (w *world) code6(key string) string {
	w.t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(key)
	must(w.t, err)
	mac := hmac.New(sha1.New, secret)
	must(w.t, binary.Write(mac, binary.BigEndian, w.now().Unix()/30))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1e6)
}
