package signin

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
	"github.com/ficushealth/ficus/server/page/pagetest"
)

// limited is a world in which not much may be asked.
func limited(t *testing.T, rates map[edge.Kind]edge.Rate) *world {
	t.Helper()
	w := newWorld(t, dbtest.SQLite(t))
	w.serve(t, IssuerOptions{Register: true, Limits: edge.NewLimits(edge.LimitOptions{Rates: rates, Now: w.now})})
	return w
}

// twice an hour.
func twice() edge.Rate { return edge.Rate{Every: time.Hour / 2, Burst: 2} }

// TestWhoAsksTooOftenIsToldToWait in the form in which he asks: on a page, or as an error of OAuth.
func TestWhoAsksTooOftenIsToldToWait(t *testing.T) {
	for name, x := range map[string]struct {
		kind edge.Kind
		ask  func(w *world) heard
	}{
		"questions": {edge.SignIn, func(w *world) heard { return w.browser().say("GET", "/oauth/authorize", w.question("app", all)) }},
		"passwords": {edge.SignIn, func(w *world) heard {
			b := w.browser()
			return b.submit(b.say("GET", signInPath, nil), "login", "ada", "password", password)
		}},
		"codes": {edge.SignIn, func(w *world) heard {
			b := w.browser()
			b.say("GET", signInPath, nil)
			return b.say("POST", factorPath, url.Values{"token": {formToken(b.cookie("device"), "", factorPath)}, "ticket": {"x"}, "code": {"1"}})
		}},
		"tokens": {edge.Token, func(w *world) heard {
			return w.post(tokenPath, url.Values{"grant_type": {accounts.GrantClient}, "scope": {"system/Patient.rs"}}, w.as("web")...)
		}},
		"clients that are refused": {edge.Address, func(w *world) heard {
			return w.post("/oauth/introspect", url.Values{"token": {"x"}}, "Authorization", basicOf(w.c["web"].ID, "wrong"))
		}},
		"tokens that are worth nothing": {edge.Address, func(w *world) heard {
			return w.browser().say("GET", "/oauth/userinfo", nil, "Authorization", "Bearer ficus_x")
		}},
		"introspection": {edge.Client, func(w *world) heard { return w.post("/oauth/introspect", url.Values{"token": {"x"}}, w.as("web")...) }},
		"devices": {edge.Device, func(w *world) heard {
			return w.post("/oauth/device", url.Values{"client_id": {w.c["app"].ID}, "scope": {"openid"}})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := limited(t, map[edge.Kind]edge.Rate{x.kind: twice()})
			w.t = t
			for range 2 {
				if h := x.ask(w); h.status == http.StatusTooManyRequests {
					t.Fatal("too early:", h)
				}
			}
			told := len(w.refused)
			h := x.ask(w)
			if h.status != http.StatusTooManyRequests || h.header.Get("Retry-After") != "1800" || len(w.refused) != told {
				t.Error(h, h.header, w.refused)
			}
			if isPage := strings.Contains(h.raw, "<h1>"); isPage {
				pagetest.Check(t, name, h.raw)
			} else if !h.is(http.StatusTooManyRequests, "slow_down") {
				t.Error(h)
			}
			w.later(time.Hour)
			if h := x.ask(w); h.status == http.StatusTooManyRequests {
				t.Error("after the wait:", h)
			}
		})
	}
}

// TestAClientHasItsOwnBucket, from wherever it asks; others are answered where it was.
func TestAClientHasItsOwnBucket(t *testing.T) {
	w := limited(t, map[edge.Kind]edge.Rate{edge.Token: twice()})
	ask := func(client, from string) int {
		f := url.Values{"grant_type": {accounts.GrantClient}, "scope": {"system/Patient.rs"}}
		r, rec := httptest.NewRequest("POST", tokenPath, strings.NewReader(f.Encode())), httptest.NewRecorder()
		r.RemoteAddr = from + ":4711"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", w.as(client)[1])
		w.i.ServeHTTP(rec, r)
		return rec.Code
	}
	for n, x := range []struct {
		client, from string
		want         int
	}{
		{"web", "192.0.2.1", 200}, {"web", "192.0.2.2", 200}, {"web", "192.0.2.3", 429}, {"north", "192.0.2.3", 200}, {"north", "192.0.2.3", 429}, {"north", "192.0.2.4", 200},
	} {
		if got := ask(x.client, x.from); got != x.want {
			t.Errorf("%d: %d, want %d", n, got, x.want)
		}
	}
}

// TestADeviceThatAsksTooOftenMustSlowDown, and gets its answer all the same.
func TestADeviceThatAsksTooOftenMustSlowDown(t *testing.T) {
	w := limited(t, map[edge.Kind]edge.Rate{edge.Poll: PollRate()})
	d := w.post("/oauth/device", url.Values{"client_id": {w.c["app"].ID}, "scope": {"openid"}})
	other := w.post("/oauth/device", url.Values{"client_id": {w.c["app"].ID}, "scope": {"openid"}})
	poll := func(d heard) heard {
		return w.post(tokenPath, url.Values{"grant_type": {accounts.GrantDevice}, "device_code": {d.str("device_code")}, "client_id": {w.c["app"].ID}})
	}
	for n, x := range []struct {
		after time.Duration
		d     heard
		want  string
	}{
		{0, d, "authorization_pending"}, {0, d, "slow_down"}, {0, other, "authorization_pending"}, {pollTime * time.Second, d, "authorization_pending"}, {time.Second, d, "slow_down"},
		{pollTime * time.Second, d, "authorization_pending"}, {4900 * time.Millisecond, d, "authorization_pending"},
	} {
		w.later(x.after)
		if h := poll(x.d); !h.is(http.StatusBadRequest, x.want) {
			t.Errorf("%d: %v, want %s", n, h, x.want)
		}
	}
	b := w.browser()
	h, _ := b.follow(b.submit(b.say("GET", devicePath, nil), "user_code", d.str("user_code")))
	h, _ = b.follow(b.submit(h, "login", "ada", "password", password))
	b.submit(h, "answer", "yes")
	if h := poll(d); h.status != http.StatusOK {
		t.Error("the answer is there:", h)
	}
}

// TestTheGateCountsEachForItself: people, clients and, of an address, what lets nobody in.
func TestTheGateCountsEachForItself(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	issue := func(user, scopes string) string {
		_, text, err := w.Issue(t.Context(), inside(1), accounts.Order{Name: "x", User: user, Scopes: scopes})
		must(t, err)
		return text
	}
	ada, err := w.User(t.Context(), 1, "ada")
	must(t, err)
	bob, err := w.User(t.Context(), 1, "bob")
	must(t, err)
	adas, adasOther, bobs, service := issue(ada.ID, "user/*.rs"), issue(ada.ID, "user/*.rs"), issue(bob.ID, "user/*.rs"), issue("", "system/*.rs")
	ask := func(g *Gate, token, from string) error {
		r := httptest.NewRequest("GET", "/fhir/Patient/1", nil)
		r.RemoteAddr = from + ":4711"
		r.Header.Set("Authorization", "Bearer "+token)
		_, err := g.Principal(r)
		return err
	}
	gate := func(rates map[edge.Kind]edge.Rate) *Gate {
		w.refused = nil
		return New(w.Accounts, Options{Now: w.now, Audit: w.tell, Limits: edge.NewLimits(edge.LimitOptions{Rates: rates, Now: w.now})})
	}
	const here, there = "192.0.2.1", "192.0.2.2"
	for name, x := range map[string]struct {
		kind         edge.Kind
		first, third string
		others       []string
	}{
		"a person, with whatever token": {edge.User, adas, adasOther, []string{bobs, service}},
		"a client":                      {edge.Client, service, service, []string{adas, bobs}},
		"nobody":                        {edge.Address, "ficus_x", "ficus_y", []string{adas, service}},
	} {
		g := gate(map[edge.Kind]edge.Rate{x.kind: twice()})
		for range 2 {
			if err := ask(g, x.first, here); fault.Is(err, fault.TooMany) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := ask(g, x.third, here); !fault.Is(err, fault.TooMany) || edge.RetryAfter(err) != "1800" {
			t.Errorf("%s: %v", name, err)
		}
		for _, other := range x.others {
			if err := ask(g, other, here); err != nil {
				t.Errorf("%s touches others: %v", name, err)
			}
		}
		if err := ask(g, x.third, there); fault.Is(err, fault.TooMany) != (x.kind != edge.Address) {
			t.Errorf("%s from elsewhere: %v", name, err)
		}
	}
	g := gate(map[edge.Kind]edge.Rate{edge.Address: twice()})
	for n := range 10 {
		ask(g, fmt.Sprintf("ficus_%x", sha256.Sum256([]byte{byte(n)})), here) //nolint:errcheck // the record is looked at
	}
	if len(w.refused) != 2 {
		t.Error("the record fills up:", len(w.refused))
	}
	g = New(w.Accounts, Options{Now: w.now})
	for range 1000 {
		must(t, ask(g, service, here))
	}
}
