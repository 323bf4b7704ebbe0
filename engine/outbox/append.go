package outbox

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/event"
	"github.com/ficushealth/ficus/fault"
)

// The number's argument depends on the transaction's id, so the id is always taken before the number: the sequencer's
// floor rests on that order (see the package comment).
var insert = db.Text{
	SQLite: `INSERT INTO outbox (tenant, name, type, id, rid, version, replayed, at, payload)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
	Postgres: `INSERT INTO outbox (tenant, change, name, type, id, rid, version, replayed, at, payload)
		SELECT e.tenant, nextval(CASE WHEN pg_current_xact_id() IS NOT NULL THEN 'outbox_change'::regclass END),
			e.name, e.type, e.id, e.rid, e.version, e.replayed, e.at, e.payload
		FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[], $5::int8[], $6::int4[], $7::bool[], $8::int8[], $9::bytea[])
			AS e (tenant, name, type, id, rid, version, replayed, at, payload)`,
}

// Append queues the events behind the change that they tell of; they are stored when the transaction commits. The order
// of the slice is the order in the feed. No events: nothing is queued. Faults: Internal for an event without tenant or
// name, which also makes the transaction fail. The context is that of the transaction.
func Append(_ context.Context, p *db.Pipe, events []event.Event) error {
	if len(events) == 0 {
		return nil
	}
	for i := range events {
		if events[i].Tenant <= 0 || events[i].Name == "" {
			err := fault.New(fault.Internal, "event %d of %d has no tenant or no name", i+1, len(events))
			p.Fail(err)
			return err
		}
	}
	c := columnsOf(events)
	p.Each(insert, c.tenant, c.name, c.typ, c.id, c.rid, c.version, c.replayed, c.at, c.payload)
	return nil
}

type columns struct {
	tenant   []int32
	name     []string
	typ      []db.Null[string]
	id       []string
	rid      []int64
	version  []int
	replayed []bool
	at       []int64
	payload  [][]byte
}

func columnsOf(events []event.Event) columns {
	n := len(events)
	c := columns{make([]int32, n), make([]string, n), make([]db.Null[string], n), make([]string, n), make([]int64, n),
		make([]int, n), make([]bool, n), make([]int64, n), make([][]byte, n)}
	for i := range events {
		e := &events[i]
		c.tenant[i], c.name[i], c.id[i], c.rid[i] = e.Tenant, e.Name, e.ID, e.RID
		c.version[i], c.replayed[i], c.at[i], c.payload[i] = e.Version, e.Replayed, e.At.UnixMicro(), e.Payload
		if thing, _ := event.Split(e.Name); thing != e.Type {
			c.typ[i] = db.Some(e.Type)
		}
	}
	return c
}
