package signin

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// TestTokensThatWeHaveNotMade are refused at the gate and worth nothing elsewhere; that which we have made is good before and after.
func TestTokensThatWeHaveNotMade(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		got := w.exchange(w.appCode())
		right := got.str("access_token")
		said, head := w.read(right)
		keys, err := w.v.TokenKeys(t.Context())
		must(t, err)
		ours, err := keys.Signing(vault.ES256, w.now())
		must(t, err)
		rs, err := keys.Signing(vault.RS256, w.now())
		must(t, err)
		other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(t, err)
		published := w.browser().say("GET", "/oauth/jwks", nil).raw
		one, err := json.Marshal(jose.JSONWebKey{Key: ours.Key.Public(), KeyID: ours.ID})
		must(t, err)
		with := func(changes map[string]any) []byte {
			c := maps.Clone(said)
			for k, v := range changes {
				if c[k] = v; v == nil {
					delete(c, k)
				}
			}
			body, err := json.Marshal(c)
			must(t, err)
			return body
		}
		by := func(changes map[string]any) string {
			return signed(t, "ES256", ours.ID, "at+jwt", ours.Key, with(changes))
		}
		parts := strings.Split(right, ".")
		w.good("made by the test", by(nil))
		for name, token := range map[string]string{
			"none":                       signed(t, "none", ours.ID, "at+jwt", nil, with(nil)),
			"HS256 with the key":         signed(t, "HS256", ours.ID, "at+jwt", one, with(nil)),
			"HS256 with the set":         signed(t, "HS256", ours.ID, "at+jwt", []byte(published), with(nil)),
			"another key":                signed(t, "ES256", ours.ID, "at+jwt", other, with(nil)),
			"a key in the header":        embedded(t, other, with(nil)),
			"our key for id tokens":      signed(t, "RS256", rs.ID, "at+jwt", rs.Key, with(nil)),
			"no key id":                  signed(t, "ES256", "", "at+jwt", ours.Key, with(nil)),
			"another type":               signed(t, "ES256", ours.ID, "JWT", ours.Key, with(nil)),
			"another issuer":             by(map[string]any{"iss": "https://evil.example"}),
			"no issuer":                  by(map[string]any{"iss": nil}),
			"another audience":           by(map[string]any{"aud": "https://evil.example/fhir"}),
			"the client as audience":     by(map[string]any{"aud": w.c["app"].ID}),
			"no audience":                by(map[string]any{"aud": nil}),
			"expired":                    by(map[string]any{"exp": w.now().Add(-time.Second).Unix()}),
			"without end":                by(map[string]any{"exp": nil}),
			"another grant":              by(map[string]any{"sid": "x"}),
			"no grant":                   by(map[string]any{"sid": nil}),
			"another tenant":             by(map[string]any{"tenant": "2"}),
			"a tenant that is none":      by(map[string]any{"tenant": "x"}),
			"another subject":            by(map[string]any{"sub": "user/x"}),
			"another client":             by(map[string]any{"client_id": "1.x"}),
			"no scope":                   by(map[string]any{"scope": ""}),
			"an array":                   signed(t, "ES256", ours.ID, "at+jwt", ours.Key, []byte("[]")),
			"the id token":               got.str("id_token"),
			"the refresh token":          got.str("refresh_token"),
			"cut":                        right[:len(right)-4],
			"without signature":          parts[0] + "." + parts[1] + ".",
			"a changed body":             parts[0] + "." + base64.RawURLEncoding.EncodeToString(with(map[string]any{"scope": "user/*.cruds"})) + "." + parts[2],
			"dots":                       "..",
			"a JWS in JSON":              `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`,
			"a session":                  accounts.SessionPrefix + "1.x",
			"too long":                   right + strings.Repeat("x", maxSigned),
			"with our prefix before it":  Prefix + right,
			"with a space in the middle": parts[0] + " ." + parts[1] + "." + parts[2],
		} {
			w.bad(name, token)
			if h := w.post("/oauth/introspect", map[string][]string{"token": {token}}, w.as("web")...); name != "the refresh token" && (h.status != 200 || h.body["active"] != false || len(h.body) != 1) {
				t.Errorf("%s: %v", name, h)
			}
			if strings.Contains(token, " ") {
				continue
			}
			if h := w.browser().say("GET", "/oauth/userinfo", nil, "Authorization", "Bearer "+token); !h.is(401, "invalid_token") || !strings.Contains(h.header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s: %v %v", name, h, h.header)
			}
		}
		w.good("after all", right)
		if head.JSONWebKey != nil || len(head.ExtraHeaders) != 1 {
			t.Error(head)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, r := range w.refused {
			if strings.Contains(r.Reason, "ey") {
				t.Errorf("%+v", r)
			}
		}
	})
}

// embedded is a JWS that brings its key along.
func embedded(t testing.TB, key *ecdsa.PrivateKey, body []byte) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{EmbedJWK: true}).WithType("at+jwt"))
	must(t, err)
	jws, err := signer.Sign(body)
	must(t, err)
	text, err := jws.CompactSerialize()
	must(t, err)
	return text
}

// TestATokenEndsWithWhatItStandsFor within the time for which it is believed, and says whose it was to the audit.
func TestATokenEndsWithWhatItStandsFor(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		for name, end := range map[string]func(p access.Principal, token string){
			"revoked by the client": func(_ access.Principal, token string) {
				w.post("/oauth/revoke", map[string][]string{"token": {token}, "client_id": {w.c["app"].ID}})
			},
			"the user is switched off": func(p access.Principal, _ string) {
				must(t, w.SetActive(t.Context(), inside(1), strings.TrimPrefix(p.Subject, "user/"), false))
			},
		} {
			must(t, w.SetActive(t.Context(), inside(1), strings.TrimPrefix(w.subject("ada"), "user/"), true))
			token := w.exchange(b.code(w.question("app", all), "ada")).str("access_token")
			p := w.good(name, token)
			end(p, token)
			w.later(defaultFresh)
			w.bad(name, token)
			w.mu.Lock()
			if last := w.refused[len(w.refused)-1]; last.Tenant != 1 || last.Subject != p.Subject || last.Client != p.Client {
				t.Errorf("%s: on record: %+v", name, last)
			}
			w.mu.Unlock()
		}
		must(t, w.SetActive(t.Context(), inside(1), strings.TrimPrefix(w.subject("ada"), "user/"), true))
		token := w.exchange(w.browser().code(w.question("app", all), "ada")).str("access_token")
		w.good("at once", token)
		w.later(accessLife)
		w.bad("after its time", token)
	})
}

func (w *world) subject(login string) string {
	w.t.Helper()
	u, err := w.User(w.t.Context(), 1, login)
	must(w.t, err)
	return "user/" + u.ID
}

// TestKeysChange: what the old ones signed is good as long as they stand, and refused when they were replaced.
func TestKeysChange(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		token := func() string { return w.exchange(b.code(w.question("app", all), "ada")).str("access_token") }
		old := token()
		_, first := w.read(old)
		must(t, w.v.RotateTokens(t.Context(), func(*db.Pipe) {}))
		w.later(defaultFresh)
		_, second := w.read(token())
		if w.good("rotated", old); second.KeyID != first.KeyID {
			t.Error("a new key signs before others know it")
		}
		if keys := w.browser().say("GET", "/oauth/jwks", nil).body["keys"].([]any); len(keys) != 4 {
			t.Error(keys)
		}
		w.later(24*time.Hour + time.Second)
		b = w.browser()
		_, third := w.read(token())
		if third.KeyID == first.KeyID {
			t.Error("the new key does not sign a day later")
		}
		last := token()
		w.good("before", last)
		must(t, w.v.ReplaceTokens(t.Context(), func(*db.Pipe) {}))
		w.later(defaultFresh)
		w.bad("replaced", last)
		w.good("after it", token())
	})
}

// TestAGateWithoutIssuerTakesNoJWT.
func TestAGateWithoutIssuerTakesNoJWT(t *testing.T) {
	g := New(&book{tokens: map[string]time.Time{"ficus_a": {}}}, Options{})
	if _, err := g.Principal(request("Bearer a.b.c")); !fault.Is(err, fault.Unauthorized) {
		t.Error(err)
	}
	if _, err := g.Principal(request("Bearer ficus_a")); err != nil {
		t.Error(err)
	}
}
