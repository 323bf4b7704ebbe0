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
	"github.com/ficushealth/ficus/fault"
)

const adasPassword = "correct horse battery"

// ada is a user with a password of her own and the role of the first user.
func (w *world) ada(t *testing.T) User {
	t.Helper()
	return w.user(t, NewUser{Login: "ada", Name: "Ada", Email: "Ada@example.org"}, access.Permission{Resource: "*", Action: access.Writing, Reach: access.All})
}

// user is one with adasPassword and a role of these permissions.
func (w *world) user(t *testing.T, n NewUser, list ...access.Permission) User {
	t.Helper()
	u, err := w.AddUser(t.Context(), admin, n)
	if err != nil {
		t.Fatal(err)
	}
	first, err := w.ResetPassword(t.Context(), admin, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	p := w.principal(t, w.in(t, Try{Login: n.Login, Password: first, Device: "first"}))
	if err := w.ChangePassword(t.Context(), p, first, adasPassword); err != nil {
		t.Fatal(err)
	}
	if err := w.AddRole(t.Context(), admin, "of "+n.Login); err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if err := w.Permit(t.Context(), admin, "of "+n.Login, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Give(t.Context(), admin, "of "+n.Login, u.ID); err != nil {
		t.Fatal(err)
	}
	return u
}

// in signs in.
func (w *world) in(t *testing.T, try Try) Signed {
	t.Helper()
	s, err := w.SignIn(t.Context(), 1, try)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// principal is who signed in.
func (w *world) principal(t *testing.T, s Signed) access.Principal {
	t.Helper()
	p, _, err := w.Session(t.Context(), s.Text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// told lists what the audit says of sign-ins: outcome and subject.
func (w *world) told(t *testing.T) (list []string) {
	t.Helper()
	for e, err := range audit.Read(t.Context(), w.d, 1, audit.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Action == "signin" {
			list = append(list, e.Outcome+" "+e.Subject)
		}
	}
	return list
}

func TestAUserSignsInByLoginOrAddress(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.ada(t)
		for _, login := range []string{"ada", "ada@example.org", "ADA@example.org"} {
			s := w.in(t, Try{Login: login, Password: adasPassword, Address: "192.0.2.1", Agent: "Browser"})
			p := w.principal(t, s)
			if s.MustChange || s.Ticket != "" || p.Subject != "user/"+u.ID || p.Name != "ada" || p.Tenant != 1 || p.Grant != s.Session || p.System {
				t.Errorf("%s: %+v %+v", login, s, p)
			}
			if !p.Roles.Allow(access.Permission{Resource: "accounts", Action: access.Writing, Reach: access.All}) || p.Check(access.Read, "Patient") == nil {
				t.Errorf("%s: rights %+v", login, p)
			}
		}
		if got := w.told(t); len(got) != 4 || got[3] != "success user/"+u.ID {
			t.Error(got)
		}
		all, err := w.Sessions(t.Context(), 1, u.ID)
		if err != nil || len(all) != 4 || all[3].Address != "192.0.2.1" || all[3].Agent != "Browser" || !slices.Equal(all[3].Factors, []string{"pwd"}) {
			t.Errorf("%+v %v", all, err)
		}
	})
}

func TestEveryWrongSignInLooksAlike(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.ada(t)
		off := w.user(t, NewUser{Login: "off"})
		if err := w.SetActive(t.Context(), admin, off.ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := w.AddUser(t.Context(), admin, NewUser{Login: "new"}); err != nil {
			t.Fatal(err)
		}
		before := len(w.told(t))
		texts := map[string]bool{}
		for _, try := range []Try{
			{Login: "ada", Password: "wrong"}, {Login: "ada", Password: ""}, {Login: "nobody", Password: adasPassword}, {Login: "off", Password: adasPassword},
			{Login: "new", Password: ""}, {Login: "", Password: ""}, {Login: "Ada", Password: adasPassword}, {Login: strings.Repeat("x", 9000), Password: "\xff"},
		} {
			s, err := w.SignIn(t.Context(), 1, try)
			if !fault.Is(err, fault.Unauthorized) || s != (Signed{}) {
				t.Errorf("%.20q: %+v %v", try.Login, s, err)
			}
			texts[fmt.Sprint(err)] = true
		}
		if _, err := w.SignIn(t.Context(), 2, Try{Login: "ada", Password: adasPassword}); !fault.Is(err, fault.Unauthorized) {
			t.Error("in a tenant that is not there:", err)
		}
		if len(texts) != 1 || !texts["Invalid email or password"] {
			t.Error(texts)
		}
		if got := w.told(t)[before:]; len(got) != 8 || got[0] != "refused user/"+u.ID || got[2] != "refused " {
			t.Errorf("the audit says %q", got)
		}
	})
}

func TestWhoFailsHasToWait(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		wrong, right := Try{Login: "ada", Password: "wrong", Device: "d"}, Try{Login: "ada", Password: adasPassword, Device: "d"}
		for n := range 5 {
			if _, err := w.SignIn(t.Context(), 1, wrong); !fault.Is(err, fault.Unauthorized) {
				t.Fatal(n, err)
			}
		}
		for _, wait := range []time.Duration{1, 2, 4, 8} {
			w.now = w.now.Add(wait*time.Second - time.Millisecond)
			if _, err := w.SignIn(t.Context(), 1, right); !fault.Is(err, fault.TooMany) || !strings.Contains(err.Error(), "again in 1 seconds") {
				t.Fatal(wait, err)
			}
			w.now = w.now.Add(time.Millisecond)
			if _, err := w.SignIn(t.Context(), 1, wrong); !fault.Is(err, fault.Unauthorized) {
				t.Fatal(wait, err)
			}
		}
		w.now = w.now.Add(16 * time.Second)
		w.in(t, right)
		if _, err := w.SignIn(t.Context(), 1, wrong); !fault.Is(err, fault.Unauthorized) {
			t.Error("after a success the count begins anew:", err)
		}
		w.in(t, right)
	})
}

func TestAWaitIsOnRecord(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		for range 7 {
			w.SignIn(t.Context(), 1, Try{Login: "ada", Password: "wrong", Device: "d"}) //nolint:errcheck // two come too early
		}
		var got []string
		for e, err := range audit.Read(t.Context(), w.d, 1, audit.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if e.Outcome == audit.Refused {
				got = append(got, e.Detail)
			}
		}
		if !slices.Equal(got, []string{"", "", "", "", "the next attempt has to wait 1s"}) {
			t.Errorf("%q", got)
		}
	})
}

func TestALimitGrowsToItsEnd(t *testing.T) {
	for failed, want := range map[int]time.Duration{1: 0, 4: 0, 5: time.Second, 6: 2 * time.Second, 14: 512 * time.Second, 15: 15 * time.Minute, 1000: 15 * time.Minute} {
		if got := hard.after(failed); got != want {
			t.Errorf("%d: %v, want %v", failed, got, want)
		}
	}
}

// TestNobodyIsLockedOutOfTheirOwnDevice guesses from ever new devices: that is slowed down, and the user is not.
func TestNobodyIsLockedOutOfTheirOwnDevice(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		w.in(t, Try{Login: "ada", Password: adasPassword, Device: "hers"})
		late := 0
		for n := range 40 {
			_, err := w.SignIn(t.Context(), 1, Try{Login: "ada", Password: "wrong", Device: fmt.Sprint("guess ", n)})
			if fault.Is(err, fault.TooMany) {
				late++
			}
		}
		if late != 19 {
			t.Errorf("%d of 40 guesses were too early", late)
		}
		if _, err := w.SignIn(t.Context(), 1, Try{Login: "ada", Password: adasPassword, Device: "a new one"}); !fault.Is(err, fault.TooMany) {
			t.Error("from a new device:", err)
		}
		w.in(t, Try{Login: "ada", Password: adasPassword, Device: "hers"})
	})
}

// TestGuessesAtTheSameTimeAreCounted: of many at once no more are looked at than of those in turn.
func TestGuessesAtTheSameTimeAreCounted(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		var all sync.WaitGroup
		looked := make(chan struct{}, 32)
		for range 32 {
			all.Go(func() {
				_, err := w.SignIn(t.Context(), 1, Try{Login: "ada", Password: "wrong", Device: "d"})
				if fault.Is(err, fault.Unauthorized) {
					looked <- struct{}{}
				} else if !fault.Is(err, fault.TooMany) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(looked) != hard.free+1 {
			t.Errorf("%d were looked at", len(looked))
		}
	})
}

func TestAHashIsMadeAnewWhenItsCostChanges(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.ada(t)
		o := w.options(t)
		o.Cost.Passes = 2
		w.Accounts = New(w.d, w.log, o)
		for range 2 {
			w.in(t, Try{Login: "ada", Password: adasPassword})
			p, err := w.person(t.Context(), 1, "ada")
			if err != nil || p.id != u.ID || !strings.HasPrefix(p.hash, "$argon2id$v=19$m=64,t=2,p=1$") {
				t.Errorf("%+v %v", p, err)
			}
		}
	})
}

// TestTimingOfUnknownLogins compares how long a wrong password and an unknown login take, in turns.
func TestTimingOfUnknownLogins(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		o := w.options(t)
		o.Cost = Cost{Memory: 8 << 10, Passes: 2, Lanes: 1}
		w.Accounts = New(w.d, w.log, o)
		if _, err := w.SignIn(t.Context(), 1, Try{Login: "ada", Password: adasPassword}); err != nil { // at the new cost from now on
			t.Fatal(err)
		}
		var known, unknown time.Duration
		for range 4 { // something else on the machine may disturb one measurement, or two; a difference would be in all
			known, unknown = w.timesOfWrong(t)
			if ratio := float64(unknown) / float64(known); ratio >= 0.7 && ratio <= 1.4 {
				return
			}
		}
		t.Errorf("a known login takes %v, an unknown one %v", known, unknown)
	})
}

// timesOfWrong are the medians of how long it takes to refuse a wrong password of one who is known, and of one who is not.
func (w *world) timesOfWrong(t *testing.T) (known, unknown time.Duration) {
	t.Helper()
	took := map[string][]time.Duration{}
	for n := range 40 {
		both := []string{"ada", "nobody"}
		if n%2 == 1 { // the collector of garbage comes at regular times
			slices.Reverse(both)
		}
		for _, login := range both {
			w.now = w.now.Add(time.Hour)
			begun := time.Now()
			if _, err := w.SignIn(t.Context(), 1, Try{Login: login, Password: "wrong", Device: fmt.Sprint(n)}); !fault.Is(err, fault.Unauthorized) {
				t.Fatal(err)
			}
			took[login] = append(took[login], time.Since(begun))
		}
	}
	return median(took["ada"]), median(took["nobody"])
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}
