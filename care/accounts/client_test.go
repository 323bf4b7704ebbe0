package accounts

import (
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
)

func TestWhereCodesAreSentTo(t *testing.T) {
	for address, want := range map[string]bool{
		"https://app.example/cb": true, "https://app.example/cb?a=b": true, "http://127.0.0.1:8000/cb": true, "http://[::1]/cb": true, "http://localhost:3000/": true,
		"com.example.app:/cb":   true,
		"http://app.example/cb": false, "https:///cb": false, "https://app.example/cb#f": false, "https://u:p@app.example/cb": false, "https://*.example/cb": false,
		"javascript:alert(1)": false, "data:text/html,x": false, "app:/cb": false, "//app.example/cb": false, "/cb": false, "": false, "https://app.example/%zz": false,
		"HTTPS://app.example/cb": false, `https://app.example\@evil.example/cb`: false, "http://127.0.0.1.evil.example/": false, "com.example.app:cb": false,
	} {
		if err := (Client{Method: MethodNone}).checkRedirect(address); (err == nil) != want || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := (Client{Method: MethodBasic}).checkRedirect("com.example.app:/cb"); !fault.Is(err, fault.Invalid) {
		t.Error("a server on a device:", err)
	}
}

func TestOnlyPublicKeysAreTaken(t *testing.T) {
	for keys, want := range map[string]bool{
		`{"keys":[{"kty":"RSA","n":"x","e":"AQAB"}]}`: true, `{"keys":[{"kty":"EC","crv":"P-384","x":"x","y":"y"}]}`: true, "https://app.example/jwks": true,
		`{"keys":[]}`: false, `{}`: false, `[]`: false, "http://app.example/jwks": false, "https://": false, "https://u:p@app.example/jwks": false,
		`{"keys":[{"kty":"RSA","n":"x","e":"AQAB","d":"x"}]}`: false, `{"keys":[{"kty":"oct","k":"x"}]}`: false,
		`{"keys":[{"kty":"EC","crv":"P-384","x":"x","y":"y"},{"kty":"oct","k":"x"}]}`: false,
	} {
		if err := (Client{JWKS: keys}).checkKeys(); (err == nil) != want || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", keys, err)
		}
	}
}

func TestAClientHasGrantTypesThatThereAre(t *testing.T) {
	for _, c := range []Client{
		{Method: MethodNone, Grants: []string{GrantClient}}, {Method: MethodBasic, Grants: []string{"implicit"}}, {Method: MethodBasic, Grants: []string{"password"}},
	} {
		c.Name, c.Scopes = "x", []string{"openid"}
		if err := c.check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if err := (Client{Name: "x", Method: MethodBasic, Grants: grantTypes[:], Scopes: []string{"openid"}}).check(); err != nil {
		t.Error(err)
	}
}

// TestAUserCodeIsReadHoweverItIsTyped and stands for the request that a device has made.
func TestAUserCodeIsReadHoweverItIsTyped(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		code := NewSecret(UserCode, 1, time.Minute)
		g, err := w.Ask(t.Context(), w.app1(t), Asked{}, []string{"openid"}, code)
		if err != nil {
			t.Fatal(err)
		}
		shown := ShowUserCode(code.Text)
		if len(shown) != len("1-BCDF-GHJK") || !strings.HasPrefix(shown, "1-") {
			t.Error(shown)
		}
		for _, typed := range []string{shown, strings.ToLower(shown), " " + strings.ReplaceAll(shown, "-", " "), strings.ReplaceAll(shown, "-", ""), strings.ReplaceAll(shown, "-", "–")} {
			if found, err := w.Find(t.Context(), UserCode, ReadUserCode(typed)); err != nil || found.ID != g.ID {
				t.Errorf("%q: %v %v", typed, found, err)
			}
		}
		by := w.principal(t, w.in(t, Try{Login: w.ada(t).Login, Password: adasPassword}))
		if found, err := w.Typed(t.Context(), by, code.Text); err != nil || found.ID != g.ID || found.Ended() {
			t.Error(found, err)
		}
		if err := w.End(t.Context(), by, g.ID); err != nil {
			t.Fatal(err)
		}
		if found, err := w.Find(t.Context(), UserCode, code.Text); !fault.Is(err, fault.Unauthorized) || !found.Ended() || found.Client != g.Client {
			t.Error("refused:", found, err)
		}
		if _, err := w.Typed(t.Context(), by, code.Text); !fault.Is(err, fault.Unknown) {
			t.Error("refused:", err)
		}
		for _, typed := range []string{"", "1", "BCDFGHJK", shown + "X", "2" + shown[1:], strings.Repeat("B", 1000), "é-BCDF-GHJK"} {
			if _, err := w.Find(t.Context(), UserCode, ReadUserCode(typed)); !fault.Is(err, fault.Unauthorized) {
				t.Errorf("%q: %v", typed, err)
			}
		}
	})
}
