package audit

import (
	"context"
	"errors"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Filter chooses entries; a zero field chooses all.
type Filter struct {
	From, To time.Time // both inclusive
	Subject  string
	Client   string
	Action   string
	Class    string // Entry.Class
	Outcome  string
	Unlucky  bool // any outcome but Success
	Category string
	Session  string
	Subtype  string // code of AuditEvent.subtype
	Entry    string // id of the entry itself, for Search alone
	Type, ID string // of a thing that was seen or changed
	Patient  string // id of a patient whom it is about
	Alone    bool   // what is found, and asked of things, is cut to what is about the patient

	// Also is what entries must meet besides: of each of these, one. Entry does not count in them.
	Also [][]Filter
}

func (f *Filter) takes(e *Entry) bool {
	if f.Patient != "" && !slices.Contains(e.Patients, f.Patient) && !f.old(e) {
		return false
	}
	if f.Alone { // what is not shown is not asked, by what is asked for besides either
		cut := e.alone(f.Patient)
		e = &cut
	}
	for _, any := range f.Also {
		if !slices.ContainsFunc(any, func(one Filter) bool { return one.takes(e) }) {
			return false
		}
	}
	switch {
	case !f.From.IsZero() && e.At.Before(f.From), !f.To.IsZero() && e.At.After(f.To):
		return false
	case f.Subject != "" && f.Subject != e.Subject, f.Client != "" && f.Client != e.Client, f.Action != "" && f.Action != e.Action:
		return false
	case f.Class != "" && f.Class != e.Class(), f.Category != "" && f.Category != e.Category():
		return false
	case f.Session != "" && f.Session != e.Session, f.Subtype != "" && f.Subtype != e.subtype().code:
		return false
	case f.Outcome != "" && f.Outcome != e.Outcome, f.Unlucky && e.Outcome == Success:
		return false
	case f.Type == "" && f.ID == "":
		return true
	}
	for _, t := range e.Things {
		if (f.Type == "" || f.Type == t.Type) && (f.ID == "" || f.ID == t.ID) {
			return true
		}
	}
	return false
}

// shown is the entry as it is shown to who asks so.
func (f *Filter) shown(e Entry) Entry {
	if f.Alone {
		return e.alone(f.Patient)
	}
	return e
}

// old reports whether an entry without patients, as older programs wrote them, has the patient among its things.
func (f *Filter) old(e *Entry) bool {
	return slices.ContainsFunc(e.Things, func(t Thing) bool { return t.Type == "Patient" && t.ID == f.Patient })
}

// bounds are the filter's times in microseconds.
func (f *Filter) bounds() (from, to int64) {
	from, to = math.MinInt64, math.MaxInt64
	if !f.From.IsZero() {
		from = f.From.UnixMicro()
	}
	if !f.To.IsZero() {
		to = f.To.UnixMicro()
	}
	return from, to
}

var blocksOfTime = db.Same(blockColumns + `WHERE tenant = $1 AND n > $2 AND last >= $4 AND first <= $5 ORDER BY n LIMIT $3`)

// errEnough stops a walk whose reader wants no more.
var errEnough = errors.New("enough")

// Read yields a tenant's entries that the filter takes, in the order of the chain and then those that wait to be sealed,
// out of one snapshot, which lasts until the loop ends. It believes what it reads: Verify first. An error ends it: Internal
// for a block that cannot be read; Unavailable, TimedOut.
func Read(ctx context.Context, d *db.DB, tenant int32, f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		err := d.Read(ctx, func(t db.Tx) error {
			return read(ctx, t, tenant, f, func(e Entry) bool { return yield(e, nil) })
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(Entry{}, err)
		}
	}
}

// Scan is Read of all entries inside a transaction, for what has to be compared in one snapshot. The error of fn ends it.
func Scan(ctx context.Context, t db.Tx, tenant int32, fn func(Entry) error) error {
	var stopped error
	err := read(ctx, t, tenant, Filter{}, func(e Entry) bool {
		stopped = fn(e)
		return stopped == nil
	})
	if stopped != nil {
		return stopped
	}
	return err
}

func read(ctx context.Context, t db.Tx, tenant int32, f Filter, yield func(Entry) bool) error {
	pack := newPacker()
	defer pack.close()
	from, to := f.bounds()
	err := eachBlock(ctx, t, blocksOfTime, tenant, func(b *block) error {
		rows, ok := pack.unpack(b)
		if !ok {
			return unreadable(b)
		}
		return yieldRows(rows, f, yield)
	}, from, to)
	if err != nil {
		return err
	}
	return readWaiting(ctx, t, tenant, f, yield)
}

// pendingPage bounds the rows in memory: each may hold the entries of thousands of changes.
const pendingPage = 64

func readWaiting(ctx context.Context, t db.Tx, tenant int32, f Filter, yield func(Entry) bool) error {
	for after := int64(math.MinInt64); ; {
		var rows []row
		err := t.Query(ctx, pending.behind, []any{tenant, after, pendingPage}, func(r db.Row) error {
			rows = append(rows, rowAt(r))
			return nil
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		after = rows[len(rows)-1].seq
		if err := yieldRows(rows, f, yield); err != nil {
			return err
		}
	}
}

func yieldRows(rows []row, f Filter, yield func(Entry) bool) error {
	for i := range rows {
		_, entries, ok := decodeBody(rows[i].body)
		if !ok {
			return fault.New(fault.Internal, "a row of the audit cannot be read; verify the record")
		}
		for k := range entries {
			entries[k].Tenant = rows[i].tenant
			if f.takes(&entries[k]) && !yield(entries[k]) {
				return errEnough
			}
		}
	}
	return nil
}
