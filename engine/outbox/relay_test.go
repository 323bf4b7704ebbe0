package outbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/event"
	"github.com/ficushealth/ficus/fault"
)

// ear notes what a handler heard, and fails as told.
type ear struct {
	mu    sync.Mutex
	heard []Delivery
	fail  func(Delivery) error
}

func (e *ear) do(_ context.Context, d Delivery) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, d)
	if e.fail != nil {
		return e.fail(d)
	}
	return nil
}

func (e *ear) words() (list []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, d := range e.heard {
		list = append(list, fmt.Sprintf("%s/%d", d.ID, d.Attempt))
	}
	return list
}

// quick is a relay that does not wait long.
var quick = Options{Log: silent, Attempts: 3, Patience: time.Second, Backoff: func(int) time.Duration { return time.Millisecond }}

// relaying runs a sequencer and a relay until stop is called.
func relaying(t *testing.T, d *db.DB, o Options, handlers ...Handler) (s *Sequencer, r *Relay, stop func()) {
	t.Helper()
	s = NewSequencer(d, silent)
	r, err := NewRelay(d, s, handlers, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var both sync.WaitGroup
	both.Go(func() { s.Run(ctx) })
	both.Go(func() { r.Run(ctx) })
	return s, r, func() {
		cancel()
		both.Wait()
	}
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("it does not happen: %s", what)
}

func TestHandlersHearInOrderWhatTheyAskedFor(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		var patients, all, everything ear
		commit(t, d, patientCreated(1, "before"))
		s, _, stop := relaying(t, d, quick,
			Handler{Name: "patients", Events: []string{"Patient.Created"}, FromStart: true, Do: patients.do},
			Handler{Name: "all", Events: []string{"*"}, FromStart: true, Do: all.do},
			Handler{Name: "everything", Events: []string{"*"}, FromStart: true, Replays: true, Do: everything.do})
		defer stop()
		replayed, deleted := patientCreated(1, "old"), patientCreated(2, "gone")
		replayed.Replayed, deleted.Name = true, event.Deleted("Patient")
		commit(t, d, replayed, deleted)
		commit(t, d, patientCreated(1, "last"))
		s.Wake()
		for e, want := range map[*ear][]string{
			&patients:   {"before/1", "last/1"},
			&all:        {"before/1", "gone/1", "last/1"},
			&everything: {"before/1", "old/1", "gone/1", "last/1"},
		} {
			eventually(t, fmt.Sprint(want), func() bool { return slices.Equal(e.words(), want) })
		}
	})
}

func TestANewHandlerBeginsWithWhatComes(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		commit(t, d, patientCreated(1, "before"))
		pass(t, NewSequencer(d, silent))
		var e ear
		h := Handler{Name: "mail", Events: []string{"*"}, Do: e.do}
		_, _, stop := relaying(t, d, quick, h)
		eventually(t, "it has a place", func() bool { return len(places(t, d)) == 1 })
		stop()
		commit(t, d, patientCreated(1, "while it was away"))
		_, _, stop = relaying(t, d, quick, h)
		defer stop()
		eventually(t, "it heard", func() bool { return slices.Equal(e.words(), []string{"while it was away/1"}) })
	})
}

func places(t *testing.T, d *db.DB) (list []string) {
	t.Helper()
	err := d.Query(t.Context(), db.Same("SELECT handler, n FROM outbox_cursor ORDER BY handler"), nil, func(r db.Row) error {
		list = append(list, fmt.Sprintf("%s %d", r.Text(0), r.Int64(1)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAFailureIsTriedAgainInItsPlace(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		e := ear{fail: func(d Delivery) error {
			if d.ID == "b" && d.Attempt < 3 {
				panic("not yet")
			}
			return nil
		}}
		s, _, stop := relaying(t, d, quick, Handler{Name: "h", Events: []string{"*"}, FromStart: true, Do: e.do})
		defer stop()
		commit(t, d, patientCreated(1, "a"), patientCreated(1, "b"), patientCreated(1, "c"))
		s.Wake()
		eventually(t, "all are heard", func() bool { return slices.Equal(e.words(), []string{"a/1", "b/1", "b/2", "b/3", "c/1"}) })
	})
}

func TestWhatFailsTooOftenIsPutAsideAndCanBeSentAgain(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		broken := true
		e := ear{fail: func(d Delivery) error {
			if d.ID == "b" && broken {
				return fmt.Errorf("while handling: %w", fault.New(fault.Unprocessable, "no such queue"))
			}
			return nil
		}}
		s, r, stop := relaying(t, d, quick, Handler{Name: "h", Events: []string{"*"}, FromStart: true, Do: e.do})
		commit(t, d, patientCreated(1, "a"), patientCreated(1, "b"), patientCreated(1, "c"))
		s.Wake()
		eventually(t, "c is heard", func() bool { return slices.Contains(e.words(), "c/1") })
		stop()
		letters, err := DeadLetters(t.Context(), d, 1)
		if err != nil || len(letters) != 1 || letters[0].N != 2 || letters[0].Attempts != 3 || letters[0].Reason != "unprocessable: no such queue" {
			t.Fatalf("%+v (%v)", letters, err)
		}
		if err := r.Redeliver(t.Context(), letters[0]); !fault.Is(err, fault.Unprocessable) {
			t.Errorf("while it is broken: %v", err)
		}
		broken = false
		if err := r.Redeliver(t.Context(), letters[0]); err != nil {
			t.Error(err)
		}
		if letters, err = DeadLetters(t.Context(), d, 1); err != nil || len(letters) != 0 {
			t.Errorf("afterwards: %+v (%v)", letters, err)
		}
		if err := r.Redeliver(t.Context(), Dead{Tenant: 1, Handler: "h", N: 99}); !fault.Is(err, fault.Unknown) {
			t.Errorf("an unknown letter: %v", err)
		}
	})
}

func TestAnotherServiceThatIsAwayPutsNothingAside(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		e := ear{fail: func(d Delivery) error {
			if d.Attempt < 8 {
				return fault.New(fault.Unavailable, "the mail server is away")
			}
			return nil
		}}
		s, _, stop := relaying(t, d, quick, Handler{Name: "h", Events: []string{"*"}, FromStart: true, Do: e.do})
		defer stop()
		commit(t, d, patientCreated(1, "a"))
		s.Wake()
		eventually(t, "it gets through", func() bool { return slices.Contains(e.words(), "a/8") })
	})
}

func TestTextsThatMayHoldPatientDataAreNotKept(t *testing.T) {
	if got := reason(errors.New("Jane Doe")); got != "internal" {
		t.Errorf("kept %q", got)
	}
}

func TestHandlersNeedNamesOfTheirOwn(t *testing.T) {
	do := func(context.Context, Delivery) error { return nil }
	for _, hs := range [][]Handler{{{Do: do}}, {{Name: "a"}}, {{Name: "a", Do: do}, {Name: "a", Do: do}}} {
		if _, err := NewRelay(nil, nil, hs, Options{}); !fault.Is(err, fault.Internal) {
			t.Errorf("%d handlers: %v", len(hs), err)
		}
	}
}

// TestTwoProcessesShareTheHandlers runs one handler in two relays, stops the one that has it, and checks that the other
// goes on behind it, that they never worked at the same time, and that nothing was left out.
func TestTwoProcessesShareTheHandlers(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		if d.Dialect() == db.SQLite {
			return // a file belongs to one process
		}
		var mu sync.Mutex
		working, by := 0, map[string][]string{}
		handler := func(name string) Handler {
			return Handler{Name: "h", Events: []string{"*"}, FromStart: true, Do: func(_ context.Context, e Delivery) error {
				mu.Lock()
				working++
				if working > 1 {
					t.Error("both work at the same time")
				}
				by[name] = append(by[name], e.ID)
				mu.Unlock()
				time.Sleep(time.Millisecond)
				mu.Lock()
				working--
				mu.Unlock()
				return nil
			}}
		}
		o := quick
		o.Patience, o.Lease = 400*time.Millisecond, 1500*time.Millisecond
		heard := func() (n int) {
			mu.Lock()
			defer mu.Unlock()
			for _, ids := range by {
				n += len(ids)
			}
			return n
		}
		_, _, stopOne := relaying(t, d, o, handler("one"))
		eventually(t, "one has a place", func() bool { return len(places(t, d)) == 1 })
		_, _, stopTwo := relaying(t, d, o, handler("two"))
		defer stopTwo()
		var want []string
		for i := range 60 {
			want = append(want, fmt.Sprint(i))
			commit(t, d, patientCreated(1, fmt.Sprint(i)))
			if i == 30 {
				eventually(t, "one works", func() bool { return heard() > 5 })
				stopOne()
			}
		}
		eventually(t, "all are heard", func() bool { return heard() >= 60 })
		mu.Lock()
		defer mu.Unlock()
		if got := append(by["one"], by["two"]...); !slices.Equal(got, want) || len(by["two"]) == 0 {
			t.Errorf("heard %s", strings.Join(got, " "))
		}
	})
}
