package move

import (
	"context"
	"strconv"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
)

// entry is what a batch writes beside resources.
type entry struct {
	rows     []ledger.Row
	links    []crosswalk.Link
	held     []ledger.Held
	released map[int32][][]byte // by table: keys
	gone     []ledger.Row
	findings map[ledger.Finding]int64
	notes    map[string][]note // by sink
	wrote    int64
	same     int64
}

// draft is a batch that is ready to be written.
type draft struct {
	chunk   ledger.Chunk
	planned *store.Planned
}

// draft plans what the batch has settled, and that its walk moves on, in one transaction. The step that moves is the one
// at which the walk stands when the transaction runs.
func (m *Mover) draft(ctx context.Context, run ledger.Run, b *batch) (*draft, error) {
	e, err := m.entry(run, b)
	if err != nil {
		return nil, err
	}
	d := &draft{chunk: ledger.Chunk{Upto: b.upto, Last: b.last, Rows: int64(len(b.families)), Wrote: e.wrote, Same: e.same}}
	d.planned, err = m.apply(ctx, run, b, e, func(ctx context.Context, tx db.Tx) error {
		return ledger.Advance(ctx, tx, m.Tenant, run, b.walk.step, d.chunk, m.Now())
	})
	return d, err
}

// write carries out the batch's draft.
func (m *Mover) write(ctx context.Context, run ledger.Run, b *batch) (ledger.Chunk, error) {
	d := b.draft
	if b.draft = nil; d == nil {
		var err error
		if d, err = m.draft(ctx, run, b); err != nil {
			return ledger.Chunk{}, err
		}
	}
	return d.chunk, d.planned.Commit(ctx)
}

// apply plans the writes of resources, records and books; last is called in the same transaction.
func (m *Mover) apply(ctx context.Context, run ledger.Run, b *batch, e *entry, last func(context.Context, db.Tx) error) (*store.Planned, error) {
	return m.desk.Plan(ctx, func(c *store.Change) error {
		b.resources(c)
		for name, notes := range e.notes {
			m.writeNotes(c, m.sinks[name], notes)
		}
		c.Do(func(ctx context.Context, tx db.Tx) error {
			if err := m.book(ctx, tx, run, e); err != nil {
				return err
			}
			return last(ctx, tx)
		})
		return nil
	})
}

// resources adds the batch's writes to the change. A first version must not meet a resource that is there already, and a
// later one must meet the version that the row was moved as: else somebody changed it here.
func (b *batch) resources(c *store.Change) {
	var list []store.Drafted
	for _, f := range b.families {
		for _, t := range f.put {
			switch {
			case t.same:
			case t.there:
				list = append(list, store.Drafted{Resource: t.Resource, Options: []store.Option{store.Replayed(), ifMatch(t.behind)}})
			default:
				list = append(list, store.Drafted{Resource: t.Resource, Options: []store.Option{store.Replayed(), store.IfAbsent()}})
			}
		}
	}
	c.Updates(list)
}

func ifMatch(version int64) store.Option { return store.IfMatch(strconv.FormatInt(version, 10)) }

// entry makes the books of the batch.
func (m *Mover) entry(run ledger.Run, b *batch) (*entry, error) {
	e := &entry{released: map[int32][][]byte{}, findings: map[ledger.Finding]int64{}, notes: map[string][]note{}}
	for _, f := range b.families {
		if f.same {
			e.same++
			continue
		}
		if err := m.enter(e, run, b.walk, f); err != nil {
			return nil, err
		}
	}
	e.gone = b.vanished
	for _, row := range b.vanished {
		e.released[row.Table] = append(e.released[row.Table], row.Key)
	}
	return e, nil
}

func (m *Mover) enter(e *entry, run ledger.Run, w *walk, f *family) error {
	root := ledger.Row{
		Table: w.id, Key: f.key, Whole: f.whole, Map: w.by, State: f.state(), Reason: m.id(f.reason()),
		Leaf: f.leaf, Image: f.image[:], Run: run.ID,
	}
	e.rows = append(e.rows, root)
	m.enterChildren(e, w, f, root)
	for _, x := range f.out.Findings {
		e.findings[ledger.Finding{Map: w.by, What: m.id(findingName(x))}]++
	}
	m.enterTargets(e, f)
	if f.state() == ledger.Quarantined {
		return m.hold(e, run, w, f)
	}
	if f.known != nil && f.known.State == ledger.Quarantined {
		e.released[w.id] = append(e.released[w.id], f.key)
	}
	return nil
}

// enterChildren writes for each owned child what became of its root.
func (m *Mover) enterChildren(e *entry, w *walk, f *family, root ledger.Row) {
	for i, j := range w.mp.Joins {
		if !j.Owned || w.sweep() {
			continue
		}
		table := m.id(j.Table)
		for k, r := range f.Joined[i] {
			row := root
			row.Table, row.Leaf, row.Image, row.Root = table, f.leaves[i][k], nil, f.key
			row.Key, row.Whole = ledger.Key(r.Key())
			e.rows = append(e.rows, row)
			if m.held {
				e.released[table] = append(e.released[table], row.Key) // it may have been held as an orphan
			}
		}
	}
}

func (m *Mover) enterTargets(e *entry, f *family) {
	e.links = append(e.links, f.linked...)
	for _, t := range f.put {
		if !t.same {
			e.wrote++
		}
	}
	for _, n := range f.notes {
		if !n.same {
			e.notes[n.Type] = append(e.notes[n.Type], n)
			e.wrote++
		}
	}
}

// hold puts the family into quarantine.
func (m *Mover) hold(e *entry, run ledger.Run, w *walk, f *family) error {
	image := ledger.Family{Root: ledger.ImageOf(f.Row)}
	for i, rows := range f.Joined { // none in a sweep
		for _, r := range rows {
			if w.mp.Joins[i].Owned {
				image.Children = append(image.Children, ledger.ImageOf(r))
			}
		}
	}
	sealed, err := ledger.SealImage(m.Sealer, m.Tenant, f.Row.Table.String(), f.full, image)
	if err != nil {
		return err
	}
	e.held = append(e.held, m.heldOf(run, w, f, *f.out.Refused, sealed))
	return nil
}

func (m *Mover) heldOf(run ledger.Run, w *walk, f *family, r mapping.Refusal, sealed []byte) ledger.Held {
	return ledger.Held{
		Table: w.id, Key: f.key, Map: w.by, Mapping: m.Pack.Hash(), Place: f.Row.Position.String(),
		Rule: r.Rule, Path: r.Path, Reason: r.Code + ": " + r.Text, Image: sealed, Run: run.ID, At: m.Now(),
	}
}

// book writes the books.
func (m *Mover) book(ctx context.Context, tx db.Tx, run ledger.Run, e *entry) error {
	if err := ledger.Put(ctx, tx, m.Tenant, e.rows); err != nil {
		return err
	}
	if err := crosswalk.Put(ctx, tx, m.Tenant, e.links); err != nil {
		return err
	}
	for table, keys := range e.released {
		if err := ledger.Release(ctx, tx, m.Tenant, table, keys); err != nil {
			return err
		}
	}
	if err := ledger.Hold(ctx, tx, m.Tenant, e.held); err != nil {
		return err
	}
	if err := m.bookGone(ctx, tx, run, e.gone); err != nil {
		return err
	}
	return ledger.AddFindings(ctx, tx, m.Tenant, run.ID, e.findings)
}

func (m *Mover) bookGone(ctx context.Context, tx db.Tx, run ledger.Run, rows []ledger.Row) error {
	if len(rows) == 0 {
		return nil
	}
	if err := ledger.MarkGone(ctx, tx, m.Tenant, run.ID, rows); err != nil || !m.DeleteVanished {
		return err
	}
	keys := make([][]byte, len(rows))
	for i, r := range rows {
		keys[i] = r.Key
	}
	return crosswalk.MarkStale(ctx, tx, m.Tenant, rows[0].Table, keys)
}
