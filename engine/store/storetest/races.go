package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/event"
	"github.com/ficushealth/ficus/fault"
)

const racers = 40

func race(n int, run func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { run(i) })
	}
	wg.Wait()
}

func races(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	t.raceUpdates()
	t.raceCreates()
	t.raceDelete()
	t.raceBundles()
}

// raceUpdates: of many updates that expect one version, one wins; no version number is given twice.
func (t *story) raceUpdates() {
	t.put(`{"resourceType":"Patient","id":"p1"}`)
	var won atomic.Int32
	race(racers, func(i int) {
		_, err := t.desk.Update(t.ctx, t.parse(`{"resourceType":"Patient","id":"p1","multipleBirthInteger":%d}`, i), store.IfMatch("1"))
		if err == nil {
			won.Add(1)
		} else if !fault.Is(err, fault.Stale) {
			t.Error(err)
		}
	})
	if won.Load() != 1 {
		t.Errorf("%d updates won", won.Load())
	}
	race(racers, func(i int) { t.put(`{"resourceType":"Patient","id":"p1","multipleBirthInteger":%d}`, racers+i) })
	page, err := t.desk.History(t.ctx, store.HistoryQuery{Type: "Patient", ID: "p1", Count: 1000})
	if err != nil || len(page.Entries) != racers+2 || page.Entries[0].Number != racers+2 {
		t.Errorf("%d versions, newest %v (%v)", len(page.Entries), page.Entries, err)
	}
}

// raceCreates: of many conditional creates, one creates.
func (t *story) raceCreates() {
	var created atomic.Int32
	race(racers, func(i int) {
		r, err := t.desk.Create(t.ctx, t.parse(`{"resourceType":"Patient","identifier":[{"system":"race","value":"1"}]}`), store.IfNoneExist("identifier=race|1"))
		if err != nil {
			t.Error(err)
		}
		if r.Effect == store.Created {
			created.Add(1)
		}
	})
	if got := t.search("Patient", "identifier=race|1"); len(got) != 1 || created.Load() != 1 {
		t.Errorf("%d creates, found %v", created.Load(), got)
	}
}

// raceDelete: a reference to a resource never survives the resource.
func (t *story) raceDelete() {
	for round := range 10 {
		id := fmt.Sprintf("del%d", round)
		t.put(`{"resourceType":"Patient","id":"%s"}`, id)
		var refs atomic.Int32
		deleted := false
		race(4, func(i int) {
			if i == 0 {
				_, err := t.desk.Delete(t.ctx, "Patient", id)
				deleted = err == nil
				return
			}
			if _, err := t.desk.Update(t.ctx, t.parse(observation, fmt.Sprintf("%s-%d", id, i), "Patient/"+id)); err == nil {
				refs.Add(1)
			}
		})
		if deleted && refs.Load() > 0 {
			t.Errorf("round %d: deleted, and %d refer to it", round, refs.Load())
		}
	}
}

// raceBundles: bundles that write the same resources in opposite order all come through.
func (t *story) raceBundles() {
	race(racers, func(i int) {
		var entries []string
		for j := range 10 {
			k := j
			if i%2 == 1 {
				k = 9 - j
			}
			id := fmt.Sprintf("shared%d", k)
			entries = append(entries, entry("", "PUT", "Organization/"+id, fmt.Sprintf(`{"resourceType":"Organization","id":%q,"name":"%d"}`, id, i)))
		}
		if _, err := t.desk.Transaction(t.ctx, t.bundle("transaction", entries...)); err != nil {
			t.Error(err)
		}
	})
	for k := range 10 {
		v, err := t.desk.Read(t.ctx, "Organization", fmt.Sprintf("shared%d", k))
		if err != nil || v.Number != racers {
			t.Errorf("version %d, %v", v.Number, err)
		}
	}
}

func change(t0 *testing.T, open Open) {
	t := begin(t0, open, store.Options{})
	var a, b *store.Result
	ran := 0
	err := t.desk.Write(t.ctx, func(c *store.Change) error {
		a = c.Create(t.parse(`{"resourceType":"Patient"}`))
		b = c.Update(t.parse(observation, "o1", "Patient/"+a.ID))
		c.Emit(event.Event{Name: "Story.Told", Type: "Patient", ID: a.ID})
		c.Do(func(ctx context.Context, tx db.Tx) error {
			ran++
			return nil
		})
		return nil
	})
	if err != nil || a.Effect != store.Created || b.Effect != store.Created || ran != 1 {
		t.Fatalf("%v %+v %+v", err, a, b)
	}
	t.found("Observation", "subject=Patient/"+a.ID, "o1")
	stop := errors.New("stop")
	err = t.desk.Write(t.ctx, func(c *store.Change) error {
		c.Update(t.parse(`{"resourceType":"Patient","id":"never"}`))
		c.Do(func(context.Context, db.Tx) error { return stop })
		return nil
	})
	if !errors.Is(err, stop) {
		t.Error(err)
	}
	_, err = t.desk.Read(t.ctx, "Patient", "never")
	t.want(fault.Unknown, err)
	if err := t.desk.Write(t.ctx, func(*store.Change) error { return nil }); err != nil {
		t.Error(err)
	}
}
