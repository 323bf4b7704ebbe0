package accounts

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// consent is ada, who has signed in, and an app that she has allowed something.
type consent struct {
	*world
	user   User
	by     access.Principal
	client Client
	grant  Grant
	code   Secret
}

func (w *world) app1(t *testing.T) Client {
	t.Helper()
	c, _, err := w.Register(t.Context(), admin, Client{Name: "An app", Method: MethodNone, Redirects: []string{"https://app.example/cb"},
		Grants: []string{"authorization_code", "refresh_token"}, Scopes: []string{"openid", "user/Patient.rs", "user/Observation.rs"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) consent(t *testing.T) *consent {
	t.Helper()
	k := &consent{world: w, user: w.ada(t), client: w.app1(t)}
	k.by = w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword, Device: "hers"}))
	k.allow(t, Yes{})
	return k
}

// allow asks and says yes.
func (k *consent) allow(t *testing.T, yes Yes) {
	t.Helper()
	asked := Asked{Redirect: "https://app.example/cb", State: "s", Challenge: "c", Audience: []string{"https://here/fhir"}}
	g, err := k.Ask(t.Context(), k.client, asked, []string{"openid", "user/Patient.rs"})
	if err != nil {
		t.Fatal(err)
	}
	k.code = NewSecret(Code, 1, time.Minute)
	yes.Scopes, yes.Claims, yes.Life = []string{"user/Patient.rs"}, map[string]any{"patient": "p1"}, 24*time.Hour
	if k.grant, err = k.Allow(t.Context(), k.by, g.ID, yes, k.code); err != nil {
		t.Fatal(err)
	}
}

func free(Grant) error { return nil }

// spent shows a secret and gets a refresh token.
func (k *consent) spent(t *testing.T, s Secret) Secret {
	t.Helper()
	next := NewSecret(Refresh, 1, time.Hour)
	if _, err := k.Spend(t.Context(), s.Kind, s.Text, free, next); err != nil {
		t.Fatal(err)
	}
	return next
}

// stands checks whether the grant does.
func (k *consent) stands(t *testing.T, when string, want bool) {
	t.Helper()
	got, err := k.Acting(t.Context(), 1, k.grant.ID)
	if err == nil && (got.Subject != k.grant.Subject || got.Tenant != 1 || got.Client != "client/"+k.client.ID || got.Grant != "") {
		t.Errorf("%s: %+v", when, got)
	}
	if want && err != nil || !want && !fault.Is(err, fault.Unauthorized) {
		t.Errorf("%s: the grant stands, want %v (%v)", when, want, err)
	}
}

func TestACodeBecomesTokensThatRotate(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k := w.consent(t)
		k.stands(t, "given", true)
		next := NewSecret(Refresh, 1, time.Hour)
		g, err := k.Spend(t.Context(), Code, k.code.Text, free, next)
		if err != nil || g.Subject != "user/"+k.user.ID || !slices.Equal(g.Scopes, []string{"user/Patient.rs"}) || g.Claims["patient"] != "p1" || g.Asked.Challenge != "c" ||
			g.Session != k.by.Grant || g.Client != k.client.ID {
			t.Errorf("%+v %v", g, err)
		}
		for range 3 {
			if found, err := k.Find(t.Context(), Refresh, next.Text); err != nil || found.ID != g.ID {
				t.Fatal(found, err)
			}
			next = k.spent(t, next)
		}
		k.stands(t, "after three rotations", true)
		var said []string
		for e, err := range audit.Read(t.Context(), w.d, 1, audit.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Things[0].Type == "Grant" {
				said = append(said, e.Action+" "+e.Subject+" "+e.Client)
			}
		}
		user, client := " user/"+k.user.ID, " client/"+k.client.ID
		if want := []string{"grant" + user + client, "spend-code" + user + client, "spend-refresh" + user + client, "spend-refresh" + user + client, "spend-refresh" + user + client}; !slices.Equal(said, want) {
			t.Errorf("%q", said)
		}
	})
}

// TestWhatIsShownTwiceEndsAll replays a code and a refresh token from long before.
func TestWhatIsShownTwiceEndsAll(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k := w.consent(t)
		for name, replay := range map[string]func() Secret{
			"a code":          func() Secret { return k.code },
			"a refresh token": func() Secret { return k.spent(t, k.code) },
		} {
			k.allow(t, Yes{Alone: true})
			old := replay()
			last := k.spent(t, k.spent(t, old))
			k.stands(t, name, true)
			if _, err := k.Find(t.Context(), old.Kind, old.Text); !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", name, err)
			}
			next := NewSecret(Refresh, 1, time.Hour)
			for range 2 {
				if _, err := k.Spend(t.Context(), old.Kind, old.Text, free, next); !fault.Is(err, fault.Unauthorized) {
					t.Errorf("%s: %v", name, err)
				}
			}
			k.stands(t, name+" again", false)
			for _, s := range []Secret{last, next} {
				if _, err := k.Spend(t.Context(), Refresh, s.Text, free); !fault.Is(err, fault.Unauthorized) {
					t.Errorf("%s: what came of it: %v", name, err)
				}
			}
		}
		ends := 0
		for e, err := range audit.Read(t.Context(), w.d, 1, audit.Filter{}) {
			if err == nil && e.Outcome == audit.Refused && strings.HasPrefix(e.Detail, "used again") {
				ends++
			}
		}
		if ends != 2 {
			t.Errorf("%d ends are on record", ends)
		}
	})
}

// TestOneOfManyWins lets 16 show one code, one refresh token and one assertion at the same time.
func TestOneOfManyWins(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k := w.consent(t)
		refresh := k.spent(t, k.code)
		k.allow(t, Yes{})
		for name, s := range map[string]Secret{"code": k.code, "refresh token": refresh} {
			if n := race(t, fault.Unauthorized, func() error {
				_, err := k.Spend(t.Context(), s.Kind, s.Text, free, NewSecret(Refresh, 1, time.Hour))
				return err
			}); n != 1 {
				t.Errorf("%d of 16 had the %s", n, name)
			}
		}
		if n := race(t, fault.Conflict, func() error { return k.Seen(t.Context(), k.client, "jti", w.now.Add(time.Minute)) }); n != 1 {
			t.Errorf("%d of 16 showed the assertion", n)
		}
		g, err := k.Ask(t.Context(), k.client, Asked{}, []string{"openid"})
		if err != nil {
			t.Fatal(err)
		}
		if n := race(t, fault.Conflict, func() error {
			_, err := k.Allow(t.Context(), k.by, g.ID, Yes{Scopes: []string{"openid"}, Life: time.Hour}, NewSecret(Code, 1, time.Minute))
			return err
		}); n != 1 {
			t.Errorf("%d of 16 answered the request", n)
		}
	})
}

// race counts who of 16 does it; the others must fail by that kind.
func race(t *testing.T, kind fault.Kind, do func() error) int {
	t.Helper()
	var all sync.WaitGroup
	won := make(chan struct{}, 16)
	for range 16 {
		all.Go(func() {
			if err := do(); err == nil {
				won <- struct{}{}
			} else if !fault.Is(err, kind) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return len(won)
}

func TestAGrantEndsWithWhatItHangsOn(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k := w.consent(t)
		ctx := t.Context()
		for _, c := range []struct {
			name  string
			end   func() error
			alone bool // a grant without session ends too
		}{
			{"its own end", func() error { return k.End(ctx, k.by, k.grant.ID) }, true},
			{"the client's end of it", func() error { return k.End(ctx, k.client.principal(), k.grant.ID) }, true},
			{"the session's", func() error { return k.EndSession(ctx, k.by, k.by.Grant) }, false},
			{"another password", func() error { return failed(k.ResetPassword(ctx, admin, k.user.ID)) }, true},
			{"the user's", func() error { return k.SetActive(ctx, admin, k.user.ID, false) }, true},
			{"the tenant's", func() error { return k.SetTenantActive(ctx, admin, 1, false) }, true},
			{"its time", func() error { w.now = w.now.Add(24 * time.Hour); return nil }, true},
			{"the client's", func() error { return k.EndClient(ctx, admin, k.client.ID) }, true},
		} {
			for _, alone := range []bool{false, true} {
				k.allow(t, Yes{Alone: alone})
				refresh := k.spent(t, k.code)
				if err := c.end(); err != nil {
					t.Fatal(c.name, err)
				}
				k.stands(t, c.name, alone && !c.alone)
				if _, err := k.Spend(ctx, Refresh, refresh.Text, free); fault.Is(err, fault.Unauthorized) == (alone && !c.alone) {
					t.Errorf("%s, alone %v: %v", c.name, alone, err)
				}
				k.again(t)
			}
		}
	})
}

// again brings back what a story has ended.
func (k *consent) again(t *testing.T) {
	t.Helper()
	for _, err := range []error{k.SetTenantActive(t.Context(), admin, 1, true), k.SetActive(t.Context(), admin, k.user.ID, true)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	once, err := k.ResetPassword(t.Context(), admin, k.user.ID)
	if err != nil {
		t.Fatal(err)
	}
	s := k.in(t, Try{Login: "ada", Password: once, Device: "hers"})
	if err := k.ChangePassword(t.Context(), k.principal(t, s), once, "a horse for "+once); err != nil {
		t.Fatal(err)
	}
	k.by = k.principal(t, s)
	if _, err := k.Client(t.Context(), k.client.ID); err != nil {
		k.client = k.app1(t)
	}
}

func TestChangingThePasswordEndsTheOtherGrants(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k := w.consent(t)
		here := k.grant
		k.allow(t, Yes{Alone: true})
		if err := k.ChangePassword(t.Context(), k.by, adasPassword, "another horse battery"); err != nil {
			t.Fatal(err)
		}
		k.stands(t, "one that goes on without a session", false)
		k.grant = here
		k.stands(t, "one of the session at hand", true)
	})
}

// TestWhoFailsTheCheckLeavesTheSecret: a wrong verifier does not spend a code, but the third ends the grant.
func TestWhoFailsTheCheckLeavesTheSecret(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k := w.consent(t)
		wrong := func(Grant) error { return fault.New(fault.Invalid, "the verifier is wrong") }
		next := NewSecret(Refresh, 1, time.Hour)
		for range 2 {
			if _, err := k.Spend(t.Context(), Code, k.code.Text, wrong, next); !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
		}
		if _, err := k.Find(t.Context(), Refresh, next.Text); !fault.Is(err, fault.Unauthorized) {
			t.Error("something was issued:", err)
		}
		k.spent(t, k.code)
		k.allow(t, Yes{})
		for range 3 {
			k.stands(t, "before the third", true)
			if _, err := k.Spend(t.Context(), Code, k.code.Text, wrong); !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
		}
		k.stands(t, "after the third", false)
		if _, err := k.Spend(t.Context(), Code, k.code.Text, free); !fault.Is(err, fault.Unauthorized) {
			t.Error(err)
		}
	})
}

func TestWhatSpendsNothing(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k := w.consent(t)
		text := k.code.Text
		asked, err := k.Ask(t.Context(), k.client, Asked{}, []string{"openid"}, NewSecret(Device, 1, time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		device := NewSecret(Device, 1, time.Minute)
		if err := w.d.Write(t.Context(), func(tx db.Tx) error { return k.issue(t.Context(), tx, asked, []Secret{device}) }); err != nil {
			t.Fatal(err)
		}
		if g, err := k.Find(t.Context(), Device, device.Text); err != nil || !g.Given.IsZero() {
			t.Error("a request that waits can be looked at:", g, err)
		}
		for name, show := range map[string]Secret{
			"nothing": {Code, "", 0}, "another text": {Code, text + "x", 0}, "of another tenant": {Code, strings.Replace(text, "_1.", "_2.", 1), 0},
			"of no tenant": {Code, strings.Replace(text, "_1.", "_zz.", 1), 0}, "another kind": {Refresh, text, 0}, "dressed up": {Refresh, strings.Replace(text, "fcode", "frefresh", 1), 0},
			"not given yet": device,
		} {
			if _, err := k.Spend(t.Context(), show.Kind, show.Text, free); !fault.Is(err, fault.Unauthorized) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.now = w.now.Add(time.Minute)
		if _, err := k.Spend(t.Context(), Code, text, free); !fault.Is(err, fault.Unauthorized) {
			t.Error("too late:", err)
		}
		k.stands(t, "all that", true)
		err = w.d.Query(t.Context(), db.Same(`SELECT max(tenant) FROM vault_key`), nil, func(r db.Row) error {
			if r.Int32(0) > 1 {
				t.Errorf("keys were made for tenant %d", r.Int32(0))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestWhoEndsAndGivesWhat(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k := w.consent(t)
		ctx := t.Context()
		w.user(t, NewUser{Login: "bob"})
		bob := w.principal(t, w.in(t, Try{Login: "bob", Password: adasPassword}))
		other := w.app1(t)
		stranger := k.by
		stranger.Tenant = 2
		asked, err := k.Ask(ctx, k.client, Asked{}, []string{"openid"})
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			err  error
			kind fault.Kind
		}{
			"another user":      {k.End(ctx, bob, k.grant.ID), fault.Forbidden},
			"another client":    {k.End(ctx, other.principal(), k.grant.ID), fault.Forbidden},
			"through the app":   {k.End(ctx, access.Principal{Tenant: 1, Subject: bob.Subject, Client: "client/" + k.client.ID}, k.grant.ID), fault.Forbidden},
			"another tenant":    {k.End(ctx, stranger, k.grant.ID), fault.Unknown},
			"a client says yes": {failed(k.Allow(ctx, k.client.principal(), asked.ID, Yes{Life: time.Hour})), fault.Forbidden},
			"Ficus says yes":    {failed(k.Allow(ctx, admin, asked.ID, Yes{Life: time.Hour})), fault.Forbidden},
			"more than asked":   {failed(k.Allow(ctx, k.by, asked.ID, Yes{Scopes: []string{"user/Patient.rs"}, Life: time.Hour})), fault.Invalid},
			"yes elsewhere":     {failed(k.Allow(ctx, stranger, asked.ID, Yes{Life: time.Hour})), fault.Unknown},
			"yes twice":         {failed(k.Allow(ctx, bob, k.grant.ID, Yes{Life: time.Hour})), fault.Conflict},
			"a client asks no":  {k.End(ctx, other.principal(), asked.ID), fault.Forbidden},
		} {
			if !fault.Is(c.err, c.kind) {
				t.Errorf("%s: %v", name, c.err)
			}
		}
		if all, err := k.Grants(ctx, 1, k.by.Subject); err != nil || len(all) != 1 || all[0].ID != k.grant.ID {
			t.Errorf("%+v %v", all, err)
		}
		if err := k.End(ctx, bob, asked.ID); err != nil {
			t.Error("a user says no:", err)
		}
		if _, err := k.Allow(ctx, k.by, asked.ID, Yes{Scopes: []string{"openid"}, Life: time.Hour}); !fault.Is(err, fault.Conflict) {
			t.Error("yes after no:", err)
		}
		if err := k.End(ctx, admin, k.grant.ID); err != nil {
			t.Error(err)
		}
		if _, err := k.Grant(ctx, 1, k.grant.ID); !fault.Is(err, fault.Unknown) {
			t.Error(err)
		}
	})
}

func TestClients(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		c, secret, err := w.Register(ctx, admin, Client{Name: "nightly", Method: MethodBasic, Grants: []string{"client_credentials"}, Scopes: []string{"system/*.rs"}})
		if err != nil || !strings.HasPrefix(c.ID, "1.") || !c.Knows(secret) || c.Knows("") || c.Knows(secret+"x") {
			t.Fatalf("%+v %v", c, err)
		}
		found, err := w.Client(ctx, c.ID)
		if err != nil || found.Name != "nightly" || !found.Knows(secret) || !found.May("client_credentials") || found.May("authorization_code") || !found.Created.Equal(start) {
			t.Errorf("%+v %v", found, err)
		}
		if public := w.app1(t); public.Knows("") || public.Knows("x") {
			t.Error("a client without a secret knows one")
		}
		g, err := w.Own(ctx, c, []string{"system/*.rs"}, time.Hour)
		if p, failed := w.Acting(ctx, 1, g.ID); err != nil || failed != nil || p.Subject != "client/"+c.ID || g.Subject != p.Subject {
			t.Errorf("%+v %+v %v %v", g, p, err, failed)
		}
		for _, id := range []string{"", c.ID + "x", strings.Replace(c.ID, "1.", "2.", 1), strings.TrimPrefix(c.ID, "1."), "zzzzzzzzzzzzzzz." + c.ID} {
			if _, err := w.Client(ctx, id); !fault.Is(err, fault.Unknown) {
				t.Errorf("%q: %v", id, err)
			}
		}
		if all, err := w.Clients(ctx, 1); err != nil || len(all) != 2 {
			t.Error(all, err)
		}
		if err := w.EndClient(ctx, admin, c.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Acting(ctx, 1, g.ID); !fault.Is(err, fault.Unauthorized) {
			t.Error(err)
		}
		if _, err := w.Client(ctx, c.ID); !fault.Is(err, fault.Unknown) {
			t.Error(err)
		}
		for name, x := range map[string]struct {
			by   access.Principal
			c    Client
			kind fault.Kind
		}{
			"by a client":      {c.principal(), Client{Name: "x", Method: MethodNone}, fault.Forbidden},
			"without name":     {admin, Client{Method: MethodNone, Scopes: []string{"openid"}}, fault.Invalid},
			"method":           {admin, Client{Name: "x", Method: "guess", Scopes: []string{"openid"}}, fault.Invalid},
			"keys are missing": {admin, Client{Name: "x", Method: MethodJWT, Scopes: []string{"openid"}}, fault.Invalid},
			"scopes":           {admin, Client{Name: "x", Method: MethodNone, Scopes: []string{"everything"}}, fault.Invalid},
			"a space":          {admin, Client{Name: "x", Method: MethodNone, Scopes: []string{"openid"}, Redirects: []string{"https://a b"}}, fault.Invalid},
			"no tenant":        {access.Inside(9, "x"), Client{Name: "x", Method: MethodNone, Scopes: []string{"openid"}}, fault.Unknown},
		} {
			if _, _, err := w.Register(ctx, x.by, x.c); !fault.Is(err, x.kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestPruningTakesWhatIsOver and nothing that counts.
func TestPruningTakesWhatIsOver(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k := w.consent(t)
		k.spent(t, k.code)
		if err := w.Seen(t.Context(), k.client, "jti", start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SignIn(t.Context(), 1, Try{Login: "nobody", Password: "x"}); !fault.Is(err, fault.Unauthorized) {
			t.Fatal(err)
		}
		counts := func() string {
			text := ""
			for _, table := range []string{"grant", "secret", "assertion", "session", "attempt"} {
				if err := w.d.Query(t.Context(), db.Same(`SELECT count(*) FROM accounts_`+table), nil, func(r db.Row) error {
					text += fmt.Sprint(table, " ", r.Int64(0), ", ")
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			}
			return text
		}
		for _, step := range []struct {
			after time.Duration
			want  string
		}{
			{0, "grant 1, secret 2, assertion 1, session 2, attempt 6, "}, {24*time.Hour + 2*time.Minute, "grant 1, secret 1, assertion 0, session 0, attempt 4, "},
			{50 * time.Hour, "grant 0, secret 0, assertion 0, session 0, attempt 4, "}, {knownTime + time.Hour, "grant 0, secret 0, assertion 0, session 0, attempt 0, "},
		} {
			w.now = start.Add(step.after)
			if err := w.Prune(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := counts(); got != step.want {
				t.Errorf("after %v: %s, want %s", step.after, got, step.want)
			}
		}
	})
}
