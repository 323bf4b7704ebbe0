package terms

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/store/storetest"
)

// TestWhatATenantPublishesKeepsNoOtherWaiting: one tenant's turn is not another's, and who waits goes when his time is over.
func TestWhatATenantPublishesKeepsNoOtherWaiting(t *testing.T) {
	var l lastPublished
	ctx, cancel := context.WithCancel(t.Context())
	for _, tenant := range []int32{1, 2} {
		if err := l.of(tenant).take(ctx); err != nil {
			t.Fatal(tenant, err)
		}
	}
	cancel()
	if err := l.of(1).take(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	l.of(1).leave()
	if err := l.of(1).take(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestWhatIsPublishedLateIsTold: a change that began before another and is committed after it, as PostgreSQL lets them, has an earlier
// time than the last one that was seen.
func TestWhatIsPublishedLateIsTold(t *testing.T) {
	d, now := dbtest.SQLite(t), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	o := store.Options{Now: func() time.Time { return now }}
	o.Vault, o.Audit = storetest.Keys(t, d)
	s, err := store.Open(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w := &world{t, s, New(s, Options{}), s.As(access.Inside(1, "test"))}
	const system = `{"resourceType":"CodeSystem","id":"%s","url":"http://x.test/%s","status":"%s","content":"complete","concept":[{"code":"a"}]}`
	told := func(id string) bool {
		p, err := w.terms.Published(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(p.Systems, func(s System) bool { return s.URL == "http://x.test/"+id })
	}
	w.put(fmt.Sprintf(system, "b", "b", "active"))
	if !told("b") || told("a") {
		t.Error("not what was published")
	}
	now = now.Add(-time.Second)
	w.put(fmt.Sprintf(system, "a", "a", "active"))
	if !told("a") {
		t.Error("what came late is not told")
	}
	if _, err := w.desk.Delete(t.Context(), "CodeSystem", "a"); err != nil || told("a") {
		t.Error("what has gone is told", err)
	}
}
