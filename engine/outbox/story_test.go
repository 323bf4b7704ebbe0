package outbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/event"
)

// both runs a story on each database, with the tables of the outbox in place.
func both(t *testing.T, story func(t *testing.T, d *db.DB)) {
	t.Helper()
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		migrate(t, d)
		story(t, d)
	})
}

func migrate(t *testing.T, d *db.DB) {
	t.Helper()
	if err := Migrate(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

var silent = slog.New(slog.NewTextHandler(io.Discard, nil))

func patientCreated(tenant int32, id string) event.Event {
	return event.Event{Tenant: tenant, Name: event.Created("Patient"), Type: "Patient", ID: id, RID: 7, Version: 1,
		At: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)}
}

// commit appends events in one transaction.
func commit(t *testing.T, d *db.DB, events ...event.Event) {
	t.Helper()
	if err := write(t.Context(), d, events...); err != nil {
		t.Fatal(err)
	}
}

func write(ctx context.Context, d *db.DB, events ...event.Event) error {
	return d.Write(ctx, func(tx db.Tx) error { return appendTo(ctx, tx, events...) })
}

func appendTo(ctx context.Context, tx db.Tx, events ...event.Event) (err error) {
	piped := tx.Pipeline(ctx, func(p *db.Pipe) { err = Append(ctx, p, events) })
	return errors.Join(err, piped)
}

// pass looks once.
func pass(t *testing.T, s *Sequencer) Pass {
	t.Helper()
	done, err := s.Pass(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// whole reads everything from the feed of a tenant, in pages of three.
func whole(t *testing.T, d *db.DB, tenant int32) (all []Delivery) {
	t.Helper()
	var after int64
	for {
		page, err := feed(t.Context(), d, tenant, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Events) == 0 && page.Next == after {
			return all
		}
		all, after = append(all, page.Events...), page.Next
	}
}

func ids(all []Delivery) (list []string) {
	for _, e := range all {
		list = append(list, fmt.Sprintf("%d:%s", e.N, e.ID))
	}
	return list
}
