package accounts

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// crashDB names the database of the process that is going to be killed.
const crashDB = "FICUS_TEST_ACCOUNTS_CRASH_DB"

// crashBook opens the book as a program does, with the real clock.
func crashBook(t *testing.T, url string) (*Accounts, *db.DB) {
	t.Helper()
	d := dbtest.Open(t, url, db.Options{})
	for _, err := range []error{(care.Modules{Module()}).Migrate(t.Context(), d), audit.Migrate(t.Context(), d), vault.Migrate(t.Context(), d)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	v, err := vault.Open(t.Context(), d, vault.Options{Key: base64.StdEncoding.EncodeToString(make([]byte, 32))})
	if err != nil {
		t.Fatal(err)
	}
	log := audit.NewLog(d, crashKeys, audit.Options{})
	t.Cleanup(log.Close)
	a := New(d, log, Options{Vault: v})
	if err := a.EnsureTenant(t.Context(), admin, "General"); err != nil {
		t.Fatal(err)
	}
	return a, d
}

func crashKeys(int32) ([32]byte, error) { return [32]byte{1}, nil }

// TestTheVictim is the process that is killed: it spends codes and refresh tokens, and says before and after each what is
// shown and what comes of it. In a normal run it does nothing.
func TestTheVictim(t *testing.T) {
	url := os.Getenv(crashDB)
	if url == "" {
		return
	}
	a, _ := crashBook(t, url)
	c, _, err := a.Register(t.Context(), admin, Client{Name: "app", Method: MethodNone, Scopes: []string{"openid"}})
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		go spendOn(t, a, c)
	}
	time.Sleep(time.Minute)
}

func spendOn(t *testing.T, a *Accounts, c Client) {
	for {
		last := NewSecret(Code, 1, time.Hour)
		g, err := a.Own(t.Context(), c, []string{"openid"}, time.Hour)
		if err == nil {
			err = a.d.Write(t.Context(), func(tx db.Tx) error { return a.issue(t.Context(), tx, g, []Secret{last}) })
		}
		for range 5 {
			next := NewSecret(Refresh, 1, time.Hour)
			fmt.Fprintf(os.Stdout, "shows %s %s\n", last.Text, next.Text)
			if err == nil {
				_, err = a.Spend(t.Context(), last.Kind, last.Text, free, next)
			}
			if err != nil {
				return
			}
			fmt.Fprintf(os.Stdout, "spent %s %s\n", last.Text, next.Text)
			last = next
		}
	}
}

// killed runs the victim, kills it after a while, and returns what it said.
func killed(t *testing.T, url string) (lines []string) {
	t.Helper()
	victim := exec.Command(os.Args[0], "-test.run=^TestTheVictim$", "-test.count=1")
	victim.Env = append(os.Environ(), crashDB+"="+url)
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for said.Scan() {
		if lines = append(lines, said.Text()); len(lines) == 1 {
			time.AfterFunc(time.Duration(100+rand.IntN(300))*time.Millisecond, func() { victim.Process.Kill() })
		}
	}
	victim.Wait() //nolint:errcheck // it was killed: its error says so
	return lines
}

func TestKilledSpending(t *testing.T) {
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		var lines []string
		for range rounds {
			lines = append(lines, killed(t, url)...)
		}
		a, d := crashBook(t, url)
		n := 0
		for _, line := range lines {
			if words := strings.Fields(line); len(words) == 3 {
				n += a.whole(t, words[0] == "spent", words[1], words[2])
			}
		}
		t.Logf("%d were spent and acknowledged", n)
		if report, err := audit.Verify(t.Context(), d, crashKeys, 1, ""); err != nil || !report.OK() || n == 0 {
			t.Errorf("%d %+v %v", n, report, err)
		}
	})
}

// whole checks that a secret is used if and only if the next one is there, and is used if that was acknowledged.
func (a *Accounts) whole(t *testing.T, acknowledged bool, last, next string) int {
	t.Helper()
	kind := Refresh
	if strings.HasPrefix(last, Code.prefix()) {
		kind = Code
	}
	_, err := a.Find(t.Context(), kind, last)
	used := fault.Is(err, fault.Conflict)
	_, err = a.Find(t.Context(), Refresh, next)
	there := err == nil || fault.Is(err, fault.Conflict)
	if used != there || acknowledged && !used {
		t.Errorf("acknowledged %v, used %v, the next one is there %v", acknowledged, used, there)
	}
	if acknowledged {
		return 1
	}
	return 0
}
