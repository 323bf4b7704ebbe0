package outbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/event"
	"github.com/ficushealth/ficus/fault"
)

func TestAnEventComesBackAsItWas(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		one := patientCreated(1, "a")
		two := event.Event{Tenant: 1, Name: "Consultations.Picked", Type: "Task", ID: "b", RID: 1 << 40, Version: 12,
			Replayed: true, At: one.At.Add(time.Hour), Payload: []byte(`{"x":1}`)}
		commit(t, d, one, two)
		pass(t, NewSequencer(d, silent))
		want := []Delivery{{Event: one, N: 1}, {Event: two, N: 2}}
		if diff := cmp.Diff(want, whole(t, d, 1)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestARolledBackChangeLeavesNoEvent(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		stop := errors.New("stop")
		err := d.Write(t.Context(), func(tx db.Tx) error {
			if err := appendTo(t.Context(), tx, patientCreated(1, "lost")); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
		commit(t, d, patientCreated(1, "kept"))
		pass(t, NewSequencer(d, silent))
		if got := ids(whole(t, d, 1)); !slices.Equal(got, []string{"1:kept"}) {
			t.Errorf("the feed is %v", got)
		}
	})
}

func TestAnEventWithoutTenantIsAMistake(t *testing.T) {
	var p db.Pipe
	err := Append(t.Context(), &p, []event.Event{patientCreated(1, "a"), {Name: "Patient.Created"}})
	if !fault.Is(err, fault.Internal) {
		t.Errorf("got %v", err)
	}
}

func TestATenantSeesItsOwnEventsOnly(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		for i := range 100 {
			commit(t, d, patientCreated(1, fmt.Sprint(i)))
		}
		commit(t, d, patientCreated(2, "rare"), patientCreated(1, "last"))
		pass(t, NewSequencer(d, silent))
		if got := ids(whole(t, d, 2)); !slices.Equal(got, []string{"101:rare"}) {
			t.Errorf("the feed of 2 is %v", got)
		}
		if got := whole(t, d, 1); len(got) != 101 || got[100].N != 102 {
			t.Errorf("the feed of 1 has %d events", len(got))
		}
		page, err := Feed(t.Context(), d, 2, 0, 1)
		if err != nil || len(page.Events) != 1 || page.Next != 101 {
			t.Errorf("Feed gives %v (%v)", page, err)
		}
		if page, err = Feed(t.Context(), d, 2, 101, 1); err != nil || len(page.Events) != 0 {
			t.Errorf("behind it: %v (%v)", page, err)
		}
	})
}

// open begins a transaction on PostgreSQL that appends one event and waits for its end to be asked for.
func open(t *testing.T, d *db.DB, first func(db.Tx) error, id string) (begun chan struct{}, goOn, end chan struct{}, result chan error) {
	begun, goOn, end, result = make(chan struct{}), make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		result <- d.Write(t.Context(), func(tx db.Tx) error {
			if err := first(tx); err != nil {
				return err
			}
			close(begun)
			<-goOn
			if err := appendTo(t.Context(), tx, patientCreated(1, id)); err != nil {
				return err
			}
			goOn <- struct{}{}
			<-end
			return nil
		})
	}()
	return begun, goOn, end, result
}

func TestALateCommitIsNotPassedOver(t *testing.T) {
	d := dbtest.Postgres(t)
	migrate(t, d)
	s := NewSequencer(d, silent)
	begun, goOn, end, result := open(t, d, func(db.Tx) error { return nil }, "late")
	<-begun
	goOn <- struct{}{}
	<-goOn // change 1 is taken and not committed
	commit(t, d, patientCreated(1, "early"))
	for range 3 {
		pass(t, s)
	}
	if got := ids(whole(t, d, 1)); !slices.Equal(got, []string{"1:early"}) {
		t.Errorf("before the late commit: %v", got)
	}
	close(end)
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	pass(t, s)
	if got := ids(whole(t, d, 1)); !slices.Equal(got, []string{"1:early", "2:late"}) {
		t.Errorf("after it: %v", got)
	}
}

// TestARunningTransactionWithAHigherIDHoldsTheFloor is the trap of a floor that trusts a snapshot's xmax: the older
// transaction takes the higher change number and ends first, so that xmax is the id of the younger one, which still runs.
func TestARunningTransactionWithAHigherIDHoldsTheFloor(t *testing.T) {
	d := dbtest.Postgres(t)
	migrate(t, d)
	s := NewSequencer(d, silent)
	takeID := func(tx db.Tx) error {
		_, err := tx.Exec(t.Context(), db.Same("SELECT pg_current_xact_id()"))
		return err
	}
	olderBegun, olderOn, olderEnd, olderResult := open(t, d, takeID, "older")
	<-olderBegun
	youngerBegun, youngerOn, youngerEnd, youngerResult := open(t, d, takeID, "younger")
	<-youngerBegun
	youngerOn <- struct{}{}
	<-youngerOn // change 1, the higher id
	olderOn <- struct{}{}
	<-olderOn // change 2, the lower id
	close(olderEnd)
	if err := <-olderResult; err != nil {
		t.Fatal(err)
	}
	for range 4 {
		pass(t, s)
	}
	close(youngerEnd)
	if err := <-youngerResult; err != nil {
		t.Fatal(err)
	}
	pass(t, s)
	if got := ids(whole(t, d, 1)); !slices.Equal(got, []string{"1:older", "2:younger"}) {
		t.Errorf("the feed is %v", got)
	}
}

func TestTheFloorRisesWhenAllIsQuiet(t *testing.T) {
	d := dbtest.Postgres(t)
	migrate(t, d)
	s := NewSequencer(d, silent)
	commit(t, d, patientCreated(1, "a"), patientCreated(1, "b"))
	pass(t, s)
	pass(t, s)
	if got := floor(t, d); got != 2 {
		t.Errorf("the floor is %d", got)
	}
}

func TestAMarkOfAnotherClusterIsTakenAnew(t *testing.T) {
	d := dbtest.Postgres(t)
	migrate(t, d)
	s := NewSequencer(d, silent)
	commit(t, d, patientCreated(1, "a"))
	pass(t, s)
	if _, err := d.Exec(t.Context(), db.Same("UPDATE outbox_floor SET floor = 0, mark = 1, mark_xid = 1000000000000")); err != nil {
		t.Fatal(err)
	}
	pass(t, s)
	pass(t, s)
	if got := floor(t, d); got != 1 {
		t.Errorf("the floor is %d", got)
	}
}

func floor(t *testing.T, d *db.DB) (n int64) {
	t.Helper()
	err := d.Query(t.Context(), db.Same("SELECT floor FROM outbox_floor"), nil, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestManyWriters lets writers commit and roll back while sequencers pass, some of them stopped half-way, and compares the
// feed with what the writers know to be committed.
func TestManyWriters(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx, stop := context.WithCancel(t.Context())
		var passing sync.WaitGroup
		for range 3 {
			s := NewSequencer(d, silent)
			passing.Go(func() { passNow(ctx, s) })
		}
		committed := writeAlong(t, d)
		stop()
		passing.Wait()
		s := NewSequencer(d, silent)
		for range 3 {
			pass(t, s)
		}
		compareFeed(t, whole(t, d, 1), committed)
	})
}

// passNow passes until the context ends, and stops every fourth pass at a random moment.
func passNow(ctx context.Context, s *Sequencer) {
	for i := 0; ctx.Err() == nil; i++ {
		one, cancel := ctx, func() {}
		if i%4 == 3 {
			one, cancel = context.WithTimeout(ctx, time.Duration(rand.IntN(2000))*time.Microsecond)
		}
		s.Pass(one) // a stopped pass is the point here
		cancel()
	}
}

// writeAlong commits from eight writers and returns the ids of the events, per transaction in their order.
func writeAlong(t *testing.T, d *db.DB) (committed [][]string) {
	var mu sync.Mutex
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := range 40 {
				var events []event.Event
				var names []string
				for k := range 1 + rand.IntN(3) {
					id := fmt.Sprintf("%d-%d-%d", w, i, k)
					events, names = append(events, patientCreated(1, id)), append(names, id)
				}
				if rollBack := rand.IntN(5) == 0; !rollBack {
					if err := write(t.Context(), d, events...); err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					committed = append(committed, names)
					mu.Unlock()
					continue
				}
				d.Write(t.Context(), func(tx db.Tx) error {
					return errors.Join(appendTo(t.Context(), tx, events...), errors.New("rolled back"))
				})
			}
		})
	}
	writers.Wait()
	return committed
}

func compareFeed(t *testing.T, all []Delivery, committed [][]string) {
	t.Helper()
	at := map[string]int64{}
	for i, e := range all {
		if e.N != int64(i+1) {
			t.Fatalf("the number behind %d is %d", i, e.N)
		}
		if at[e.ID] != 0 {
			t.Fatalf("%s came twice", e.ID)
		}
		at[e.ID] = e.N
	}
	total := 0
	for _, names := range committed {
		total += len(names)
		for i, name := range names {
			if at[name] == 0 {
				t.Errorf("%s is lost", name)
			}
			if i > 0 && at[name] <= at[names[i-1]] {
				t.Errorf("%s stands before %s", name, names[i-1])
			}
		}
	}
	if total != len(all) {
		t.Errorf("%d events committed, %d in the feed", total, len(all))
	}
}
