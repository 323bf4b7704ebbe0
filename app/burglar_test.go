package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/vault"
)

// newBurglar makes all that he tries: tokens that ended, and tokens that he made himself of a good one.
func newBurglar(t *testing.T, a *App, address string) *burglar {
	t.Helper()
	s := newStrangers(t, a, address, accounts.First, "ada")
	right := serviceToken(t, a, s)
	north, err := a.Accounts.AddTenant(t.Context(), everything(), "North")
	if err != nil {
		t.Fatal(err)
	}
	b := &burglar{w: wall{t: t, url: address, ours: tokenOf(t, a, north.ID), they: right}, narrow: narrow(t, a)}
	h := s.hold(a, accounts.First, "ada")
	b.person, b.boss = h.access, boss(t, a, s)
	ended := s.hold(a, accounts.First, "ada")
	if code, body := s.post("/oauth/revoke", s.client, "token", ended.refresh); code != http.StatusOK {
		t.Fatal(code, body)
	}
	b.bad = []credential{
		{"no token", ""}, {"empty", "Bearer "}, {"Basic", s.client}, {"made up", "Bearer ficus_" + strings.Repeat("x", 43)}, {"cut", "Bearer " + right[:len(right)-4]},
		{"revoked", "Bearer " + revoked(t, a)}, {"out of time", "Bearer " + outOfTime(t, a)},
	}
	b.bad = append(b.bad, forged(t, a, right)...)
	b.bad = append(b.bad, credential{"id token", "Bearer " + s.idToken()}, credential{"refresh token", "Bearer " + h.refresh}, credential{"ended", "Bearer " + ended.access})
	return b
}

// serviceToken is a signed token that opens everything of the first tenant.
func serviceToken(t *testing.T, a *App, s *strangers) string {
	t.Helper()
	c, secret, err := a.Accounts.Register(t.Context(), everything(), accounts.Client{Name: "service", Method: accounts.MethodBasic, Grants: []string{accounts.GrantClient}, Scopes: []string{"system/*.cruds"}})
	if err != nil {
		t.Fatal(err)
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(c.ID+":"+secret))
	code, body := s.post("/oauth/token", basic, "grant_type", accounts.GrantClient, "scope", "system/*.cruds")
	if code != http.StatusOK {
		t.Fatal(code, body)
	}
	return word(body, "access_token")
}

// narrow is a token for the little that an app may do for a user.
func narrow(t *testing.T, a *App) string {
	t.Helper()
	u, err := a.Accounts.User(t.Context(), accounts.First, "ada")
	if err != nil {
		t.Fatal(err)
	}
	_, text, err := a.Accounts.Issue(t.Context(), everything(), accounts.Order{Name: "narrow", User: u.ID, Scopes: "user/Slot.s"})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// boss signs somebody in who looks after the accounts of all tenants, each time anew.
func boss(t *testing.T, a *App, s *strangers) func() string {
	t.Helper()
	makeUser(t, a, accounts.First, "boss", access.Permission{Resource: "accounts", Action: access.Writing, Reach: access.All}, access.Permission{Resource: access.Tenants, Action: access.Writing, Reach: access.All})
	return func() string {
		_, body := read(t, request(t, s.url+"/auth/login", `{"email":"boss","password":"`+theirPassword+`"}`))
		if word(body, "access_token") == "" {
			t.Fatal(body)
		}
		return word(body, "access_token")
	}
}

// request is one with JSON.
func request(t *testing.T, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	return r
}

func revoked(t *testing.T, a *App) string {
	t.Helper()
	made, text, err := a.Accounts.Issue(t.Context(), everything(), accounts.Order{Name: "gone", Scopes: "system/*.cruds"})
	if err == nil {
		err = a.Accounts.Revoke(t.Context(), everything(), made.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func outOfTime(t *testing.T, a *App) string {
	t.Helper()
	_, text, err := a.Accounts.Issue(t.Context(), everything(), accounts.Order{Name: "over", Scopes: "system/*.cruds", Life: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Millisecond)
	return text
}

// idToken is what tells the app who signed in, and opens nothing.
func (s *strangers) idToken() string {
	_, body := s.post("/oauth/token", s.client, "grant_type", "authorization_code", "code", s.code(), "redirect_uri", back, "code_verifier", codeVerifier)
	return word(body, "id_token")
}

// forged are tokens made of a good one. Those with our own key differ from it in one claim.
func forged(t *testing.T, a *App, right string) []credential {
	t.Helper()
	keys, err := a.Vault.TokenKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ours, err := keys.Signing(vault.ES256, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := json.Marshal(jose.JSONWebKey{Key: ours.Key.Public(), KeyID: ours.ID})
	if err != nil {
		t.Fatal(err)
	}
	said := claims(t, right)
	e := base64.RawURLEncoding
	return []credential{
		{"expired", sign(t, jose.ES256, ours.ID, ours.Key, with(said, "exp", time.Now().Add(-time.Minute).Unix()))},
		{"wrong signature", sign(t, jose.ES256, ours.ID, other, said)},
		{"alg none", "Bearer " + e.EncodeToString([]byte(`{"alg":"none","kid":"`+ours.ID+`","typ":"at+jwt"}`)) + "." + strings.Split(right, ".")[1] + "."},
		{"HS256", sign(t, jose.HS256, ours.ID, public, said)},
		{"wrong audience", sign(t, jose.ES256, ours.ID, ours.Key, with(said, "aud", "https://evil.example/fhir"))},
		{"wrong issuer", sign(t, jose.ES256, ours.ID, ours.Key, with(said, "iss", "https://evil.example"))},
	}
}

func claims(t *testing.T, token string) (said map[string]any) {
	t.Helper()
	body, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err == nil {
		err = json.Unmarshal(body, &said)
	}
	if err != nil {
		t.Fatal(err)
	}
	return said
}

func with(said map[string]any, name string, value any) map[string]any {
	said = maps.Clone(said)
	said[name] = value
	return said
}

// sign gives a header with a token.
func sign(t *testing.T, alg jose.SignatureAlgorithm, id string, key any, said map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithType("at+jwt").WithHeader("kid", id))
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + text
}
