package signin

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// assertion is one of a client, signed; nil among the claims takes one away.
func (w *world) assertion(client, alg, id string, key any, changes map[string]any) string {
	w.t.Helper()
	now, name := w.now(), w.c[client].ID
	said := map[string]any{"iss": name, "sub": name, "aud": w.url + tokenPath, "jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix()}
	for k, v := range changes {
		if said[k] = v; v == nil {
			delete(said, k)
		}
	}
	body, err := json.Marshal(said)
	must(w.t, err)
	return signed(w.t, alg, id, "JWT", key, body)
}

// signed is a JWS, also by "none".
func signed(t testing.TB, alg, id, typ string, key any, body []byte) string {
	t.Helper()
	if alg == "none" {
		e := base64.RawURLEncoding
		return e.EncodeToString([]byte(`{"alg":"none","kid":"`+id+`","typ":"`+typ+`"}`)) + "." + e.EncodeToString(body) + "."
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(alg), Key: key}, (&jose.SignerOptions{}).WithType(jose.ContentType(typ)).WithHeader("kid", id))
	must(t, err)
	jws, err := signer.Sign(body)
	must(t, err)
	text, err := jws.CompactSerialize()
	must(t, err)
	return text
}

const bearerType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// service asks for tokens with an assertion.
func (w *world) service(assertion string, changes ...string) heard {
	w.t.Helper()
	f := url.Values{"grant_type": {accounts.GrantClient}, "scope": {"system/Patient.rs"}, "client_assertion_type": {bearerType}, "client_assertion": {assertion}}
	return w.post(tokenPath, changed(f, changes...))
}

// TestServicesSignIn as SMART Backend Services wants it: RS384 and ES384, keys that were registered or lie at an address.
func TestServicesSignIn(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		for name, assertion := range map[string]string{
			"RS384": w.assertion("bulk", "RS384", "r", w.rsa, nil), "ES384": w.assertion("bulk", "ES384", "e", w.ec, nil),
			"keys at an address": w.assertion("far", "ES384", "e", w.ec, nil), "the issuer is meant": w.assertion("bulk", "RS384", "r", w.rsa, map[string]any{"aud": w.url}),
			"among others": w.assertion("bulk", "RS384", "r", w.rsa, map[string]any{"aud": []string{"https://x.example", w.url + tokenPath}}),
			"no key id":    w.assertion("bulk", "ES384", "", w.ec, nil),
		} {
			h := w.service(assertion)
			if h.status != 200 || h.str("refresh_token") != "" || h.str("scope") != "system/Patient.rs" {
				t.Errorf("%s: %v", name, h)
			}
			if p := w.good(name, h.str("access_token")); !strings.HasPrefix(p.Subject, "client/1.") || p.Check(access.Read, "Patient") != nil || p.Check(access.Create, "Patient") == nil {
				t.Errorf("%s: %+v", name, p)
			}
		}
		once := w.assertion("bulk", "RS384", "r", w.rsa, nil)
		if n := race(16, func() heard { return w.service(once) }); n != 1 {
			t.Errorf("%d of 16 got tokens for one assertion", n)
		}
		for _, scope := range []string{"system/Patient.cruds", "user/Patient.rs", "openid", "", "patient/Patient.rs"} {
			if h := w.service(w.assertion("bulk", "RS384", "r", w.rsa, nil), "scope", scope); !h.is(400, "invalid_scope") {
				t.Errorf("scope %q: %v", scope, h)
			}
		}
	})
}

func TestAssertionsThatAreWorthNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		other, err := rsa.GenerateKey(rand.Reader, 2048)
		must(t, err)
		small, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(t, err)
		public, err := json.Marshal(jose.JSONWebKey{Key: w.rsa.Public(), KeyID: "r"})
		must(t, err)
		now := w.now()
		by := func(changes map[string]any) string { return w.assertion("bulk", "RS384", "r", w.rsa, changes) }
		for name, assertion := range map[string]string{
			"none":                      w.assertion("bulk", "none", "r", nil, nil),
			"HS256 with the public key": w.assertion("bulk", "HS256", "r", public, nil),
			"another key":               w.assertion("bulk", "RS384", "r", other, nil),
			"a key that is not there":   w.assertion("bulk", "RS384", "x", other, nil),
			"another algorithm":         w.assertion("bulk", "RS256", "r", w.rsa, nil),
			"another curve":             w.assertion("bulk", "ES256", "e", small, nil),
			"another audience":          by(map[string]any{"aud": "https://evil.example/oauth/token"}),
			"our FHIR interface":        by(map[string]any{"aud": w.url + "/fhir"}),
			"no audience":               by(map[string]any{"aud": nil}),
			"expired":                   by(map[string]any{"exp": now.Add(-time.Second).Unix()}),
			"for an hour":               by(map[string]any{"exp": now.Add(time.Hour).Unix()}),
			"for ever":                  by(map[string]any{"exp": nil}),
			"1e300":                     by(map[string]any{"exp": 1e300}),
			"not yet":                   by(map[string]any{"nbf": now.Add(time.Minute).Unix()}),
			"no jti":                    by(map[string]any{"jti": nil}),
			"for another client":        by(map[string]any{"sub": w.c["web"].ID}),
			"of a client with a secret": by(map[string]any{"sub": w.c["web"].ID, "iss": w.c["web"].ID}),
			"of the other tenant":       by(map[string]any{"sub": w.c["north"].ID, "iss": w.c["north"].ID}),
			"of nobody":                 by(map[string]any{"sub": "1.x", "iss": "1.x"}),
			"no JWT":                    "x",
			"empty":                     "",
		} {
			if h := w.service(assertion); !h.is(401, "invalid_client") || h.header.Get("WWW-Authenticate") == "" || h.header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: %v", name, h)
			}
		}
		if h := w.service(by(nil), "client_id", w.c["web"].ID); !h.is(401, "invalid_client") {
			t.Error("another client_id:", h)
		}
		if h := w.service(by(nil), "client_assertion_type", "x"); !h.is(400, "invalid_request") {
			t.Error("another type:", h)
		}
		if h := w.service(by(nil), "client_id", w.c["bulk"].ID); h.status != 200 {
			t.Error("the right one:", h)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.refused) < 20 || w.refused[0].Route != "POST "+tokenPath || w.refused[0].Address != "127.0.0.1" {
			t.Errorf("%d refusals are on record: %+v", len(w.refused), w.refused)
		}
	})
}

// TestAClientShowsWhoItIsInOneWay: that in which it is registered.
func TestAClientShowsWhoItIsInOneWay(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		f := func(changes ...string) url.Values {
			return changed(url.Values{"grant_type": {accounts.GrantClient}, "scope": {"system/Patient.rs"}}, changes...)
		}
		web, secret := w.c["web"].ID, w.secret["web"]
		for name, x := range map[string]struct {
			form   url.Values
			header []string
			status int
			want   string
		}{
			"the header":                    {f(), w.as("web"), 200, ""},
			"the header and the id":         {f("client_id", web), w.as("web"), 200, ""},
			"the form":                      {f("client_id", w.c["post"].ID, "client_secret", w.secret["post"]), nil, 200, ""},
			"the form, for the header's":    {f("client_id", web, "client_secret", secret), nil, 401, "invalid_client"},
			"the header, for the form's":    {f(), w.as("post"), 401, "invalid_client"},
			"both":                          {f("client_secret", secret), w.as("web"), 400, "invalid_request"},
			"two ids":                       {f("client_id", w.c["post"].ID), w.as("web"), 400, "invalid_request"},
			"an assertion too":              {f("client_assertion", "x", "client_assertion_type", bearerType), w.as("web"), 400, "invalid_request"},
			"another secret":                {f(), []string{"Authorization", basicOf(web, secret+"x")}, 401, "invalid_client"},
			"another client's secret":       {f(), []string{"Authorization", basicOf(web, w.secret["north"])}, 401, "invalid_client"},
			"no secret":                     {f(), []string{"Authorization", basicOf(web, "")}, 401, "invalid_client"},
			"an id alone":                   {f("client_id", web), nil, 401, "invalid_client"},
			"nothing":                       {f(), nil, 401, "invalid_client"},
			"a bearer token":                {f(), []string{"Authorization", "Bearer x"}, 400, "invalid_request"},
			"no base64":                     {f(), []string{"Authorization", "Basic ?"}, 400, "invalid_request"},
			"a public client":               {f("client_id", w.c["app"].ID), nil, 400, "unauthorized_client"},
			"an empty secret of one":        {f("client_id", w.c["app"].ID, "client_secret", ""), nil, 401, "invalid_client"},
			"a client that signs":           {f("client_id", w.c["bulk"].ID), nil, 401, "invalid_client"},
			"no such grant type":            {f("grant_type", "password"), w.as("web"), 400, "unsupported_grant_type"},
			"no grant type":                 {f("grant_type", "-"), w.as("web"), 400, "invalid_request"},
			"a grant type that is not ours": {f("grant_type", accounts.GrantDevice), w.as("web"), 400, "unauthorized_client"},
		} {
			h := w.post(tokenPath, x.form, x.header...)
			if h.status != x.status || h.str("error") != x.want || strings.Contains(h.raw, secret) {
				t.Errorf("%s: %v", name, h)
			}
			if basic := h.header.Get("WWW-Authenticate"); h.status == 401 && !strings.HasPrefix(basic, "Basic ") {
				t.Errorf("%s: %q", name, basic)
			}
		}
		b := w.browser()
		if h := b.say("GET", tokenPath, f("client_id", web, "client_secret", secret)); h.status != http.StatusMethodNotAllowed {
			t.Error("GET:", h)
		}
		if h := b.say("POST", tokenPath+"?"+f().Encode(), nil, w.as("web")...); !h.is(400, "invalid_request") {
			t.Error("in the address:", h)
		}
		twice := f()
		twice.Add("scope", "system/Patient.r")
		if h := b.say("POST", tokenPath, twice, w.as("web")...); !h.is(400, "invalid_request") {
			t.Error("a parameter twice:", h)
		}
		if h := b.say("POST", tokenPath, f("x", strings.Repeat("x", maxForm)), w.as("web")...); !h.is(400, "invalid_request") {
			t.Error("too large:", h)
		}
		must(t, w.EndClient(t.Context(), inside(1), web))
		if h := w.post(tokenPath, f(), w.as("web")...); !h.is(401, "invalid_client") {
			t.Error("a client that has ended:", h)
		}
		if text := w.logged.String(); text != "" {
			t.Error("logged:", text)
		}
	})
}

// TestAClientHasNothingOfUsersForItself, nor users what clients have for themselves, also where a client is registered for both.
func TestAClientHasNothingOfUsersForItself(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		for scope, want := range map[string]int{"system/Patient.rs": 200, "user/Patient.rs": 400, "patient/Patient.rs": 400, "openid": 400, "system/Patient.rs offline_access": 400, "system/Patient.rs user/Patient.rs": 400} {
			h := w.post(tokenPath, url.Values{"grant_type": {accounts.GrantClient}, "scope": {scope}}, w.as("web")...)
			if h.status != want || want == 400 && !h.is(400, "invalid_scope") {
				t.Errorf("%s: %v", scope, h)
			}
		}
		b := w.browser()
		b.code(w.question("web", "openid user/Patient.rs"), "ada")
		if to := b.say("GET", "/oauth/authorize", w.question("web", "openid system/Patient.rs")).header.Get("Location"); !strings.Contains(to, "error=invalid_scope") {
			t.Error(to)
		}
		w.client(t, "device", 1, accounts.Client{Method: accounts.MethodBasic, Grants: []string{accounts.GrantDevice}, Scopes: []string{"openid", "system/Patient.rs"}})
		for scope, want := range map[string]int{"openid": 200, "system/Patient.rs": 400} {
			if h := w.post("/oauth/device", url.Values{"scope": {scope}}, w.as("device")...); h.status != want {
				t.Errorf("%s: %v", scope, h)
			}
		}
	})
}

// TestKeysAtAnAddressAreFetchedSeldom, and anew when the client has changed them.
func TestKeysAtAnAddressAreFetchedSeldom(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		var fetched atomic.Int32
		keys := w.public(t)
		w.keys = func(address string) ([]byte, error) {
			fetched.Add(1)
			if address != "https://far.example/jwks" || keys == nil {
				return nil, fault.New(fault.Unavailable, "away")
			}
			return keys, nil
		}
		ask := func(when string, key *ecdsa.PrivateKey, id string, want bool, times int32) {
			t.Helper()
			if h := w.service(w.assertion("far", "ES384", id, key, nil)); (h.status == 200) != want || fetched.Load() != times {
				t.Errorf("%s: %v, fetched %d times", when, h, fetched.Load())
			}
		}
		for range 3 {
			ask("known", w.ec, "e", true, 1)
		}
		fresh, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		must(t, err)
		keys, err = json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: fresh.Public(), KeyID: "f", Algorithm: "ES384"}}})
		must(t, err)
		ask("a new key, too early to ask again", fresh, "f", false, 1)
		w.later(keysFailed)
		ask("a new key", fresh, "f", true, 2)
		ask("the old one", w.ec, "e", false, 2)
		keys = nil
		w.later(keysFresh)
		ask("away", fresh, "f", false, 3)
		ask("away", fresh, "f", false, 3)
		keys, err = json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: fresh.Public(), KeyID: "f"}}})
		must(t, err)
		w.later(keysFailed)
		ask("back", fresh, "f", true, 4)
	})
}
