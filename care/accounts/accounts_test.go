package accounts

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

var start = time.Date(2026, 11, 20, 12, 34, 56, 0, time.UTC)

// world is the book over one database, with a tenant, a clock that the story sets, and ids t-1, t-2, ...
type world struct {
	*Accounts
	d   *db.DB
	log *audit.Log
	now time.Time
	mu  sync.Mutex
	ids int
}

// options have passwords that cost little.
func (w *world) options(t *testing.T) Options {
	t.Helper()
	if err := vault.Migrate(t.Context(), w.d); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), w.d, vault.Options{Key: base64.StdEncoding.EncodeToString(make([]byte, 32))})
	if err != nil {
		t.Fatal(err)
	}
	return Options{Now: func() time.Time { return w.now }, NewID: w.newID, Vault: v, Cost: Cost{Memory: 64, Passes: 1, Lanes: 1}}
}

func (w *world) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprint("t-", w.ids)
}

var admin = access.Inside(1, "admin")

func both(t *testing.T, story func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		if err := (care.Modules{Module()}).Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if err := audit.Migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		log := audit.NewLog(d, func(int32) ([32]byte, error) { return [32]byte{1}, nil }, audit.Options{})
		t.Cleanup(log.Close)
		w := &world{d: d, log: log, now: start}
		w.Accounts = New(d, log, w.options(t))
		if err := w.EnsureTenant(t.Context(), admin, "General"); err != nil {
			t.Fatal(err)
		}
		story(t, w)
	})
}

func (w *world) lookup(t *testing.T, text string) (access.Principal, time.Time, error) {
	t.Helper()
	return w.Lookup(t.Context(), sha256.Sum256([]byte(text)))
}

// refused checks that a token does not let anybody in.
func (w *world) refused(t *testing.T, when, text string) {
	t.Helper()
	if p, _, err := w.lookup(t, text); !fault.Is(err, fault.Unauthorized) || p.Check(access.Read, "Patient") == nil {
		t.Errorf("%s: %+v, %v", when, p, err)
	}
}

// actions lists what the audit says: action, kind and id.
func (w *world) actions(t *testing.T) (list []string) {
	t.Helper()
	for e, err := range audit.Read(t.Context(), w.d, 1, audit.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e.Action+" "+e.Things[0].Type+" "+e.Things[0].ID)
	}
	return list[1:] // the first one tells of the tenant
}

func TestATokenLetsItsHolderIn(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		k, text, err := w.Issue(t.Context(), admin, Order{Name: "nightly", Scopes: "system/Patient.read openid", Life: 24 * time.Hour})
		if err != nil || !strings.HasPrefix(text, Prefix) || len(text) != len(Prefix)+43 {
			t.Fatalf("%q, %v", text, err)
		}
		p, expires, err := w.lookup(t, text)
		if err != nil || p.Tenant != 1 || p.Subject != "client/t-1" || p.Name != "nightly" || p.System || !expires.Equal(start.Add(24*time.Hour)) {
			t.Errorf("%+v until %v, %v", p, expires, err)
		}
		if p.Check(access.Read, "Patient") != nil || p.Check(access.Update, "Patient") == nil || p.Scopes.String() != "system/Patient.rs openid" {
			t.Errorf("scopes %v", p.Scopes)
		}
		w.refused(t, "another text", text+"x")
		if all, err := w.Tokens(t.Context(), 1); err != nil || len(all) != 1 || all[0].Name != "nightly" || !all[0].Created.Equal(k.Created) {
			t.Errorf("%+v, %v", all, err)
		}
		if all, err := w.Tokens(t.Context(), 2); err != nil || len(all) != 0 {
			t.Errorf("another tenant lists %+v, %v", all, err)
		}
	})
}

func TestATokenEnds(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, short, err := w.Issue(t.Context(), admin, Order{Name: "short", Scopes: "system/*.rs", Life: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		k, long, err := w.Issue(t.Context(), admin, Order{Name: "long", Scopes: "system/*.rs"})
		if err != nil {
			t.Fatal(err)
		}
		w.now = start.Add(time.Hour)
		w.refused(t, "at its end", short)
		if _, expires, err := w.lookup(t, long); err != nil || !expires.IsZero() {
			t.Errorf("without end: %v, %v", expires, err)
		}
		if err := w.Revoke(t.Context(), access.Inside(2, "admin"), k.ID); !fault.Is(err, fault.Unknown) {
			t.Errorf("another tenant revokes it: %v", err)
		}
		if err := w.Revoke(t.Context(), admin, k.ID); err != nil {
			t.Error(err)
		}
		w.refused(t, "revoked", long)
		if err := w.Revoke(t.Context(), admin, k.ID); !fault.Is(err, fault.Unknown) {
			t.Errorf("revoked twice: %v", err)
		}
		if got := strings.Join(w.actions(t), ", "); got != "create Token t-1, create Token t-2, delete Token t-2" {
			t.Errorf("the audit says %s", got)
		}
	})
}

func TestAUsersTokensFollowTheUser(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		u, err := w.AddUser(t.Context(), admin, NewUser{Login: "ada", Name: "Ada"})
		if err != nil {
			t.Fatal(err)
		}
		_, text, err := w.Issue(t.Context(), admin, Order{Name: "laptop", User: u.ID, Scopes: "user/*.rs"})
		if err != nil {
			t.Fatal(err)
		}
		if p, _, err := w.lookup(t, text); err != nil || p.Subject != "user/t-1" || p.Name != "ada" {
			t.Errorf("%+v, %v", p, err)
		}
		if err := w.SetActive(t.Context(), admin, u.ID, false); err != nil {
			t.Fatal(err)
		}
		w.refused(t, "the user is not active", text)
		if err := w.SetActive(t.Context(), admin, u.ID, true); err != nil {
			t.Fatal(err)
		}
		if _, _, err := w.lookup(t, text); err != nil {
			t.Error(err)
		}
		if all, err := w.Users(t.Context(), 1); err != nil || len(all) != 1 || all[0] != u {
			t.Errorf("%+v, %v", all, err)
		}
		if _, err := w.AddUser(t.Context(), admin, NewUser{Login: "ada", Name: "Another"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the login is taken: %v", err)
		}
		if err := w.SetActive(t.Context(), admin, "nobody", true); !fault.Is(err, fault.Unknown) {
			t.Errorf("nobody: %v", err)
		}
	})
}

func TestWhatCannotBeIssued(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		caller := access.Principal{Tenant: 1, Subject: "client/x"}
		for name, c := range map[string]struct {
			by   access.Principal
			o    Order
			kind fault.Kind
		}{
			"by a client":    {caller, Order{Name: "a", Scopes: "system/*.rs"}, fault.Forbidden},
			"without name":   {admin, Order{Scopes: "system/*.rs"}, fault.Invalid},
			"without scopes": {admin, Order{Name: "a"}, fault.Invalid},
			"bad scopes":     {admin, Order{Name: "a", Scopes: "everything"}, fault.Invalid},
			"over already":   {admin, Order{Name: "a", Scopes: "system/*.rs", Life: -time.Hour}, fault.Invalid},
			"unknown user":   {admin, Order{Name: "a", Scopes: "system/*.rs", User: "nobody"}, fault.Unknown},
			"unknown tenant": {access.Inside(9, "admin"), Order{Name: "a", Scopes: "system/*.rs"}, fault.Unknown},
		} {
			if _, text, err := w.Issue(t.Context(), c.by, c.o); !fault.Is(err, c.kind) || text != "" {
				t.Errorf("%s: %q, %v", name, text, err)
			}
		}
		for _, err := range []error{
			w.Revoke(t.Context(), caller, "t-1"), w.SetActive(t.Context(), caller, "t-1", false),
			second(w.AddUser(t.Context(), caller, NewUser{Login: "a"})),
		} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("by a client: %v", err)
			}
		}
		if got := w.actions(t); len(got) != 0 {
			t.Errorf("the audit says %v", got)
		}
	})
}

func second(_ User, err error) error { return err }

func TestLastUseIsKeptToTheHour(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, text, err := w.Issue(t.Context(), admin, Order{Name: "a", Scopes: "system/*.rs"})
		if err != nil {
			t.Fatal(err)
		}
		for after, want := range map[time.Duration]time.Time{
			0: start.Truncate(time.Hour), 10 * time.Minute: start.Truncate(time.Hour),
			90 * time.Minute: start.Add(90 * time.Minute).Truncate(time.Hour),
		} {
			if _, err := w.d.Exec(t.Context(), db.Same("UPDATE accounts_token SET last_used = NULL")); err != nil {
				t.Fatal(err)
			}
			w.now = start.Add(after)
			for range 2 {
				if _, _, err := w.lookup(t, text); err != nil {
					t.Fatal(err)
				}
			}
			if all, err := w.Tokens(t.Context(), 1); err != nil || !all[0].LastUsed.Equal(want) {
				t.Errorf("after %v: %v, %v", after, all[0].LastUsed, err)
			}
		}
	})
}

func TestTheTextOfATokenIsNotStored(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, text, err := w.Issue(t.Context(), admin, Order{Name: "a", Scopes: "system/*.rs"})
		if err != nil {
			t.Fatal(err)
		}
		err = w.d.Query(t.Context(), db.Same("SELECT hash, id, name FROM accounts_token"), nil, func(r db.Row) error {
			hash := sha256.Sum256([]byte(text))
			if !bytes.Equal(r.Bytes(0), hash[:]) || strings.Contains(r.Text(1)+r.Text(2), text[len(Prefix):]) {
				t.Error("the row does not hold the hash alone")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
