package signin

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
)

// TestADeviceGetsTokensWhenItsUserAgrees on another device.
func TestADeviceGetsTokensWhenItsUserAgrees(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		app := w.c["app"].ID
		begin := func(changes ...string) heard {
			return w.post("/oauth/device", changed(url.Values{"client_id": {app}, "scope": {all}}, changes...))
		}
		poll := func(code string, changes ...string) heard {
			return w.post(tokenPath, changed(url.Values{"grant_type": {accounts.GrantDevice}, "device_code": {code}, "client_id": {app}}, changes...))
		}
		d := begin()
		code := d.str("device_code")
		if d.status != 200 || d.str("verification_uri") != w.url+devicePath || d.body["interval"] != 5.0 || d.body["expires_in"] != 600.0 || len(d.str("user_code")) != 11 {
			t.Fatal(d)
		}
		if h := poll(code); !h.is(400, "authorization_pending") {
			t.Error(h)
		}
		w.client(t, "other", 1, accounts.Client{Method: accounts.MethodNone, Grants: []string{accounts.GrantDevice}, Scopes: []string{"openid"}})
		if h := poll(code, "client_id", w.c["other"].ID); !h.is(400, "invalid_grant") {
			t.Error("another device:", h)
		}
		b := w.browser()
		h, _ := b.follow(b.submit(b.say("GET", strings.TrimPrefix(d.str("verification_uri_complete"), w.url), nil)))
		h, _ = b.follow(b.submit(h, "login", "ada", "password", password))
		if !strings.Contains(h.raw, d.str("user_code")) || !strings.Contains(h.raw, "another device") {
			t.Fatal(h)
		}
		if other := b.submit(b.say("GET", devicePath, nil), "user_code", "1-BBBB-BBBB"); other.status != 303 {
			t.Error(other)
		} else if page, _ := b.follow(other); page.status != http.StatusNotFound {
			t.Error("a code that nobody has:", page)
		}
		if done := b.submit(h, "answer", "yes"); done.status != 200 || strings.Contains(done.raw, "code=") {
			t.Error(done)
		}
		if h := poll(code, "client_id", w.c["web"].ID); !h.is(401, "invalid_client") {
			t.Error("another client:", h)
		}
		got := poll(code)
		if got.status != 200 || got.str("refresh_token") == "" || got.str("id_token") == "" {
			t.Fatal(got)
		}
		w.good("the device", got.str("access_token"))
		if h := poll(code); !h.is(400, "invalid_grant") {
			t.Error("twice:", h)
		}
		w.later(defaultFresh)
		w.bad("the device, after its code was shown twice", got.str("access_token"))

		d = begin()
		h, _ = b.follow(b.submit(b.say("GET", devicePath, nil), "user_code", strings.ToLower(d.str("user_code"))))
		b.submit(h, "answer", "no")
		if h := poll(d.str("device_code")); !h.is(400, "access_denied") {
			t.Error("refused:", h)
		}
		d = begin()
		w.later(deviceLife)
		if h := poll(d.str("device_code")); !h.is(400, "expired_token") {
			t.Error("too late:", h)
		}
		for name, h := range map[string]heard{
			"more scopes": begin("scope", "system/*.rs"), "no scope": begin("scope", "-"), "another resource": begin("resource", "https://evil.example/"),
		} {
			if h.status != 400 {
				t.Errorf("%s: %v", name, h)
			}
		}
		if h := w.post("/oauth/device", url.Values{"scope": {"openid"}}, w.as("web")...); !h.is(400, "unauthorized_client") {
			t.Error("a client that is not for devices:", h)
		}
	})
}

// TestUserCodesAreNotGuessed: who tries has to sign in, and to wait.
func TestUserCodesAreNotGuessed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		d := w.post("/oauth/device", url.Values{"client_id": {w.c["app"].ID}, "scope": {"openid"}})
		north := w.browser()
		h, _ := north.follow(north.submit(north.say("GET", signInPath, url.Values{"tenant": {"2"}}), "login", "cyd", "password", password))
		if h.status != 200 {
			t.Fatal(h)
		}
		text := accounts.ReadUserCode(d.str("user_code"))
		if h, _ := north.follow(north.say("GET", consentPath, url.Values{"code": {text}})); !strings.Contains(h.raw, `name="password"`) {
			t.Error("somebody of another tenant:", h)
		}
		b := w.browser()
		b.consentPage()
		status := 0
		for range 6 {
			status = b.say("GET", consentPath, url.Values{"code": {"1.BBBBBBBB"}}).status
		}
		if status != http.StatusTooManyRequests {
			t.Error(status)
		}
	})
}

func TestIntrospectionAndRevocation(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		fresh := func() heard { return w.exchange(b.code(w.question("app", all), "ada")) }
		ask := func(token string, header ...string) heard {
			return w.post("/oauth/introspect", url.Values{"token": {token}}, header...)
		}
		got := fresh()
		h := ask(got.str("access_token"), w.as("web")...)
		if h.status != 200 || h.body["active"] != true || h.str("client_id") != w.c["app"].ID || h.str("sub") != w.subject("ada") || h.str("token_type") != "Bearer" || !strings.Contains(h.str("scope"), "user/Patient.rs") || h.header.Get("Cache-Control") != "no-store" {
			t.Error(h)
		}
		for name, h := range map[string]heard{
			"another tenant": ask(got.str("access_token"), w.as("north")...), "nothing": ask("", w.as("web")...), "another's refresh token": ask(got.str("refresh_token"), w.as("web")...),
			"an id token": ask(got.str("id_token"), w.as("web")...), "a made up one": ask("frefresh_1.x", w.as("web")...),
		} {
			if h.status != 200 || h.body["active"] != false || len(h.body) != 1 {
				t.Errorf("%s: %v", name, h)
			}
		}
		for name, h := range map[string]heard{
			"nobody": ask(got.str("access_token")), "a public client": w.post("/oauth/introspect", url.Values{"token": {got.str("access_token")}, "client_id": {w.c["app"].ID}}),
		} {
			if !h.is(401, "invalid_client") {
				t.Errorf("%s: %v", name, h)
			}
		}
		web := w.post(tokenPath, url.Values{"grant_type": {accounts.GrantCode}, "redirect_uri": {webBack}, "code_verifier": {verifier}, "code": {b.code(w.question("web", all), "ada")}}, w.as("web")...)
		if h := ask(web.str("refresh_token"), w.as("web")...); h.body["active"] != true || h.str("client_id") != w.c["web"].ID {
			t.Error("its own refresh token:", h)
		}
		end := func(token, client string) heard {
			f := url.Values{"token": {token}}
			if w.secret[client] != "" {
				return w.post("/oauth/revoke", f, w.as(client)...)
			}
			f.Set("client_id", w.c[client].ID)
			return w.post("/oauth/revoke", f)
		}
		for _, which := range []string{"access_token", "refresh_token"} {
			got := fresh()
			if h := end(got.str(which), "web"); h.status != 200 {
				t.Error(h)
			}
			if h := end(got.str(which), "north"); h.status != 200 {
				t.Error(h)
			}
			w.good("another client cannot end it", got.str("access_token"))
			for range 2 {
				if h := end(got.str(which), "app"); h.status != 200 {
					t.Error(h)
				}
			}
			w.later(defaultFresh)
			w.bad(which, got.str("access_token"))
			if h := w.refresh(got.str("refresh_token")); !h.is(400, "invalid_grant") {
				t.Error(which, h)
			}
		}
		if h := end("x", "app"); h.status != 200 {
			t.Error(h)
		}
		if h := w.post("/oauth/revoke", url.Values{"token": {"x"}}); !h.is(401, "invalid_client") {
			t.Error(h)
		}
	})
}

func TestWhoMayAskForTheUser(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		for scope, want := range map[string]int{"openid": 200, "openid profile": 200, "user/Patient.rs": 403} {
			token := w.exchange(b.code(w.question("app", scope), "ada")).str("access_token")
			h := b.say("POST", "/oauth/userinfo", nil, "Authorization", "Bearer "+token)
			if h.status != want || (h.str("name") != "") != strings.Contains(scope, "profile") {
				t.Errorf("%s: %v", scope, h)
			}
		}
		service := w.service(w.assertion("bulk", "ES384", "e", w.ec, nil)).str("access_token")
		if h := b.say("GET", "/oauth/userinfo", nil, "Authorization", "Bearer "+service); !h.is(403, "insufficient_scope") {
			t.Error(h)
		}
		if h := b.say("GET", "/oauth/userinfo", nil); !h.is(401, "invalid_token") {
			t.Error(h)
		}
	})
}

// TestClientsRegisterWithATokenForThat in the tenant of the token.
func TestClientsRegisterWithATokenForThat(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		_, token, err := w.Issue(t.Context(), inside(2), accounts.Order{Name: "registrar", Scopes: access.Registration})
		must(t, err)
		_, every, err := w.Issue(t.Context(), inside(2), accounts.Order{Name: "every", Scopes: "system/*.cruds"})
		must(t, err)
		good := map[string]any{"client_name": "New", "redirect_uris": []string{webBack}, "scope": "openid user/Patient.rs", "grant_types": []string{accounts.GrantCode}}
		ask := func(token string, changes map[string]any) heard {
			in := map[string]any{}
			for k, v := range good {
				in[k] = v
			}
			for k, v := range changes {
				in[k] = v
			}
			body, err := json.Marshal(in)
			must(t, err)
			r, err := http.NewRequest("POST", w.url+"/oauth/register", strings.NewReader(string(body)))
			must(t, err)
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			res, err := b.Do(r)
			must(t, err)
			defer res.Body.Close() //nolint:errcheck // a test's
			h := heard{status: res.StatusCode, header: res.Header}
			must(t, json.NewDecoder(res.Body).Decode(&h.body))
			return h
		}
		h := ask(token, nil)
		c, err := w.Client(t.Context(), h.str("client_id"))
		if h.status != 201 || err != nil || c.Tenant != 2 || !c.Knows(h.str("client_secret")) || h.body["client_secret_expires_at"] != 0.0 || h.str("token_endpoint_auth_method") != accounts.MethodBasic {
			t.Error(h, c, err)
		}
		if h := ask(token, map[string]any{"token_endpoint_auth_method": accounts.MethodJWT, "jwks": json.RawMessage(w.public(t))}); h.status != 201 || h.str("client_secret") != "" {
			t.Error(h)
		}
		for name, x := range map[string]struct {
			token   string
			changes map[string]any
			status  int
			code    string
		}{
			"no token": {"", nil, 401, "invalid_token"}, "a made up one": {"ficus_x", nil, 401, "invalid_token"}, "without the scope": {every, nil, 403, "insufficient_scope"},
			"an address by http": {token, map[string]any{"redirect_uris": []string{"http://evil.example/"}}, 400, "invalid_client_metadata"},
			"no name":            {token, map[string]any{"client_name": ""}, 400, "invalid_client_metadata"},
			"scopes":             {token, map[string]any{"scope": "everything"}, 400, "invalid_client_metadata"},
			"implicit":           {token, map[string]any{"response_types": []string{"token"}}, 400, "invalid_client_metadata"},
			"a private key":      {token, map[string]any{"token_endpoint_auth_method": accounts.MethodJWT, "jwks": map[string]any{"keys": []any{map[string]any{"kty": "oct", "k": "x"}}}}, 400, "invalid_client_metadata"},
			"keys inside":        {token, map[string]any{"token_endpoint_auth_method": accounts.MethodJWT, "jwks_uri": "http://127.0.0.1/"}, 400, "invalid_client_metadata"},
			"too large":          {token, map[string]any{"client_name": strings.Repeat("x", maxForm)}, 400, "invalid_client_metadata"},
		} {
			if h := ask(x.token, x.changes); !h.is(x.status, x.code) {
				t.Errorf("%s: %v", name, h)
			}
		}
		closed, err := NewIssuer(w.Accounts, w.v, IssuerOptions{Base: w.url + "/fhir"})
		must(t, err)
		if m := closed.common(); m.Register != "" || strings.Contains(routeList(closed), "register") || !strings.Contains(routeList(w.i), "register") {
			t.Error("registration is offered without being allowed")
		}
	})
}

func routeList(i *Issuer) string {
	list := ""
	for _, r := range i.Routes() {
		list += r.Method + " " + r.Path + "\n"
	}
	return list
}

// TestDiscoveryNamesWhatIsThere: each address that it tells answers.
func TestDiscoveryNamesWhatIsThere(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/fhir/.well-known/smart-configuration"} {
			h := b.say("GET", path, nil)
			if h.status != 200 || h.str("issuer") != w.url || !strings.HasPrefix(h.header.Get("Cache-Control"), "public") {
				t.Error(path, h)
			}
			seen := 0
			for name, v := range h.body {
				address, _ := v.(string)
				if !strings.HasSuffix(name, "_endpoint") && name != "jwks_uri" {
					continue
				}
				seen++
				if !strings.HasPrefix(address, w.url) || !strings.Contains(routeList(w.i), " "+strings.TrimPrefix(address, w.url)+"\n") {
					t.Errorf("%s: %s is at %q", path, name, address)
				}
			}
			if seen != 9 {
				t.Errorf("%s: %d addresses", path, seen)
			}
		}
	})
}
