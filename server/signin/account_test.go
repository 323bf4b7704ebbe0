package signin

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/page/pagetest"
)

// in is a browser in which somebody has signed in.
func (w *world) in(login string) *browser {
	w.t.Helper()
	b := w.browser()
	if h, _ := b.follow(b.submit(b.say("GET", signInPath, nil), "login", login, "password", password)); !strings.Contains(h.raw, "Signed in as <strong>"+login) {
		w.t.Fatal(h)
	}
	return b
}

// press sends the one form of a page that has a button of this value, with changes.
func (b *browser) press(h heard, value string, changes ...string) heard {
	b.w.t.Helper()
	for _, form := range regexp.MustCompile(`(?s)<form.*?</form>`).FindAllString(h.raw, -1) {
		if strings.Contains(form, `value="`+value+`"`) {
			part := heard{raw: form}
			to, f := fill(part, changes...)
			for _, m := range regexp.MustCompile(`<button[^>]* name="(\w+)" value="([^"]+)"`).FindAllStringSubmatch(form, -1) {
				f.Set(m[1], m[2])
			}
			return b.say("POST", to, f)
		}
	}
	b.w.t.Fatalf("there is no form with %s: %v", value, h)
	return heard{}
}

// over checks that a text of a session is good for nothing.
func (w *world) over(when, text string) {
	w.t.Helper()
	if _, _, err := w.Session(w.t.Context(), text); !fault.Is(err, fault.Unauthorized) {
		w.t.Errorf("%s: %v", when, err)
	}
}

// TestASessionGetsAnotherTextWhenItBecomesStronger: by a sign-in, by a password that is no longer for once, and by a second factor. The
// one from before is good for nothing, whoever has put it there or seen it.
func TestASessionGetsAnotherTextWhenItBecomesStronger(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.in("ada")
		before := b.cookie("session")
		key := b.addApp()
		if b.cookie("session") == before {
			t.Error("a second factor leaves the text of the session")
		}
		w.over("before the second factor", before)
		if _, s, err := w.Session(t.Context(), b.cookie("session")); err != nil || strings.Join(s.Factors, " ") != "pwd otp" {
			t.Error(s, err)
		}
		w.later(time.Minute)
		before = b.cookie("session")
		b.submit(b.say("GET", passwordPath, nil), "old", password, "fresh", "a staple of batteries", "again", "a staple of batteries")
		w.over("before the password", before)
		if h := b.say("GET", sessionsPath, nil); h.status != http.StatusOK {
			t.Error("the session itself goes on:", h)
		}
		planted := b.cookie("session")
		h := b.submit(b.say("GET", signInPath, nil), "login", "ada", "password", "a staple of batteries")
		h, _ = b.follow(b.submit(h, "code", w.code6(key)))
		if !strings.Contains(h.raw, "Signed in as <strong>ada") || b.cookie("session") == planted {
			t.Error(h)
		}
		w.over("before the sign-in", planted)
	})
}

// TestAPasswordForOnceBecomesASessionOfItsOwn.
func TestAPasswordForOnceBecomesASessionOfItsOwn(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		u, err := w.User(t.Context(), 1, "bob")
		must(t, err)
		once, err := w.ResetPassword(t.Context(), inside(1), u.ID)
		must(t, err)
		b := w.browser()
		h, _ := b.follow(b.submit(b.say("GET", signInPath, nil), "login", "bob", "password", once))
		before := b.cookie("session")
		if strings.Contains(h.raw, "<nav") {
			t.Error("ways are shown that cannot be gone:", h)
		}
		b.submit(h, "old", once, "fresh", "a staple of batteries", "again", "a staple of batteries")
		w.over("with the password for once", before)
		if h := b.say("GET", sessionsPath, nil); h.status != http.StatusOK {
			t.Error(h)
		}
	})
}

// addApp adds an authenticator app, and gives its key.
func (b *browser) addApp() (key string) {
	b.w.t.Helper()
	h := b.press(b.say("GET", factorsPath, nil), "add")
	pagetest.Check(b.w.t, "add", h.raw)
	m := regexp.MustCompile(`<code>([A-Z2-7 ]+)</code>`).FindStringSubmatch(h.raw)
	if m == nil {
		b.w.t.Fatal(h)
	}
	key = strings.ReplaceAll(m[1], " ", "")
	wrong := b.press(h, "confirm", "code", "000000")
	if wrong.status != http.StatusUnprocessableEntity || !strings.Contains(wrong.raw, `aria-describedby="wrong" aria-invalid="true"`) || strings.Contains(wrong.raw, m[1]) {
		b.w.t.Error(wrong)
	}
	pagetest.Check(b.w.t, "wrong code", wrong.raw)
	right := b.press(wrong, "confirm", "code", b.w.code6(key)[:3]+" "+b.w.code6(key)[3:])
	if strings.Count(right.raw, "<code>") != 10 {
		b.w.t.Error(right)
	}
	pagetest.Check(b.w.t, "recovery codes", right.raw)
	return key
}

// TestSomebodyLooksAfterHisSecondStep: adds an app, makes recovery codes, removes the app; each needs a fresh sign-in.
func TestSomebodyLooksAfterHisSecondStep(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.in("ada")
		if h := b.say("GET", factorsPath, nil); !strings.Contains(h.raw, "password alone") || strings.Contains(h.raw, "Recovery codes") {
			t.Error(h)
		}
		b.addApp()
		list := b.say("GET", factorsPath, nil)
		pagetest.Check(t, "factors", list.raw)
		if !strings.Contains(list.raw, "You have 10.") || strings.Count(list.raw, `value="remove"`) != 1 {
			t.Error(list)
		}
		codes := regexp.MustCompile(`<code>([a-z2-7-]+)</code>`).FindAllStringSubmatch(b.press(list, "codes").raw, -1)
		h := w.browser().submit(b.say("GET", signInPath, nil), "token", "-")
		if len(codes) != 10 || h.status != http.StatusForbidden {
			t.Fatal(codes, h)
		}
		w.later(freshTime + time.Second)
		for name, late := range map[string]heard{"look": b.say("GET", factorsPath, nil), "change": b.press(list, "remove")} {
			if to := late.header.Get("Location"); late.status != http.StatusSeeOther || to != signInPath+"?then=factors" {
				t.Errorf("%s without a fresh sign-in: %v", name, late)
			}
		}
		h = b.submit(b.say("GET", signInPath, url.Values{"then": {"factors"}}), "login", "ada", "password", password)
		h, _ = b.follow(b.submit(h, "code", codes[0][1]))
		if !strings.Contains(h.raw, "You have 9.") {
			t.Fatal("the sign-in does not lead back:", h)
		}
		h, _ = b.follow(b.press(h, "remove"))
		if !strings.Contains(h.raw, "password alone") {
			t.Error(h)
		}
	})
}

// TestNobodyRemovesWhatIsAnothers, nor adds to it.
func TestNobodyRemovesWhatIsAnothers(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b, bob := w.in("ada"), w.in("bob")
		b.addApp()
		_, f := fill(heard{raw: regexp.MustCompile(`(?s)<form.*?value="remove".*?</form>`).FindString(b.say("GET", factorsPath, nil).raw)})
		_, his := fill(bob.say("GET", factorsPath, nil))
		bob.say("POST", factorsPath, url.Values{"token": {his.Get("token")}, "do": {"remove"}, "factor": {f.Get("factor")}})
		if h := b.say("GET", factorsPath, nil); !strings.Contains(h.raw, `value="remove"`) {
			t.Error(h)
		}
		if h := bob.say("POST", factorsPath, url.Values{"token": {his.Get("token")}, "do": {"confirm"}, "factor": {f.Get("factor")}, "code": {"123456"}}); h.status == http.StatusOK {
			t.Error(h)
		}
		for _, do := range []string{"", "x"} {
			if h := bob.say("POST", factorsPath, url.Values{"token": {his.Get("token")}, "do": {do}}); h.status != http.StatusNotFound {
				t.Error(h)
			}
		}
	})
}

// TestAllOtherSessionsEndAtOnce, with what was granted in them; this one and what goes on without sessions stay.
func TestAllOtherSessionsEndAtOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b, other := w.in("ada"), w.browser()
		inOther := w.exchange(other.code(w.question("app", "openid online_access user/Patient.rs"), "ada")).str("access_token")
		alone := w.exchange(other.code(w.question("app", all), "ada")).str("access_token")
		w.good("before", inOther)
		h := b.say("GET", sessionsPath, nil)
		pagetest.Check(t, "sessions", h.raw)
		mine, others := b.cookie("session"), other.cookie("session")
		h, _ = b.follow(b.press(h, "yes"))
		if strings.Count(h.raw, `name="session"`) != 1 || strings.Contains(h.raw, "End all others") {
			t.Error(h)
		}
		w.over("another", others)
		if _, _, err := w.Session(t.Context(), mine); err != nil {
			t.Error(err)
		}
		w.later(defaultFresh)
		w.bad("granted in another session", inOther)
		w.good("granted for longer", alone)
	})
}

// TestASessionEndsByItself after half an hour without use, and after twelve hours in all.
func TestASessionEndsByItself(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		idle := w.in("ada")
		w.later(29 * time.Minute)
		if h := idle.say("GET", sessionsPath, nil); h.status != http.StatusOK {
			t.Error("used within the time:", h)
		}
		w.later(31 * time.Minute)
		if h := idle.say("GET", sessionsPath, nil); h.status != http.StatusSeeOther {
			t.Error("not used for long:", h)
		}
		busy := w.in("bob")
		for range 24 {
			if h := busy.say("GET", sessionsPath, nil); h.status != http.StatusOK {
				t.Fatal("used again and again:", h)
			}
			w.later(29 * time.Minute)
		}
		if h := busy.say("GET", sessionsPath, nil); h.status != http.StatusOK {
			t.Error("almost twelve hours:", h)
		}
		w.later(25 * time.Minute)
		if h := busy.say("GET", sessionsPath, nil); h.status != http.StatusSeeOther {
			t.Error("more than twelve hours:", h)
		}
	})
}

// TestScopesAreSaidInWords.
func TestScopesAreSaidInWords(t *testing.T) {
	for scope, want := range map[string]string{
		"openid": "know who you are", "user/Patient.r": "read records of the kind Patient", "user/Patient.rs": "read and search records of the kind Patient",
		"user/*.cruds": "create, read, change, delete and search all kinds of records", "patient/Observation.read": "read and search records of the kind Observation of one patient",
	} {
		if got := words(scope); got != want {
			t.Errorf("%s: %s", scope, got)
		}
	}
}

// TestProgramsAreCalledAsPeopleCallThem.
func TestProgramsAreCalledAsPeopleCallThem(t *testing.T) {
	for agent, want := range map[string]string{
		"": "a program without a name", "curl/8.1": "curl/8.1", "Firefox/1": "Firefox",
		"Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0":                                                        "Firefox on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0":     "Edge on Windows",
		"Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36":                  "Chrome on Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/20.0 Mobile Safari/60": "Safari on iPhone",
	} {
		if got := program(agent); got != want {
			t.Errorf("%q: %q", agent, got)
		}
	}
}
