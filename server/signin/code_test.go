package signin

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
)

func TestAnAppGetsTokens(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		got := w.exchange(w.appCode())
		if got.status != 200 || got.str("token_type") != "Bearer" || got.body["expires_in"] != 1200.0 || got.str("scope") != all || got.str("refresh_token") == "" || got.header.Get("Cache-Control") != "no-store" {
			t.Fatal(got, got.header)
		}
		c, head := w.read(got.str("access_token"))
		if head.ExtraHeaders["typ"] != "at+jwt" || head.Algorithm != "ES256" || c["iss"] != w.url || c["aud"] != w.url+"/fhir" || c["client_id"] != w.c["app"].ID || c["tenant"] != "1" ||
			c["sid"] == "" || c["jti"] == "" || c["auth_time"].(float64) < 1e9 || c["amr"].([]any)[0] != "pwd" || c["scope"] != all {
			t.Errorf("%v %v", head, c)
		}
		id, head := w.read(got.str("id_token"))
		if head.ExtraHeaders["typ"] != "JWT" || head.Algorithm != "RS256" || id["nonce"] != "the nonce" || id["aud"] != w.c["app"].ID || id["sub"] != c["sub"] || id["at_hash"] == "" {
			t.Errorf("%v %v", head, id)
		}
		p := w.good("the token", got.str("access_token"))
		if p.Tenant != 1 || p.Subject != c["sub"] || p.Client != "client/"+w.c["app"].ID || p.Check(access.Create, "Observation") != nil || p.Check(access.Create, "Patient") == nil || p.Grant != "" {
			t.Errorf("%+v", p)
		}
		if accountsOnly := (access.Permission{Resource: "accounts", Action: access.Writing, Reach: access.All}); p.Roles.Allow(accountsOnly) {
			t.Error("an app has the roles of who uses it")
		}
		b := w.browser()
		who := b.say("GET", "/oauth/userinfo", nil, "Authorization", "Bearer "+got.str("access_token"))
		if who.status != 200 || who.str("sub") != c["sub"] || who.str("name") != "ADA" || who.str("preferred_username") != "ada" {
			t.Error(who)
		}
	})
}

// TestWhatIsSentBackNamesUs: state as it came, who answers, and what the client has registered.
func TestWhatIsSentBackNamesUs(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		for _, answer := range []string{"yes", "no"} {
			to, _ := b.answer(w.question("app", all), "ada", answer)
			u, err := url.Parse(to)
			must(t, err)
			q := u.Query()
			if !strings.HasPrefix(to, appBack+"?") || q.Get("state") != "the state" || q.Get("iss") != w.url || (q.Get("code") != "") != (answer == "yes") || (q.Get("error") == "access_denied") != (answer == "no") {
				t.Errorf("%s: %s", answer, to)
			}
		}
		to, _ := b.answer(w.question("app", all, "redirect_uri", "com.example.app:/cb", "state", "-"), "ada", "yes")
		if !strings.HasPrefix(to, "com.example.app:/cb?") || strings.Contains(to, "state") {
			t.Error(to)
		}
		if to, _ := b.answer(w.question("app", all, "redirect_uri", "http://127.0.0.1:4711/cb"), "ada", "yes"); !strings.HasPrefix(to, "http://127.0.0.1:4711/cb?") {
			t.Error("another port of this machine:", to)
		}
	})
}

// TestWhatAnAppMayNotAsk changes one thing of a question that is right.
func TestWhatAnAppMayNotAsk(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		right := w.question("app", all)
		b.code(right, "ada")
		for name, x := range map[string]struct {
			change []string
			want   string // the error; empty: the browser is not sent back
		}{
			"no PKCE":              {[]string{"code_challenge", "-", "code_challenge_method", "-"}, "invalid_request"},
			"PKCE plain":           {[]string{"code_challenge_method", "plain"}, "invalid_request"},
			"no method":            {[]string{"code_challenge_method", "-"}, "invalid_request"},
			"a short challenge":    {[]string{"code_challenge", "x"}, "invalid_request"},
			"implicit":             {[]string{"response_type", "token"}, "unsupported_response_type"},
			"hybrid":               {[]string{"response_type", "code id_token"}, "unsupported_response_type"},
			"form_post":            {[]string{"response_mode", "form_post"}, "invalid_request"},
			"another audience":     {[]string{"aud", "https://evil.example/fhir"}, "invalid_target"},
			"another resource":     {[]string{"aud", "-", "resource", "https://evil.example/fhir"}, "invalid_target"},
			"more scopes":          {[]string{"scope", "openid user/*.cruds system/*.cruds"}, "invalid_scope"},
			"no scope":             {[]string{"scope", "-"}, "invalid_scope"},
			"an unknown scope":     {[]string{"scope", "openid everything"}, "invalid_scope"},
			"a request object":     {[]string{"request", "x"}, "request_not_supported"},
			"a request elsewhere":  {[]string{"request_uri", "https://evil.example/"}, "request_uri_not_supported"},
			"prompt none":          {[]string{"prompt", "none"}, "consent_required"},
			"another path":         {[]string{"redirect_uri", "http://127.0.0.1:9/evil"}, ""},
			"a longer path":        {[]string{"redirect_uri", appBack + "/x"}, ""},
			"a query":              {[]string{"redirect_uri", appBack + "?x=y"}, ""},
			"a fragment":           {[]string{"redirect_uri", appBack + "#x"}, ""},
			"a user":               {[]string{"redirect_uri", "http://127.0.0.1:9@evil.example/cb"}, ""},
			"another host":         {[]string{"redirect_uri", "http://127.0.0.1.evil.example/cb"}, ""},
			"another scheme":       {[]string{"redirect_uri", "https://127.0.0.1:9/cb"}, ""},
			"no address":           {[]string{"redirect_uri", "-"}, ""},
			"a script":             {[]string{"redirect_uri", "javascript:alert(1)"}, ""},
			"the address of web":   {[]string{"redirect_uri", webBack}, ""},
			"no client":            {[]string{"client_id", "-"}, ""},
			"an unknown client":    {[]string{"client_id", "1.x"}, ""},
			"a client for itself":  {[]string{"client_id", w.c["bulk"].ID}, ""},
			"a question too large": {[]string{"state", strings.Repeat("x", maxQuery)}, ""},
		} {
			h := b.say("GET", "/oauth/authorize", changed(w.question("app", all), x.change...))
			u, err := url.Parse(h.header.Get("Location"))
			must(t, err)
			back := strings.HasPrefix(u.String(), appBack+"?")
			if x.want == "" && (h.status != 400 || u.String() != "") || x.want != "" && (!back || u.Query().Get("error") != x.want || u.Query().Get("iss") != w.url || u.Query().Get("code") != "") {
				t.Errorf("%s: %d %s", name, h.status, u)
			}
		}
		twice := w.question("app", all)
		twice.Add("redirect_uri", "https://evil.example/")
		if h := b.say("GET", "/oauth/authorize", twice); h.status != 400 || h.header.Get("Location") != "" {
			t.Error("a parameter twice:", h.status, h.header)
		}
		if h := w.browser().say("GET", "/oauth/authorize", w.question("app", all, "prompt", "none")); !strings.Contains(h.header.Get("Location"), "login_required") {
			t.Error("prompt none of a stranger:", h.header)
		}
		b.code(right, "ada")
	})
}

// TestAQuestionMayBePosted (OpenID Connect Core section 3.1.2.1), from another origin.
func TestAQuestionMayBePosted(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		h := w.browser().say("POST", "/oauth/authorize", w.question("app", all), "Origin", "https://app.example")
		if to := h.header.Get("Location"); h.status != 303 || !strings.HasPrefix(to, "/oauth/authorize?") {
			t.Error(h.status, to)
		}
	})
}

// TestWhoMayExchangeACode shows a code in a wrong way, and then in the right one.
func TestWhoMayExchangeACode(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		for name, x := range map[string]struct {
			change []string
			header []string
			status int
			want   string
		}{
			"another verifier":       {[]string{"code_verifier", verifier + "x"}, nil, 400, "invalid_grant"},
			"no verifier":            {[]string{"code_verifier", "-"}, nil, 400, "invalid_grant"},
			"the challenge itself":   {[]string{"code_verifier", w.question("app", all).Get("code_challenge")}, nil, 400, "invalid_grant"},
			"another address":        {[]string{"redirect_uri", "com.example.app:/cb"}, nil, 400, "invalid_grant"},
			"no address":             {[]string{"redirect_uri", "-"}, nil, 400, "invalid_grant"},
			"another client":         {[]string{"client_id", "-"}, w.as("web"), 400, "invalid_grant"},
			"another tenant's":       {[]string{"client_id", "-"}, w.as("north"), 400, "invalid_grant"},
			"two clients":            {nil, w.as("web"), 400, "invalid_request"},
			"no client":              {[]string{"client_id", "-"}, nil, 401, "invalid_client"},
			"a client without grant": {[]string{"client_id", "-"}, []string{"Authorization", basicOf(w.c["post"].ID, w.secret["post"])}, 401, "invalid_client"},
			"as a refresh token":     {[]string{"grant_type", accounts.GrantRefresh, "refresh_token", "@"}, nil, 400, "invalid_grant"},
			"another code":           {[]string{"code", "fcode_1.x"}, nil, 400, "invalid_grant"},
			"another resource":       {[]string{"resource", "https://evil.example/fhir"}, nil, 400, "invalid_target"},
		} {
			code := b.code(w.question("app", all), "ada")
			f := changed(url.Values{"grant_type": {accounts.GrantCode}, "code": {code}, "redirect_uri": {appBack}, "client_id": {w.c["app"].ID}, "code_verifier": {verifier}}, x.change...)
			if f.Get("refresh_token") == "@" {
				f.Set("refresh_token", code)
			}
			if h := w.post(tokenPath, f, x.header...); !h.is(x.status, x.want) || h.header.Get("Cache-Control") != "no-store" || strings.Contains(h.raw, code) {
				t.Errorf("%s: %v", name, h)
			}
			if h := w.exchange(code); h.status != 200 {
				t.Errorf("%s: then the right way: %v", name, h)
			}
		}
		code := b.code(w.question("app", all), "ada")
		w.later(codeLife + time.Second)
		if h := w.exchange(code); !h.is(400, "invalid_grant") {
			t.Error("too late:", h)
		}
	})
}

// TestAConfidentialClientNeedsPKCEToo: no downgrade by leaving the verifier out.
func TestAConfidentialClientNeedsPKCEToo(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		f := url.Values{"grant_type": {accounts.GrantCode}, "redirect_uri": {webBack}, "code": {b.code(w.question("web", all), "ada")}}
		if h := w.post(tokenPath, f, w.as("web")...); !h.is(400, "invalid_grant") {
			t.Error(h)
		}
		if h := w.post(tokenPath, changed(f, "code_verifier", verifier, "client_id", w.c["web"].ID)); !h.is(401, "invalid_client") {
			t.Error("without its secret:", h)
		}
		if h := w.post(tokenPath, f, w.as("web")...); h.status != 200 {
			t.Error(h)
		}
	})
}

func TestACodeShownTwiceEndsAll(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		code := w.appCode()
		one := w.exchange(code)
		w.good("before", one.str("access_token"))
		if h := w.exchange(code); !h.is(400, "invalid_grant") {
			t.Error(h)
		}
		w.later(defaultFresh)
		w.bad("after", one.str("access_token"))
		if h := w.refresh(one.str("refresh_token")); !h.is(400, "invalid_grant") {
			t.Error(h)
		}
		code = w.appCode()
		if n := race(16, func() heard { return w.exchange(code) }); n != 1 {
			t.Errorf("%d of 16 got tokens for one code", n)
		}
	})
}

func TestARefreshTokenRotates(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		first := w.exchange(w.appCode())
		last := first
		for range 3 {
			next := w.refresh(last.str("refresh_token"))
			if next.status != 200 || next.str("refresh_token") == last.str("refresh_token") || next.str("scope") != all || next.str("id_token") == "" {
				t.Fatal(next)
			}
			w.good("refreshed", next.str("access_token"))
			last = next
		}
		if h := w.refresh(last.str("refresh_token"), "scope", "user/Patient.cruds"); !h.is(400, "invalid_scope") {
			t.Error("more than was given:", h)
		}
		if h := w.post(tokenPath, url.Values{"grant_type": {accounts.GrantRefresh}, "refresh_token": {last.str("refresh_token")}}, w.as("web")...); !h.is(400, "invalid_grant") {
			t.Error("of another client:", h)
		}
		less := w.refresh(last.str("refresh_token"), "scope", "user/Patient.rs")
		if p := w.good("less", less.str("access_token")); less.str("scope") != "user/Patient.rs" || p.Check(access.Read, "Observation") == nil {
			t.Error(less)
		}
		whole := w.refresh(less.str("refresh_token"), "client_id", "-")
		if whole.status != 200 || whole.str("scope") != all {
			t.Error("a public client need not say who it is:", whole)
		}
		if h := w.refresh(first.str("refresh_token"), "client_id", "-"); !h.is(400, "invalid_grant") {
			t.Error("again:", h)
		}
		if h := w.refresh(whole.str("refresh_token")); !h.is(400, "invalid_grant") {
			t.Error("the last one after a replay:", h)
		}
		w.later(defaultFresh)
		w.bad("after a replay", whole.str("access_token"))
		again := w.exchange(w.appCode())
		if n := race(16, func() heard { return w.refresh(again.str("refresh_token")) }); n != 1 {
			t.Errorf("%d of 16 got tokens for one refresh token", n)
		}
	})
}

// TestARefreshTokenIsForThoseWhoAskedForIt: without a scope for it there is none.
func TestARefreshTokenIsForThoseWhoAskedForIt(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		for scope, want := range map[string]bool{"openid user/Patient.rs": false, "openid offline_access": true, "openid online_access": true} {
			if h := w.exchange(b.code(w.question("app", scope), "ada")); h.status != 200 || (h.str("refresh_token") != "") != want {
				t.Errorf("%s: %v", scope, h)
			}
		}
	})
}

// TestNoTokenOutlivesItsGrant: one that is made shortly before the end is good until then.
func TestNoTokenOutlivesItsGrant(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		got := w.exchange(w.browser().code(w.question("app", "openid online_access"), "ada"))
		w.later(onlineLife - 10*time.Minute)
		last := w.refresh(got.str("refresh_token"))
		if left, _ := last.body["expires_in"].(float64); last.status != 200 || left < 500 || left > 600 {
			t.Error(last)
		}
		w.good("until then", last.str("access_token"))
		w.later(10 * time.Minute)
		w.bad("after it", last.str("access_token"))
		if h := w.refresh(last.str("refresh_token")); !h.is(400, "invalid_grant") {
			t.Error(h)
		}
	})
}

// TestAGrantEndsWithItsSession unless it was given to go on.
func TestAGrantEndsWithItsSession(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		online, offline := w.exchange(b.code(w.question("app", "openid online_access"), "ada")), w.exchange(b.code(w.question("app", "openid offline_access"), "ada"))
		w.good("online", online.str("access_token"))
		h := b.submit(b.say("GET", leavePath, url.Values{"client_id": {w.c["app"].ID}, "post_logout_redirect_uri": {appBack}, "state": {"s"}}))
		if _, to := b.follow(h); h.status != 200 || !strings.HasPrefix(to, appBack+"?") || !strings.Contains(to, "state=s") {
			t.Error(h.status, to)
		}
		w.later(defaultFresh)
		w.bad("online", online.str("access_token"))
		w.good("offline", offline.str("access_token"))
		if h := w.refresh(online.str("refresh_token")); !h.is(400, "invalid_grant") {
			t.Error(h)
		}
		if h := w.refresh(offline.str("refresh_token")); h.status != 200 {
			t.Error(h)
		}
		h = b.submit(b.say("GET", leavePath, url.Values{"client_id": {w.c["app"].ID}, "post_logout_redirect_uri": {"https://evil.example/"}}))
		if _, to := b.follow(h); to != "" {
			t.Error("sent to", to)
		}
	})
}

// TestScopesAreThoseThatTheUserGives: less if he takes some away, and never more than his roles allow, which count at once.
func TestScopesAreThoseThatTheUserGives(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.t = t
		b := w.browser()
		h, _ := b.follow(b.say("GET", "/oauth/authorize", w.question("app", all+" fhirUser launch/patient user/*.cruds")))
		h, _ = b.follow(b.submit(h, "login", "bob", "password", password))
		_, f := fill(h)
		if want := []string{"openid", "profile", "offline_access", "user/Patient.rs", "user/*.cruds"}; !slices.Equal(f["scope"], want) {
			t.Errorf("bob can give %q", f["scope"])
		}
		to, f := fill(h, "answer", "yes")
		f["scope"] = []string{"user/*.cruds", "user/Observation.cruds", "system/*.cruds"}
		_, back := b.follow(b.say("POST", to, f))
		u, err := url.Parse(back)
		must(t, err)
		got := w.exchange(u.Query().Get("code"))
		if got.str("scope") != "user/*.cruds" || got.str("id_token") != "" {
			t.Error(got)
		}
		p := w.good("bob", got.str("access_token"))
		if p.Check(access.Read, "Patient") != nil || p.Check(access.Create, "Patient") == nil || p.Check(access.Read, "Observation") == nil || p.Scopes.String() != "user/Patient.rs" {
			t.Error(p.Scopes)
		}
		must(t, w.Permit(t.Context(), inside(1), "of bob", access.Permission{Resource: "Observation", Action: access.Reading, Reach: access.All}))
		w.later(defaultFresh)
		if p := w.good("bob", got.str("access_token")); p.Check(access.Read, "Observation") != nil {
			t.Error("a right that was given later:", p.Scopes)
		}
		must(t, w.Forbid(t.Context(), inside(1), "of bob", access.Permission{Resource: "Patient", Action: access.Reading, Reach: access.All}))
		w.later(defaultFresh)
		if p := w.good("bob", got.str("access_token")); p.Check(access.Read, "Patient") == nil {
			t.Error("a right that was taken:", p.Scopes)
		}
	})
}
