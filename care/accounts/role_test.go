package accounts

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

func permit(resource string, action access.Action, reach access.Reach) access.Permission {
	return access.Permission{Resource: resource, Action: action, Reach: reach}
}

func TestRolesAreGivenAndTaken(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.user(t, NewUser{Login: "ada"}, permit("Patient", access.Reading, access.Department))
		s := w.in(t, Try{Login: "ada", Password: adasPassword})
		for _, step := range []struct {
			do   func() error
			want bool // may write observations
		}{
			{func() error { return w.AddRole(t.Context(), admin, "nurse") }, false},
			{func() error {
				return w.Permit(t.Context(), admin, "nurse", permit("Observation", access.Writing, access.Own))
			}, false},
			{func() error { return w.Give(t.Context(), admin, "nurse", u.ID) }, true},
			{func() error { return w.Take(t.Context(), admin, "nurse", u.ID) }, false},
			{func() error { return w.Give(t.Context(), admin, "nurse", u.ID) }, true},
			{func() error {
				return w.Forbid(t.Context(), admin, "nurse", permit("Observation", access.Writing, access.Own))
			}, false},
		} {
			if err := step.do(); err != nil {
				t.Fatal(err)
			}
			p := w.principal(t, s)
			if got := p.Roles.Allow(permit("Observation", access.Writing, access.Own)); got != step.want {
				t.Errorf("%v, want %v", got, step.want)
			}
		}
		all, err := w.Roles(t.Context(), 1)
		if err != nil || len(all) != 2 || all[0].Name != "nurse" || !slices.Equal(all[0].Holders, []string{"ada"}) || len(all[0].Permissions) != 0 ||
			fmt.Sprint(all[1].Permissions) != "[Patient read department]" {
			t.Errorf("%+v %v", all, err)
		}
		if got := strings.Join(w.actions(t), ", "); !strings.HasSuffix(got, "create Role nurse, permit Role nurse, give Role nurse, take Role nurse, give Role nurse, forbid Role nurse") {
			t.Error(got)
		}
	})
}

// TestNobodyGivesMoreThanHeHas: who administers accounts and may else only read patients cannot come to more by any way.
func TestNobodyGivesMoreThanHeHas(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		strong := w.ada(t)
		w.user(t, NewUser{Login: "clerk"}, permit("accounts", access.Writing, access.All), permit("Patient", access.Reading, access.All))
		weak := w.user(t, NewUser{Login: "bob"})
		clerk := w.principal(t, w.in(t, Try{Login: "clerk", Password: adasPassword}))
		more, less := permit("Patient", access.Writing, access.Own), permit("Patient", access.Reading, access.Department)
		ctx := t.Context()
		if err := w.AddRole(ctx, clerk, "reader"); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"permits himself":       w.Permit(ctx, clerk, "of clerk", more),
			"permits another":       w.Permit(ctx, clerk, "reader", more),
			"permits all":           w.Permit(ctx, clerk, "reader", permit("*", access.Reading, access.All)),
			"gives a stronger role": w.Give(ctx, clerk, "of ada", weak.ID),
			"takes a stronger role": w.Take(ctx, clerk, "of ada", strong.ID),
			"weakens a stronger":    w.Forbid(ctx, clerk, "of ada", permit("*", access.Writing, access.All)),
			"resets a password":     failed(w.ResetPassword(ctx, clerk, strong.ID)),
			"switches off":          w.SetActive(ctx, clerk, strong.ID, false),
			"takes factors":         w.DropFactors(ctx, clerk, strong.ID),
			"issues a token":        third(w.Issue(ctx, clerk, Order{Name: "x", Scopes: "system/*.cruds"})),
			"makes a tenant":        failed(w.AddTenant(ctx, clerk, "mine")),
		} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, err := range map[string]error{
			"permits what he has": w.Permit(ctx, clerk, "reader", less),
			"gives what he has":   w.Give(ctx, clerk, "reader", weak.ID),
			"resets a weaker":     failed(w.ResetPassword(ctx, clerk, weak.ID)),
			"switches off weaker": w.SetActive(ctx, clerk, weak.ID, false),
			"adds a user":         failed(w.AddUser(ctx, clerk, NewUser{Login: "new"})),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func third[A, B any](_ A, _ B, err error) error { return err }

func TestWhoMayNotAdminister(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.user(t, NewUser{Login: "bob"}, permit("accounts", access.Writing, access.Organization), permit("*", access.Reading, access.All))
		bob := w.principal(t, w.in(t, Try{Login: "bob", Password: adasPassword}))
		ctx := t.Context()
		for name, err := range map[string]error{
			"user": failed(w.AddUser(ctx, bob, NewUser{Login: "x"})), "role": w.AddRole(ctx, bob, "x"), "permit": w.Permit(ctx, bob, "of bob", permit("Patient", access.Reading, access.Own)),
			"give": w.Give(ctx, bob, "of bob", u.ID), "reset": failed(w.ResetPassword(ctx, bob, u.ID)), "setting": w.Choose(ctx, bob, Integrity, Off),
		} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, c := range map[string]struct {
			err  error
			kind fault.Kind
		}{
			"a role twice":        {w.AddRole(ctx, admin, "of bob"), fault.Conflict},
			"without a name":      {w.AddRole(ctx, admin, ""), fault.Invalid},
			"no such role":        {w.Give(ctx, admin, "none", u.ID), fault.Unknown},
			"no such user":        {w.Give(ctx, admin, "of bob", "none"), fault.Conflict},
			"held already":        {w.Give(ctx, admin, "of bob", u.ID), fault.Conflict},
			"not in it":           {w.Forbid(ctx, admin, "of bob", permit("Patient", access.Reading, access.Own)), fault.Unknown},
			"of another tenant":   {w.Give(ctx, access.Inside(2, "admin"), "of bob", u.ID), fault.Unknown},
			"reset of nobody":     {failed(w.ResetPassword(ctx, admin, "none")), fault.Unknown},
			"a login like a mail": {failed(w.AddUser(ctx, admin, NewUser{Login: "a@b"})), fault.Invalid},
			"no mail":             {failed(w.AddUser(ctx, admin, NewUser{Login: "c", Email: "x"})), fault.Invalid},
		} {
			if !fault.Is(c.err, c.kind) {
				t.Errorf("%s: %v", name, c.err)
			}
		}
	})
}

func TestTheFirstUserIsMadeOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		var all sync.WaitGroup
		made := make(chan string, 8)
		for range 8 {
			all.Go(func() {
				password, err := w.FirstUser(t.Context(), admin)
				if err != nil {
					t.Error(err)
				} else if password != "" {
					made <- password
				}
			})
		}
		all.Wait()
		if len(made) != 1 {
			t.Fatalf("%d were made", len(made))
		}
		password := <-made
		s := w.in(t, Try{Login: FirstLogin, Password: password})
		if err := w.ChangePassword(t.Context(), w.principal(t, s), password, adasPassword); err != nil || !s.MustChange {
			t.Fatal(err)
		}
		p := w.principal(t, s)
		for _, want := range []access.Permission{permit("accounts", access.Writing, access.All), permit("Patient", access.Deleting, access.All), permit("*", access.Approving, access.All)} {
			if !p.Roles.Allow(want) {
				t.Errorf("may not %v", want)
			}
		}
		if got := strings.Join(w.actions(t)[:3], ", "); !strings.HasPrefix(got, "create Role administrator, create User t-") || !strings.HasSuffix(got, "give Role administrator") {
			t.Error(got)
		}
		if _, err := w.FirstUser(t.Context(), p); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
	})
}
