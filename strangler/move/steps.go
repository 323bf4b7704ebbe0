package move

import (
	"context"

	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

// walk is a step of a run: the way over a root table, or (sweep) over a table of children.
type walk struct {
	step  ledger.Step // belongs to the one who commits
	mp    *mapping.Map
	table *source.Table
	id    int32 // number of table
	by    int32 // number of mp
	root  int32 // of children: number of the root's table; 0 for a root
	total int64 // rows of the table
	known bool  // the ledger has entries behind the step's key, so it has to be asked
}

func (w *walk) sweep() bool { return w.root != 0 }

// walks are the steps that the pack asks for: first all roots in the order of the pack, then all children.
func (m *Mover) walks() (all []*walk) {
	for _, mp := range m.Pack.Maps() {
		all = append(all, &walk{mp: mp, table: m.tables[mp.Table]})
	}
	for _, mp := range m.Pack.Maps() {
		for _, j := range mp.Joins {
			if j.Owned {
				all = append(all, &walk{mp: mp, table: m.tables[j.Table], root: m.id(mp.Table)})
			}
		}
	}
	for i, w := range all {
		w.id, w.by = m.id(w.table.String()), m.id(w.mp.Name)
		w.step = ledger.Step{Number: int32(i + 1), Map: w.by, Table: w.id}
	}
	return all
}

// plan settles the steps of a run: those that the ledger has for one that is resumed, else new ones.
func (m *Mover) plan(ctx context.Context, run ledger.Run) ([]*walk, error) {
	all := m.walks()
	known, err := ledger.Steps(ctx, m.DB, m.Tenant, run.ID)
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		err = ledger.Plan(ctx, m.DB, m.Tenant, run, stepsOf(all))
	}
	for i, s := range known {
		all[i].step = s // the same pack has the same steps: its hash was compared
	}
	if err != nil {
		return nil, err
	}
	return all, m.measure(ctx, all)
}

func stepsOf(all []*walk) []ledger.Step {
	steps := make([]ledger.Step, len(all))
	for i, w := range all {
		steps[i] = w.step
	}
	return steps
}

func (m *Mover) measure(ctx context.Context, all []*walk) error {
	for _, w := range all {
		n, err := m.Legacy.Count(ctx, w.table)
		if err != nil {
			return err
		}
		w.total = n.Rows
		if w.known, err = ledger.Any(ctx, m.DB, m.Tenant, w.step.Table, w.step.Key); err != nil {
			return err
		}
	}
	return nil
}
