package accounts

import (
	"fmt"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

func TestAPasswordThatWasGivenOutMustBeChanged(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.ada(t)
		before := w.in(t, Try{Login: "ada", Password: adasPassword})
		once, err := w.ResetPassword(t.Context(), admin, u.ID)
		if err != nil || len(once) != 19 {
			t.Fatal(once, err)
		}
		w.out(t, "from before", before.Text)
		if _, err := w.SignIn(t.Context(), 1, Try{Login: "ada", Password: adasPassword}); !fault.Is(err, fault.Unauthorized) {
			t.Error("the old one:", err)
		}
		s := w.in(t, Try{Login: "ada", Password: once})
		p := w.principal(t, s)
		if !s.MustChange || p.Roles.Cover(access.NewRoles(access.Permission{Resource: "Patient", Action: access.Writing})) {
			t.Errorf("%+v %+v", s, p)
		}
		if _, err := w.AddUser(t.Context(), p, NewUser{Login: "x"}); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
		c := w.app1(t)
		g, err := w.Ask(t.Context(), c, Asked{}, []string{"openid"})
		if err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"allows an app": failed(w.Allow(t.Context(), p, g.ID, Yes{Scopes: []string{"openid"}, Life: time.Hour})),
			"adds a factor": third(w.AddTOTP(t.Context(), p, "x")), "takes codes": failed(w.NewRecoveryCodes(t.Context(), p)),
		} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		other := w.in(t, Try{Login: "ada", Password: once})
		if err := w.ChangePassword(t.Context(), p, once, "another horse battery"); err != nil {
			t.Fatal(err)
		}
		w.out(t, "another session", other.Text)
		if _, err := w.AddUser(t.Context(), w.principal(t, s), NewUser{Login: "x"}); err != nil {
			t.Error(err)
		}
		if s := w.in(t, Try{Login: "ada", Password: "another horse battery"}); s.MustChange {
			t.Error("it must be changed again")
		}
	})
}

func TestAPasswordThatWasGivenOutIsGoodForAWeek(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.ada(t)
		once, err := w.ResetPassword(t.Context(), admin, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		w.now = start.Add(onceLife)
		w.in(t, Try{Login: "ada", Password: once})
		w.now = w.now.Add(time.Second)
		if _, err := w.SignIn(t.Context(), 1, Try{Login: "ada", Password: once}); !fault.Is(err, fault.Unauthorized) {
			t.Error(err)
		}
	})
}

func TestWhatPasswordsCannotBeTaken(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		p := w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword}))
		change := func(old, fresh string, kind fault.Kind) {
			t.Helper()
			w.now = w.now.Add(time.Minute)
			if err := w.ChangePassword(t.Context(), p, old, fresh); !fault.Is(err, kind) {
				t.Errorf("%v", err)
			}
		}
		change("wrong", "another horse battery", fault.Invalid)
		change(adasPassword, adasPassword, fault.Invalid)
		change(adasPassword, "short", fault.Invalid)
		const first = "a horse of her own"
		if err := w.ChangePassword(t.Context(), p, adasPassword, first); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
		last := first
		for n := range 6 {
			next := fmt.Sprint("another horse battery ", n)
			if err := w.ChangePassword(t.Context(), p, last, next); err != nil {
				t.Fatal(err)
			}
			last = next
			w.now = w.now.Add(time.Minute)
			if n < 5 {
				change(last, first, fault.Invalid)
			}
		}
		if err := w.ChangePassword(t.Context(), p, last, first); err != nil {
			t.Error("the seventh from the end:", err)
		}
		for _, by := range []access.Principal{admin, {Tenant: 1, Subject: "client/x", Client: p.Client, Grant: "g"}, {Tenant: 1, Subject: p.Subject, Client: "token/x", Grant: "g"}} {
			if err := w.ChangePassword(t.Context(), by, first, "another horse battery"); !fault.Is(err, fault.Forbidden) {
				t.Error(err)
			}
		}
	})
}

func TestGuessingTheCurrentPasswordIsLimited(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		p := w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword}))
		for range 5 {
			if err := w.ChangePassword(t.Context(), p, "wrong", "another horse battery"); !fault.Is(err, fault.Invalid) {
				t.Fatal(err)
			}
		}
		if err := w.ChangePassword(t.Context(), p, adasPassword, "another horse battery"); !fault.Is(err, fault.TooMany) {
			t.Error(err)
		}
	})
}
