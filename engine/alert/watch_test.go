package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/outbox"
	"github.com/ficushealth/ficus/event"
)

func testKeys(tenant int32) (key [32]byte, err error) {
	key[0] = byte(tenant)
	return key, nil
}

// world is a database with an audit, and a watcher that has begun.
type world struct {
	d       *db.DB
	log     *audit.Log
	sealer  *audit.Sealer
	watcher *Watcher
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// rules are those of the tests: three patients in ten minutes, 8 to 18 o'clock, two refusals in a minute.
func rules(context.Context, int32) ([]Rule, error) {
	return []Rule{ManyPatients(3, 10*time.Minute), AfterHours(func(at time.Time) bool { return at.Hour() >= 8 && at.Hour() < 18 }),
		OwnName(), Labelled("VIP"), Refusals(2, time.Minute)}, nil
}

func about(_ context.Context, _ int32, ids []string) (About, error) {
	known := About{"sibling": {Families: []string{"MEIER"}}, "king": {Labels: []string{"VIP"}}}
	out := About{}
	for _, id := range ids {
		out[id] = known[id]
	}
	return out, nil
}

func open(t *testing.T, d *db.DB) world {
	t.Helper()
	for _, migrate := range []func(context.Context, *db.DB) error{audit.Migrate, outbox.Migrate, Migrate} {
		if err := migrate(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	w := world{d: d, log: audit.NewLog(d, testKeys, audit.Options{}), sealer: audit.NewSealer(d, testKeys, audit.SealOptions{})}
	t.Cleanup(w.log.Close)
	t.Cleanup(w.sealer.Close)
	w.watcher = w.another()
	return w
}

func (w world) another() *Watcher {
	return &Watcher{DB: w.d, Log: w.log, Now: time.Now, Tenants: func(context.Context) ([]int32, error) { return []int32{1}, nil }, Rules: rules, About: about, Errors: slog.New(slog.DiscardHandler)}
}

func (w world) pass(t *testing.T) {
	t.Helper()
	if err := w.watcher.Pass(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// sees puts on record that a user has seen a patient, or, without one, was refused.
func (w world) sees(t *testing.T, user string, at time.Duration, patient string) {
	t.Helper()
	e := audit.Entry{Tenant: 1, At: noon.Add(at), Action: "read", Outcome: audit.Success, Subject: user, Name: "Dr. Eva Meier", Address: "10.0.0.7", Things: []audit.Thing{{Type: "Observation", ID: "o"}}}
	if e.Concerns(patient); patient == "" {
		e.Outcome, e.Patients = audit.Refused, nil
	}
	if err := w.log.Record(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if _, err := w.sealer.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// told lists the alerts in the outbox: rule, who, things.
func (w world) told(t *testing.T) (list []string) {
	t.Helper()
	ids := map[string]bool{}
	err := w.d.Read(t.Context(), func(tx db.Tx) error {
		return outbox.Scan(t.Context(), tx, 1, func(e event.Event) error {
			var a Alert
			if err := json.Unmarshal(e.Payload, &a); err != nil || e.Name != Alerted {
				t.Errorf("%v: %+v", err, e)
			}
			if ids[e.ID] {
				t.Errorf("%s was made twice", e.ID)
			}
			ids[e.ID] = true
			list = append(list, a.Rule+" "+a.Who+" "+strings.Join(a.Things, ","))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestWhatIsTold(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.sees(t, "user/before", 10*time.Hour, "a")
		w.pass(t) // begins here
		for i, p := range []string{"a", "b", "a", "b"} {
			w.sees(t, "user/careful", time.Duration(i)*time.Minute, p)
		}
		for i, p := range []string{"a", "b", "c", "d", "e"} {
			w.sees(t, "user/slow", time.Duration(i)*6*time.Minute, p)
		}
		for i, p := range []string{"a", "b", "c", "d", "e", "f"} {
			w.sees(t, "user/curious", time.Duration(i)*time.Minute, p)
			w.sees(t, "client/nightly", time.Duration(i)*time.Minute, p)
		}
		w.pass(t)
		w.sees(t, "user/night", 11*time.Hour, "a")
		w.sees(t, "user/night", 12*time.Hour-time.Minute, "b")
		w.sees(t, "user/night", 36*time.Hour-time.Minute, "b")
		w.sees(t, "user/sister", 0, "sibling")
		w.sees(t, "user/sister", time.Hour, "sibling")
		w.sees(t, "user/fan", 0, "king")
		w.sees(t, "user/locked", 0, "")
		w.pass(t)
		w.sees(t, "user/locked", 30*time.Second, "")
		w.sees(t, "user/locked", 40*time.Second, "")
		w.sees(t, "", time.Hour, "")
		w.sees(t, "", time.Hour+time.Second, "")
		w.pass(t)
		got := w.told(t)
		for i := range got {
			if strings.HasPrefix(got[i], "refusals") {
				got[i] = got[i][:strings.LastIndex(got[i], " ")]
			}
		}
		want := []string{"many-patients user/curious a,b,c", "after-hours user/night a", "after-hours user/night b", "own-family-name user/sister sibling", "labelled user/fan king",
			"refusals user/locked", "refusals address 10.0.0.7"}
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

// TestAnAlertIsMadeOnce: watchers of several processes, each anew for each pass, of which some fail.
func TestAnAlertIsMadeOnce(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		w := open(t, d)
		w.pass(t)
		var all sync.WaitGroup
		done := make(chan struct{})
		for n := range 3 {
			all.Go(func() {
				for turn := 0; ; turn++ {
					one := w.another()
					if (turn+n)%3 == 0 {
						one.About = func(context.Context, int32, []string) (About, error) { return nil, errors.New("away") }
					}
					one.Pass(t.Context()) //nolint:errcheck // what failed is done by the next one
					select {
					case <-done:
						return
					default:
					}
				}
			})
		}
		for i := range 20 {
			w.sees(t, fmt.Sprintf("user/%d", i), 0, "king")
		}
		close(done)
		all.Wait()
		w.pass(t)
		if got := w.told(t); len(got) != 20 {
			t.Errorf("%d alerts: %q", len(got), got)
		}
	})
}

const killDB = "FICUS_TEST_ALERT_KILL_DB"

// TestTheWatched is the process that TestKillLosesNoAlert kills; in a normal run it does nothing.
func TestTheWatched(t *testing.T) {
	url := os.Getenv(killDB)
	if url == "" {
		return
	}
	w := open(t, dbtest.Open(t, url, db.Options{}))
	w.pass(t)
	for i := 0; ; i++ {
		w.sees(t, fmt.Sprintf("user/%d-%d", os.Getpid(), i), 0, "king")
		w.pass(t)
	}
}

// TestKillLosesNoAlert kills a process that watches, several times; afterwards each entry has its alert, once.
func TestKillLosesNoAlert(t *testing.T) {
	dbtest.BothURLs(t, func(t *testing.T, url string) {
		for range 3 {
			victim := exec.Command(os.Args[0], "-test.run=^TestTheWatched$", "-test.count=1")
			victim.Env = append(os.Environ(), killDB+"="+url)
			if err := victim.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1500 * time.Millisecond)
			victim.Process.Kill() //nolint:errcheck // Wait tells
			victim.Wait()         //nolint:errcheck // it was killed
		}
		w := open(t, dbtest.Open(t, url, db.Options{}))
		if _, err := w.sealer.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.pass(t)
		entries := 0
		for e, err := range audit.Read(t.Context(), w.d, 1, audit.Filter{Action: "read"}) {
			if err != nil {
				t.Fatal(err, e)
			}
			entries++
		}
		if got := w.told(t); len(got) != entries || entries == 0 {
			t.Errorf("%d alerts of %d entries", len(got), entries)
		}
	})
}
