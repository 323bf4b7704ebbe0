package signin

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
)

// FuzzShowing reads forms and headers in which clients show who they are: never in two ways, and never as two.
func FuzzShowing(f *testing.F) {
	for _, seed := range [][2]string{
		{"grant_type=client_credentials", "Basic " + base64.StdEncoding.EncodeToString([]byte("1.x:secret"))},
		{"client_id=1.x&client_secret=y", ""}, {"client_id=1.x", ""}, {"client_id=1.x", "Basic MS54Og=="}, {"client_id=a&client_id=b", ""},
		{"client_assertion=x&client_assertion_type=" + url.QueryEscape(bearerType), ""}, {"%zz", "Basic %"}, {"a;b", "basic  "}, {"", "Basic JTp4"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, body, header string) {
		r := httptest.NewRequest(http.MethodPost, tokenPath, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if header != "" {
			r.Header.Set("Authorization", header)
		}
		values, err := form(r)
		if err != nil {
			return
		}
		s, err := showing(r, values)
		if err != nil {
			return
		}
		ways := 0
		for _, way := range []bool{header != "", values.Has("client_secret"), values.Has("client_assertion")} {
			if way {
				ways++
			}
		}
		if ways > 1 || (ways == 0) != (s.method == accounts.MethodNone) {
			t.Errorf("%d ways are %+v", ways, s)
		}
		if named := values.Get("client_id"); named != "" && named != s.id {
			t.Errorf("%q is taken for %q", named, s.id)
		}
	})
}

// FuzzAssertion reads assertions: what is none never becomes one, and no time in it is out of bounds.
func FuzzAssertion(f *testing.F) {
	e := base64.RawURLEncoding.EncodeToString
	for _, body := range []string{`{"iss":"a","sub":"a","jti":"j","aud":"x","exp":1}`, `{"iss":"a","sub":"b","jti":"j"}`, `{"aud":["x",1]}`, `{"exp":1e308,"nbf":-1e308}`, `[]`, `null`, ``} {
		for _, head := range []string{`{"alg":"ES384","kid":"k"}`, `{"alg":"none"}`, `{"alg":"HS256"}`, `{"alg":"ES384","crit":["b64"],"b64":false}`, `{}`} {
			f.Add(e([]byte(head)) + "." + e([]byte(body)) + "." + e(make([]byte, 96)))
		}
	}
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		jws, said, fits := readAssertion(text)
		if !fits {
			return
		}
		if said.Issuer == "" || said.Issuer != said.Subject || said.ID == "" || len(jws.Signatures) != 1 {
			t.Errorf("%+v", said)
		}
		if alg := jws.Signatures[0].Protected.Algorithm; !strings.Contains(" RS256 RS384 ES256 ES384 ", " "+alg+" ") {
			t.Errorf("by %q", alg)
		}
		for _, at := range []time.Time{seconds(said.Expires), seconds(said.NotBefore)} {
			if at.Unix() < 0 || at.Unix() > 1<<40 {
				t.Errorf("%v", at)
			}
		}
	})
}

// FuzzReturn lets nobody be sent where the client has not said: but for the port of this machine, letter by letter.
func FuzzReturn(f *testing.F) {
	c := accounts.Client{Method: accounts.MethodNone, Redirects: []string{"http://127.0.0.1/cb", "https://app.example/cb?a=b"}}
	for _, seed := range []string{"http://127.0.0.1:80/cb", "http://127.0.0.1:x/cb", "http://127.0.0.1:1@evil.example/cb", "http://[::1]:1/cb", "https://app.example:1/cb?a=b", "http://127.0.0.1:1\\@x/cb", "//x", "http://127.0.0.1:1/cb#x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if !mayReturn(c, address) || address == c.Redirects[0] || address == c.Redirects[1] {
			return
		}
		rest, isOurs := strings.CutPrefix(address, "http://127.0.0.1:")
		port, isPath := strings.CutSuffix(rest, "/cb")
		if !isOurs || !isPath || strings.Trim(port, "0123456789") != "" {
			t.Errorf("%q", address)
		}
	})
}
