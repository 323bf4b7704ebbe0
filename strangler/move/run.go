package move

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ficushealth/ficus/strangler/ledger"
)

// Result says what a run did.
type Result struct {
	Run      ledger.Run
	Resumed  bool  // it went on with a run that had been stopped
	Rows     int64 // rows seen, of root tables
	Wrote    int64 // targets written
	Same     int64 // rows that had not changed
	Vanished int64 // rows that the ledger knows and the source does not hold any more
	Standing int64 // targets of vanished rows, of this run or an earlier one, that are still here
	Deleted  int64 // targets deleted because their row has them no more
	Left     int64 // of these, targets that could not be deleted: somebody changed them here, or something refers to them
	Took     time.Duration
}

// Run moves everything that is new or has changed. If ctx ends, the batch at hand is finished and the run is left where it
// is; the next Run goes on from there. With afresh a run that stopped in the middle is given up instead. Faults: Conflict
// if a run of another source or mapping stopped in the middle, or if another process takes the run over.
func (m *Mover) Run(ctx context.Context, afresh bool) (res Result, err error) {
	begun := m.Now()
	res.Run, res.Resumed, err = m.start(ctx, afresh)
	if err != nil {
		return res, err
	}
	walks, err := m.plan(ctx, res.Run)
	if err != nil {
		return res, err
	}
	p := newProgress(m, walks)
	if err = m.carry(ctx, res.Run, walks, p); err == nil {
		err = m.prune(ctx, res.Run, walks, &res)
	}
	if err == nil {
		err = m.vanished(ctx, &res)
	}
	for _, w := range walks {
		res.add(w)
	}
	res.Took = m.Now().Sub(begun)
	return res, m.end(ctx, &res.Run, err)
}

func (r *Result) add(w *walk) {
	if !w.sweep() {
		r.Rows, r.Same = r.Rows+w.step.Rows, r.Same+w.step.Same
	}
	r.Wrote += w.step.Wrote
}

func (m *Mover) start(ctx context.Context, afresh bool) (ledger.Run, bool, error) {
	id := m.Legacy.Identity()
	want := ledger.Run{
		Pack: m.Name, Mapping: m.Pack.Hash(), Source: id.Kind + " " + id.Name, Hash: id.Hash, Program: m.Program, Touched: m.Now(),
	}
	if !afresh {
		if err := ledger.Intact(ctx, m.DB, m.Tenant, ledger.NewHasher(m.leaves)); err != nil {
			return want, false, err
		}
	}
	run, resumed, err := ledger.Start(ctx, m.DB, m.Tenant, want, afresh)
	if err == nil {
		err = m.learnNames(ctx)
	}
	if err == nil {
		m.held, err = ledger.AnyHeld(ctx, m.DB, m.Tenant)
	}
	return run, resumed, err
}

// end notes how the run ended; a run that failed stays as it is and is taken up again.
func (m *Mover) end(ctx context.Context, run *ledger.Run, err error) error {
	state := ledger.Done
	if err != nil {
		state = ledger.Stopped
	}
	last := ledger.End(context.WithoutCancel(ctx), m.DB, m.Tenant, *run, state, m.Now(), ledger.NewHasher(m.leaves))
	if err != nil {
		return err // why it stopped says more than that this could not be noted
	}
	run.State = state
	return last
}

// carry goes through the steps that are not done.
func (m *Mover) carry(ctx context.Context, run ledger.Run, walks []*walk, p *progress) error {
	for _, w := range walks {
		if w.step.Done {
			continue
		}
		if err := m.walk(ctx, run, w, p); err != nil {
			return err
		}
		if err := m.approved(ctx, w); err != nil {
			return err
		}
	}
	return nil
}

// walk goes over one table. Reading, mapping and writing work side by side, each on a batch of its own.
func (m *Mover) walk(ctx context.Context, run ledger.Run, w *walk, p *progress) error {
	group, inner := errgroup.WithContext(ctx)
	read, settled := make(chan *batch), make(chan *batch)
	group.Go(func() error {
		defer close(read)
		return m.read(inner, w, func(b *batch) error { return send(inner, read, b) })
	})
	group.Go(func() error {
		defer close(settled)
		for b := range read {
			if err := m.decide(inner, run, b); err != nil {
				return err
			}
			if err := send(inner, settled, b); err != nil {
				return err
			}
		}
		return nil
	})
	group.Go(func() error {
		for b := range settled {
			if err := m.commit(context.WithoutCancel(ctx), run, b); err != nil {
				return err
			}
			p.tell(w, len(b.families))
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// decide settles a batch and plans its transaction. A batch that cannot be planned is left to the one who commits: he
// finds the row.
func (m *Mover) decide(ctx context.Context, run ledger.Run, b *batch) error {
	settle := m.settle
	if b.walk.sweep() {
		settle = m.orphans
	}
	if err := settle(ctx, b); err != nil {
		return err
	}
	d, err := m.draft(context.WithoutCancel(ctx), run, b)
	if err == nil {
		b.draft = d
	}
	return ctx.Err()
}

func send(ctx context.Context, to chan<- *batch, b *batch) error {
	select {
	case to <- b:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
