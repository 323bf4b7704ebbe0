package accounts

import (
	"context"
	"encoding/base32"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

func ended(t *testing.T) context.Context {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	return ctx
}

// TestCodesOfTheStandard are those of RFC 6238 appendix B for SHA-1, of which an app shows the last six digits.
func TestCodesOfTheStandard(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		now := time.Unix(at, 0)
		if got := codeAt(secret, stepOf(now)); got != want {
			t.Errorf("%d: %s, want %s", at, got, want)
		}
		for off, want := range map[time.Duration]bool{0: true, stepTime: true, 2 * stepTime: false, 10 * stepTime: false} {
			if got := matches(secret, want6(at), now.Add(off), 0) > 0; got != want {
				t.Errorf("%d, %v later: %v", at, off, got)
			}
		}
		if matches(secret, want, now, stepOf(now)) != 0 {
			t.Errorf("%d: a code whose step was taken", at)
		}
	}
}

func want6(at int64) string { return codeAt([]byte("12345678901234567890"), at/30) }

// app is an authenticator with the secret of a user.
type app struct{ secret []byte }

func (w *world) app(t *testing.T, p access.Principal) app {
	t.Helper()
	id, uri, err := w.AddTOTP(t.Context(), p, "Ficus Test")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Ficus Test:ada" || u.Query().Get("issuer") != "Ficus Test" {
		t.Fatal(uri, err)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	if err != nil {
		t.Fatal(err)
	}
	a := app{secret}
	w.in(t, Try{Login: "ada", Password: adasPassword}) // it does not count yet
	if err := w.ConfirmTOTP(t.Context(), p, id, "000000"); !fault.Is(err, fault.Invalid) {
		t.Fatal(err)
	}
	if err := w.ConfirmTOTP(t.Context(), p, id, a.code(w.now)); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Minute)
	return a
}

func (a app) code(now time.Time) string { return codeAt(a.secret, stepOf(now)) }

// ticket shows the password.
func (w *world) ticket(t *testing.T) string {
	t.Helper()
	s := w.in(t, Try{Login: "ada", Password: adasPassword, Device: "d"})
	if s.Text != "" || s.Ticket == "" {
		t.Fatalf("%+v", s)
	}
	return s.Ticket
}

func TestASecondFactor(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		a := w.app(t, w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword})))
		ticket := w.ticket(t)
		if _, err := w.Second(t.Context(), ticket, "000000", Try{}); !fault.Is(err, fault.Unauthorized) {
			t.Error(err)
		}
		s, err := w.Second(t.Context(), ticket, " "+a.code(w.now)+" ", Try{Agent: "Browser"})
		if err != nil {
			t.Fatal(err)
		}
		_, session, err := w.Session(t.Context(), s.Text)
		if err != nil || strings.Join(session.Factors, " ") != "pwd otp" || session.Agent != "Browser" {
			t.Errorf("%+v %v", session, err)
		}
		if _, err := w.Second(t.Context(), w.ticket(t), a.code(w.now), Try{}); !fault.Is(err, fault.Unauthorized) {
			t.Error("the same code again:", err)
		}
		w.now = w.now.Add(time.Minute)
		if _, err := w.Second(t.Context(), w.ticket(t), a.code(w.now), Try{}); err != nil {
			t.Error(err)
		}
	})
}

func TestATicketIsShortAndSealed(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		a := w.app(t, w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword})))
		ticket := w.ticket(t)
		for _, bad := range []string{"", "1.", ticket[:len(ticket)-2], "2" + ticket[1:], "zz" + ticket[1:], strings.ToUpper(ticket)} {
			if _, err := w.Second(t.Context(), bad, a.code(w.now), Try{}); !fault.Is(err, fault.Unauthorized) {
				t.Errorf("%.20q: %v", bad, err)
			}
		}
		w.now = w.now.Add(ticketTime + 2*time.Second)
		if _, err := w.Second(t.Context(), ticket, a.code(w.now), Try{}); !fault.Is(err, fault.Unauthorized) {
			t.Error("too late:", err)
		}
		err := w.d.Query(t.Context(), db.Same(`SELECT DISTINCT tenant FROM vault_key`), nil, func(r db.Row) error {
			if r.Int32(0) > 1 {
				t.Errorf("a ticket made keys for tenant %d", r.Int32(0))
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// TestATicketEndsWithThePassword: who had the old password cannot come in by the second factor.
func TestATicketEndsWithThePassword(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.ada(t)
		a := w.app(t, w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword})))
		reset, off := w.ticket(t), w.ticket(t)
		if err := w.SetActive(t.Context(), admin, u.ID, false); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Second(t.Context(), off, a.code(w.now), Try{}); !fault.Is(err, fault.Unauthorized) {
			t.Error("the user is not active:", err)
		}
		if err := w.SetActive(t.Context(), admin, u.ID, true); err != nil {
			t.Fatal(err)
		}
		if _, err := w.ResetPassword(t.Context(), admin, u.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Second(t.Context(), reset, a.code(w.now), Try{}); !fault.Is(err, fault.Unauthorized) {
			t.Error("the password was reset:", err)
		}
		if got := w.actions(t); !slices.Contains(got, "password User "+u.ID) {
			t.Errorf("that the password was right is not on record: %q", got)
		}
	})
}

func TestGuessingCodesIsLimited(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		a := w.app(t, w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword})))
		ticket := w.ticket(t)
		for range 5 {
			if _, err := w.Second(t.Context(), ticket, "000000", Try{}); !fault.Is(err, fault.Unauthorized) {
				t.Fatal(err)
			}
		}
		if _, err := w.Second(t.Context(), ticket, a.code(w.now), Try{}); !fault.Is(err, fault.TooMany) {
			t.Error(err)
		}
		w.now = w.now.Add(time.Second)
		if _, err := w.Second(t.Context(), ticket, a.code(w.now), Try{}); err != nil {
			t.Error(err)
		}
	})
}

// TestACodeIsGoodOnce lets 16 show it at the same time.
func TestACodeIsGoodOnce(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		p := w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword}))
		a := w.app(t, p)
		codes, err := w.NewRecoveryCodes(t.Context(), p)
		if err != nil || len(codes) != recoveryCodes {
			t.Fatal(codes, err)
		}
		for _, code := range []string{a.code(w.now), strings.ToUpper(codes[3])} {
			if n := w.racers(t, w.ticket(t), code); n != 1 {
				t.Errorf("%d of 16 won", n)
			}
		}
		if _, err := w.NewRecoveryCodes(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Hour)
		if _, err := w.Second(t.Context(), w.ticket(t), codes[4], Try{}); !fault.Is(err, fault.Unauthorized) {
			t.Error("a code from before:", err)
		}
	})
}

// racers lets 16 show a code, and counts who gets in. What is counted as failed meanwhile must not hold them back.
func (w *world) racers(t *testing.T, ticket, code string) int {
	t.Helper()
	p, err := w.ticketed(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	won := make(chan struct{}, 16)
	for range 16 {
		spend, err := w.spendCode(t.Context(), p, strings.ToLower(code))
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			_, err := w.enter(t.Context(), p, Try{}, "pwd otp", spend)
			if err == nil {
				won <- struct{}{}
			} else if !fault.Is(err, fault.Unauthorized) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return len(won)
}

func TestAnAdministratorTakesLostFactors(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.ada(t)
		p := w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword}))
		w.app(t, p)
		if all, err := w.Factors(t.Context(), 1, u.ID); err != nil || len(all) != 1 || all[0].Kind != TOTP || all[0].Confirmed.IsZero() {
			t.Errorf("%+v %v", all, err)
		}
		if err := w.DropFactors(t.Context(), access.Principal{Tenant: 1}, u.ID); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
		for _, want := range []fault.Kind{0, fault.Unknown} {
			if err := w.DropFactors(t.Context(), admin, u.ID); want == 0 && err != nil || want != 0 && !fault.Is(err, want) {
				t.Error(err)
			}
		}
		w.in(t, Try{Login: "ada", Password: adasPassword})
		if _, _, err := w.AddTOTP(t.Context(), admin, "x"); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
	})
}

// TestSomebodyRemovesHisOwnApp, and nobody else's; his recovery codes are no apps.
func TestSomebodyRemovesHisOwnApp(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.ada(t)
		ada := w.principal(t, w.in(t, Try{Login: "ada", Password: adasPassword}))
		w.app(t, ada)
		if _, err := w.NewRecoveryCodes(t.Context(), ada); err != nil {
			t.Fatal(err)
		}
		list, err := w.Factors(t.Context(), 1, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		bob := ada
		bob.Subject = "user/bob"
		for _, f := range list {
			if err := w.RemoveTOTP(t.Context(), bob, f.ID); !fault.Is(err, fault.Unknown) {
				t.Error("somebody else:", err)
			}
			if err := w.RemoveTOTP(t.Context(), ada, f.ID); (f.Kind == TOTP) != (err == nil) {
				t.Errorf("%+v: %v", f, err)
			}
		}
		if s := w.in(t, Try{Login: "ada", Password: adasPassword}); s.Ticket != "" || s.Text == "" {
			t.Error("a second factor is asked for still")
		}
		if err := w.RemoveTOTP(t.Context(), access.Inside(1, "x"), list[0].ID); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
	})
}
