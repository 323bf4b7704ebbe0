package accounts

import (
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// out checks that a session does not let anybody in.
func (w *world) out(t *testing.T, when, text string) {
	t.Helper()
	if p, _, err := w.Session(t.Context(), text); !fault.Is(err, fault.Unauthorized) || p.Tenant != 0 {
		t.Errorf("%s: %+v %v", when, p, err)
	}
}

func TestASessionEnds(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u := w.ada(t)
		sign := func() Signed { return w.in(t, Try{Login: "ada", Password: adasPassword}) }
		idle := sign()
		w.now = start.Add(idleTime)
		w.out(t, "not used", idle.Text)

		long := sign()
		for since := time.Duration(0); since < sessionTime; since += 20 * time.Minute {
			w.principal(t, long)
			w.now = w.now.Add(20 * time.Minute)
		}
		w.out(t, "used for half a day", long.Text)

		ended := sign()
		p := w.principal(t, ended)
		if err := w.EndSession(t.Context(), p, ended.Session); err != nil {
			t.Fatal(err)
		}
		w.out(t, "ended", ended.Text)
		if err := w.EndSession(t.Context(), p, ended.Session); !fault.Is(err, fault.Unknown) {
			t.Error("twice:", err)
		}

		follows := sign()
		if err := w.SetActive(t.Context(), admin, u.ID, false); err != nil {
			t.Fatal(err)
		}
		w.out(t, "the user is not active", follows.Text)
		if err := w.SetActive(t.Context(), admin, u.ID, true); err != nil {
			t.Fatal(err)
		}
		if err := w.SetTenantActive(t.Context(), admin, 1, false); err != nil {
			t.Fatal(err)
		}
		w.out(t, "the tenant is not active", follows.Text)
	})
}

func TestWhatIsNoSession(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		s := w.in(t, Try{Login: "ada", Password: adasPassword})
		w.principal(t, s)
		for _, text := range []string{
			"", SessionPrefix, s.Text + "x", s.Text[1:], strings.Replace(s.Text, "_1.", "_2.", 1), strings.Replace(s.Text, "_1.", "_0.", 1),
			strings.Replace(s.Text, "_1.", "_-1.", 1), strings.Replace(s.Text, "_1.", "_01.", 1), SessionPrefix + strings.Repeat("z", 300),
		} {
			w.out(t, text, text)
		}
		err := w.d.Query(t.Context(), db.Same(`SELECT id, hash FROM accounts_session`), nil, func(r db.Row) error {
			if strings.Contains(s.Text, r.Text(0)) || strings.Contains(s.Text, string(r.Bytes(1))) {
				t.Error("the text is stored")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestWhoEndsWhoseSessions(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		w.user(t, NewUser{Login: "bob"}, access.Permission{Resource: "Patient", Action: access.Reading, Reach: access.Own})
		ada, bob := w.in(t, Try{Login: "ada", Password: adasPassword}), w.in(t, Try{Login: "bob", Password: adasPassword})
		if err := w.EndSession(t.Context(), w.principal(t, bob), ada.Session); !fault.Is(err, fault.Forbidden) {
			t.Error(err)
		}
		stranger := w.principal(t, ada)
		stranger.Tenant = 2
		if err := w.EndSession(t.Context(), stranger, bob.Session); !fault.Is(err, fault.Unknown) {
			t.Error("of another tenant:", err)
		}
		if err := w.EndSession(t.Context(), w.principal(t, ada), bob.Session); err != nil {
			t.Error(err)
		}
		w.out(t, "ended by an administrator", bob.Text)
	})
}

// TestASessionThatIsRenewedHasOneText, and the same id, so that what was granted in it stays. It is not on record as ended.
func TestASessionThatIsRenewedHasOneText(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		w.ada(t)
		s, other := w.in(t, Try{Login: "ada", Password: adasPassword}), w.in(t, Try{Login: "ada", Password: adasPassword})
		p := w.principal(t, s)
		fresh, err := w.RenewSession(t.Context(), p, s.Text, "otp")
		if err != nil {
			t.Fatal(err)
		}
		w.out(t, "the old text", s.Text)
		q, now, err := w.Session(t.Context(), fresh)
		if err != nil || q.Grant != s.Session || strings.Join(now.Factors, " ") != "pwd otp" {
			t.Errorf("%+v %+v %v", q, now, err)
		}
		for name, text := range map[string]string{"the old text": s.Text, "another session": other.Text, "nothing": ""} {
			if _, err := w.RenewSession(t.Context(), p, text); !fault.Is(err, fault.Unauthorized) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if again, err := w.RenewSession(t.Context(), p, fresh, "otp"); err != nil || again == fresh {
			t.Error(again, err)
		}
	})
}
