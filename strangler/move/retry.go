package move

import (
	"bytes"
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/source"
)

// Retried says what became of the rows that Retry read again.
type Retried struct {
	Taken  int64   // out of quarantine: mapped or filtered now
	Held   []int64 // numbers of those that stay in quarantine
	Absent []int64 // numbers of those that the source does not hold any more
	Orphan []int64 // numbers of those that no root owns; the next run looks at them again

	Remapped bool // the pack is not that of the last run: it must be run again before it can be proved
}

// Retry reads rows in quarantine again, by their keys, and takes those that can be mapped now: after the mapping was
// changed, or what stood in their way here. Meanwhile it holds the last run as one who runs does. Without ids it tries all.
// Faults: Conflict if a run is in the middle, if the last one was of another source, or if another process begins one;
// Unknown if nothing was moved or nothing in quarantine has one of the numbers.
func (m *Mover) Retry(ctx context.Context, ids []int64) (res Retried, err error) {
	held, err := m.heldRows(ctx, ids)
	if err != nil {
		return res, err
	}
	run, err := m.reopen(ctx)
	if err != nil {
		return res, err
	}
	res.Remapped = run.Mapping != m.Pack.Hash()
	err = m.retryAll(ctx, run, held, &res)
	closed := ledger.End(context.WithoutCancel(ctx), m.DB, m.Tenant, run, ledger.Done, m.Now(), ledger.NewHasher(m.leaves))
	if err != nil {
		return res, err
	}
	return res, closed
}

func (m *Mover) reopen(ctx context.Context) (ledger.Run, error) {
	m.held = true
	if err := ledger.Intact(ctx, m.DB, m.Tenant, ledger.NewHasher(m.leaves)); err != nil {
		return ledger.Run{}, err
	}
	return ledger.Reopen(ctx, m.DB, m.Tenant, ledger.Run{Pack: m.Name, Hash: m.Legacy.Identity().Hash, Touched: m.Now()})
}

func (m *Mover) retryAll(ctx context.Context, run ledger.Run, held []ledger.Held, res *Retried) error {
	if err := m.learnNames(ctx); err != nil {
		return err
	}
	walks := m.walks()
	for _, h := range held {
		if err := m.retry(ctx, run, walks, h, res); err != nil {
			return err
		}
		if m.Progress != nil {
			m.Progress(Progress{Done: res.seen(), Total: int64(len(held))})
		}
	}
	return nil
}

func (r *Retried) seen() int64 { return r.Taken + int64(len(r.Held)+len(r.Absent)+len(r.Orphan)) }

func (m *Mover) heldRows(ctx context.Context, ids []int64) (held []ledger.Held, err error) {
	wanted := map[int64]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	err = ledger.Quarantine(ctx, m.DB, m.Tenant, 0, 1<<31, func(h ledger.Held) error {
		if len(ids) == 0 || wanted[h.ID] {
			h.Image = nil
			held = append(held, h)
			delete(wanted, h.ID)
		}
		return nil
	})
	for id := range wanted {
		return nil, fault.New(fault.Unknown, "nothing in quarantine has the number %d", id)
	}
	return held, err
}

func (m *Mover) retry(ctx context.Context, run ledger.Run, walks []*walk, h ledger.Held, res *Retried) error {
	w := walkOf(walks, h.Table)
	if w == nil || w.sweep() {
		res.Orphan = append(res.Orphan, h.ID)
		return nil
	}
	known, links, err := m.booked(ctx, h)
	if err != nil {
		return err
	}
	f, err := m.reread(ctx, w, known.Source())
	if err != nil {
		return err
	}
	if f == nil {
		res.Absent = append(res.Absent, h.ID)
		return nil
	}
	f.known, f.links = &known, links
	taken, err := m.takeAgain(ctx, run, &batch{walk: w, families: []*family{f}})
	if taken {
		res.Taken++
	} else {
		res.Held = append(res.Held, h.ID)
	}
	return err
}

func walkOf(walks []*walk, table int32) *walk {
	for _, w := range walks {
		if w.step.Table == table {
			return w
		}
	}
	return nil
}

// booked is what ledger and crosswalk say of a row.
func (m *Mover) booked(ctx context.Context, h ledger.Held) (row ledger.Row, links []crosswalk.Link, err error) {
	err = m.DB.Read(ctx, func(tx db.Tx) error {
		err := ledger.Of(ctx, tx, m.Tenant, h.Table, [][]byte{h.Key}, func(_ int, r ledger.Row) error {
			row = r
			return nil
		})
		if err != nil {
			return err
		}
		return crosswalk.Of(ctx, tx, m.Tenant, h.Table, [][]byte{h.Key}, func(_ int, l crosswalk.Link) error {
			links = append(links, l)
			return nil
		})
	})
	if err == nil && row.Key == nil {
		err = fault.New(fault.Internal, "a row in quarantine does not stand in the ledger")
	}
	return row, links, err
}

// reread reads one row, with what belongs to it, by its key; nil if the source does not hold it.
func (m *Mover) reread(ctx context.Context, w *walk, key []byte) (*family, error) {
	for in, err := range w.mp.Gather(ctx, m.Legacy, m.tables, source.Position{Key: ledger.Before(key)}) {
		if err != nil {
			return nil, err
		}
		f := newFamily(in)
		if !bytes.Equal(f.full, key) {
			return nil, nil
		}
		return f, nil
	}
	return nil, nil
}

// takeAgain maps the batch's only row, whatever the ledger says, and writes it.
func (m *Mover) takeAgain(ctx context.Context, run ledger.Run, b *batch) (taken bool, err error) {
	f := b.families[0]
	h := ledger.NewHasher(m.leaves)
	f.hash(h, m.Pack.Hash(), nil)
	if err := m.mapOne(b.walk, f, h); err != nil {
		return false, err
	}
	if err := m.compare(ctx, b); err != nil {
		return false, err
	}
	b.keepVersions()
	if err := m.know(ctx, b.names()); err != nil {
		return false, err
	}
	e, err := m.entry(run, b)
	if err != nil {
		return false, err
	}
	planned, err := m.apply(ctx, run, b, e, m.guard(run))
	if err == nil {
		err = planned.Commit(ctx)
	}
	if err != nil && !m.blames(ctx, run, err) {
		return false, err
	}
	return err == nil && f.out.Refused == nil, nil
}

// guard stops a transaction if another process has taken the run over.
func (m *Mover) guard(run ledger.Run) func(context.Context, db.Tx) error {
	return func(ctx context.Context, tx db.Tx) error { return ledger.Guard(ctx, tx, m.Tenant, run, m.Now()) }
}
