package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
)

func scopes(h heard) (list []string) {
	all, _ := h.body["scopes"].([]any)
	for _, s := range all {
		text, _ := s.(string)
		list = append(list, text)
	}
	return list
}

// TestSomebodySignsIn in, is who he is, renews and leaves.
func TestSomebodySignsIn(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		h := w.want(http.StatusOK, "POST", "/auth/login", "", `{"email":"BOB@example.org","password":"`+password+`"}`)
		if h.str("token_type") != "bearer" || h.str("user_id") != w.ids["bob"] || h.str("tenant_id") != "1" || h.str("email") != "bob@example.org" || !slices.Equal(scopes(h), []string{"patients:read"}) {
			t.Fatal(h)
		}
		if h.num("expires_in") < 15*60 || h.num("expires_in") > 30*60 || h.header.Get("Cache-Control") != "no-store" {
			t.Error(h, h.header)
		}
		me := w.want(http.StatusOK, "GET", "/api/v1/auth/me", h.str("access_token"), "")
		if me.str("full_name") != "BOB" || me.str("role") != "role of bob" || me.body["is_active"] != true || me.body["must_change_password"] != false {
			t.Error(me)
		}
		next := w.want(http.StatusOK, "POST", "/api/v1/auth/refresh", "", `{"refresh_token":"`+h.str("refresh_token")+`"}`)
		if next.str("refresh_token") == h.str("refresh_token") || next.str("access_token") == h.str("access_token") || next.str("user_id") != h.str("user_id") {
			t.Error(next)
		}
		bye := w.want(http.StatusOK, "POST", "/api/v1/auth/logout", next.str("access_token"), "")
		if bye.str("message") == "" {
			t.Error(bye)
		}
		w.want(http.StatusUnauthorized, "GET", "/api/v1/auth/me", next.str("access_token"), "")
		w.later(4 * time.Second)
		w.want(http.StatusUnauthorized, "GET", "/api/v1/auth/me", h.str("access_token"), "")
		w.want(http.StatusUnauthorized, "POST", "/api/v1/auth/refresh", "", `{"refresh_token":"`+next.str("refresh_token")+`"}`)
	})
}

// TestWhoIsRefusedHearsNothingOfWhy whoever he is, and wherever he says that he belongs.
func TestWhoIsRefusedHearsNothingOfWhy(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		must(t, w.SetActive(t.Context(), inside(1), w.ids["nia"], false))
		bodies := map[string]bool{}
		for _, body := range []string{
			withPassword(1, "bob", "wrong horse battery"), withPassword(1, "nobody@example.org", password), withPassword(1, "nia", password),
			withPassword(2, "bob", password), withPassword(77, "bob", password), `{"email":"bob","password":"` + password + `","tenant":"x"}`,
		} {
			h := w.want(http.StatusUnauthorized, "POST", "/api/v1/auth/login", "", body)
			if h.str("detail") != "Invalid email or password" || !strings.HasPrefix(h.header.Get("WWW-Authenticate"), "Bearer") || strings.Contains(h.raw, "horse") {
				t.Error(h, h.header)
			}
			bodies[h.raw] = true
		}
		if len(bodies) != 1 {
			t.Error(bodies)
		}
		h := w.want(http.StatusOK, "POST", "/api/v1/auth/login", "", `{"email":"cyd","password":"`+password+`"}`, "X-Tenant-ID", "2")
		if h.str("tenant_id") != "2" {
			t.Error(h)
		}
	})
}

// TestWhoFailsTooOftenHasToWait as long as Retry-After says.
func TestWhoFailsTooOftenHasToWait(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		status := 0
		for range 8 {
			status = w.ask("POST", "/api/v1/auth/login", "", withPassword(1, "bob", "wrong horse battery")).status
			w.later(time.Second)
		}
		for range 4 {
			w.later(time.Second)
			w.ask("POST", "/api/v1/auth/login", "", withPassword(1, "bob", "wrong horse battery"))
		}
		h := w.want(http.StatusTooManyRequests, "POST", "/api/v1/auth/login", "", withPassword(1, "bob", password))
		if wait := h.header.Get("Retry-After"); wait == "" || wait == "1" || !strings.Contains(h.str("detail"), wait+" seconds") {
			t.Error(status, wait, h)
		}
	})
}

// TestAStolenRefreshTokenEndsWhatItStoodFor: shown twice, neither of those who have it gets on.
func TestAStolenRefreshTokenEndsWhatItStoodFor(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		h, other := w.enter(1, "bob"), w.enter(1, "bob")
		show := func(h heard) string { return `{"refresh_token":"` + h.str("refresh_token") + `"}` }
		next := w.want(http.StatusOK, "POST", "/api/v1/auth/refresh", "", show(h))
		w.want(http.StatusUnauthorized, "POST", "/api/v1/auth/refresh", "", show(h))
		again := w.want(http.StatusUnauthorized, "POST", "/api/v1/auth/refresh", "", show(next))
		if again.str("detail") != "Could not validate credentials" {
			t.Error(again)
		}
		w.later(4 * time.Second)
		w.want(http.StatusUnauthorized, "GET", "/api/v1/auth/me", next.str("access_token"), "")
		w.want(http.StatusOK, "GET", "/api/v1/auth/me", other.str("access_token"), "")
		if list, err := w.Sessions(t.Context(), 1, w.ids["bob"]); err != nil || len(list) != 1 {
			t.Error("sessions that are left:", list, err)
		}
		for _, text := range []string{"", "frefresh_", "frefresh_1.x", "frefresh_2." + next.str("refresh_token")[10:], "frefresh_zz.x", other.str("access_token")[:200]} {
			if h := w.ask("POST", "/api/v1/auth/refresh", "", js(map[string]string{"refresh_token": text})); h.status != http.StatusUnauthorized && h.status != http.StatusUnprocessableEntity {
				t.Error(text, h)
			}
		}
	})
}

// TestASignInEndsUnused after half an hour, and after twelve in all. Use of either token counts.
func TestASignInEndsUnused(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		h := w.enter(1, "bob")
		renew := func(status int) {
			t.Helper()
			next := w.want(status, "POST", "/api/v1/auth/refresh", "", `{"refresh_token":"`+h.str("refresh_token")+`"}`)
			if status == http.StatusOK {
				h = next
			}
		}
		for range 2 {
			w.later(16 * time.Minute)
			w.want(http.StatusOK, "GET", "/api/v1/auth/me", h.str("access_token"), "")
			w.later(16 * time.Minute)
			renew(http.StatusOK)
		}
		w.later(21 * time.Minute)
		w.want(http.StatusUnauthorized, "GET", "/api/v1/auth/me", h.str("access_token"), "")
		renew(http.StatusOK)
		w.later(32 * time.Minute)
		renew(http.StatusUnauthorized)
		h = w.enter(1, "bob")
		for range 24 {
			w.later(29 * time.Minute)
			renew(http.StatusOK)
		}
		w.later(20 * time.Minute)
		renew(http.StatusOK)
		w.later(20 * time.Minute)
		renew(http.StatusUnauthorized)
	})
}

// TestAPasswordForOnceIsGoodForChangingIt, and for nothing else.
func TestAPasswordForOnceIsGoodForChangingIt(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		other := w.enter(1, "bob")
		once, err := w.ResetPassword(t.Context(), inside(1), w.ids["bob"])
		must(t, err)
		w.later(4 * time.Second)
		w.want(http.StatusUnauthorized, "GET", "/api/v1/auth/me", other.str("access_token"), "")
		h := w.want(http.StatusOK, "POST", "/api/v1/auth/login", "", withPassword(1, "bob", once))
		if h.body["must_change_password"] != true || len(scopes(h)) != 0 {
			t.Error(h)
		}
		token := h.str("access_token")
		w.want(http.StatusOK, "GET", "/api/v1/auth/me", token, "")
		if no := w.want(http.StatusForbidden, "GET", "/api/v1/audit", token, ""); no.str("code") != "password-change-required" {
			t.Error(no)
		}
		change := func(current, fresh, again string) string {
			return js(map[string]string{"current_password": current, "new_password": fresh, "confirm_password": again})
		}
		for _, body := range []string{change(once, "another horse here", "another horse there"), change("x", "another horse here", "another horse here"), change(once, once, once), change(once, "password", "password")} {
			w.want(http.StatusBadRequest, "POST", "/api/v1/auth/change-password", token, body)
		}
		w.want(http.StatusOK, "POST", "/api/v1/auth/change-password", token, change(once, "another horse here", "another horse here"))
		if me := w.want(http.StatusOK, "GET", "/api/v1/auth/me", token, ""); me.body["must_change_password"] != false || len(scopes(me)) != 1 {
			t.Error("it must count at once:", me)
		}
		w.want(http.StatusOK, "POST", "/api/v1/auth/refresh", "", `{"refresh_token":"`+h.str("refresh_token")+`"}`)
	})
}

// TestAppsAreNobodyHere: what a user gives to an app, and a service, is not the user.
func TestAppsAreNobodyHere(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, service, err := w.Issue(t.Context(), inside(1), accounts.Order{Name: "service", Scopes: "system/*.cruds"})
		must(t, err)
		for _, at := range []string{"GET /api/v1/auth/me", "POST /api/v1/auth/logout"} {
			method, path, _ := strings.Cut(at, " ")
			if h := w.want(http.StatusForbidden, method, path, service, ""); h.str("code") != "not-signed-in" {
				t.Error(h)
			}
		}
		if err := w.EndClient(t.Context(), inside(1), accounts.OwnClient(1)); err == nil {
			t.Error("the program's own client was ended")
		}
	})
}

// TestTheOwnClientSpeaksNoOAuth: its tokens are renewed here alone.
func TestTheOwnClientSpeaksNoOAuth(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		h := w.enter(1, "bob")
		c, err := w.Client(t.Context(), accounts.OwnClient(1))
		must(t, err)
		for _, grant := range []string{accounts.GrantCode, accounts.GrantRefresh, accounts.GrantClient, accounts.GrantDevice} {
			if c.May(grant) {
				t.Error(grant)
			}
		}
		w.want(http.StatusOK, "POST", "/api/v1/auth/refresh", "", `{"refresh_token":"`+h.str("refresh_token")+`"}`)
	})
}
