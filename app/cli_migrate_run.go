package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/move"
)

type migrateRun struct {
	origin
	site
	Approve        []string `help:"Let a filter leave out more than 1% of a table: TABLE or TABLE:REASON." placeholder:"TABLE[:REASON]" sep:","`
	Batch          int      `help:"Rows of one transaction; 0 finds out what suits the database." default:"0"`
	DeleteVanished bool     `help:"Delete here what the source does not hold any more; else it is only reported."`
	Afresh         bool     `help:"Give up a run that stopped in the middle of another source or mapping, and begin a new one; or write on in books that somebody else has changed since the last run. Nothing that was moved is lost."`
	TakeOver       bool     `help:"Go on where another process is moving into this PostgreSQL database; that one stops at its next batch."`
	Space          string   `help:"UUID from which the ids of all resources are made; it can be chosen before the first run only. Empty: a random one." placeholder:"UUID"`
}

// Help is shown by --help.
func (c *migrateRun) Help() string {
	return `Rows that have not changed since they were moved are not written again, so a run may be repeated, with the same dump or a newer one. What was changed here since is not overwritten: a row that changed on both sides goes into quarantine.

Ctrl-C finishes the batch at hand and stops; so does a failure of any kind. The next run goes on from there.`
}

// Run moves.
func (c *migrateRun) Run(ctx context.Context, s *Streams) error {
	l, err := c.open(ctx, s, c.Place)
	if err != nil {
		return err
	}
	defer l.close()
	if err := mapping.Refuse(l.problems); err != nil {
		return err
	}
	if err := checkApprovals(l.pack, c.Approve); err != nil {
		return err
	}
	a, err := openMoving(ctx, c.site)
	if err != nil {
		return err
	}
	defer a.Close()
	release, err := a.alone(ctx, l.name, c.TakeOver)
	if err != nil {
		return err
	}
	defer release()
	if err := a.keep(ctx, l); err != nil {
		return err
	}
	res, err := a.move(ctx, s, l, c)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return fault.New(fault.Unavailable, "stopped after %s rows; the same command goes on from there", count(res.Rows))
	}
	if err != nil {
		return err
	}
	printMoved(s.Out, res)
	return a.printBooks(ctx, s.Out, res.Run)
}

// openMoving opens everything, and makes the books of a move.
func openMoving(ctx context.Context, p place) (*Tenancy, error) {
	a, err := openAt(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := ledger.Migrate(ctx, a.DB); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// move carries out the run.
func (a *Tenancy) move(ctx context.Context, s *Streams, l *legacy, c *migrateRun) (move.Result, error) {
	bar := newBar(s, "moving", "rows")
	defer bar.end()
	m, err := a.mover(ctx, l, c, func(p move.Progress) {
		bar.rename(fmt.Sprintf("moving, step %d of %d, %s", p.Step, p.Steps, p.Table))
		bar.set(p.All, p.Sum)
	})
	if err != nil {
		return move.Result{}, err
	}
	return m.Run(ctx, c.Afresh)
}

func (a *Tenancy) mover(ctx context.Context, l *legacy, c *migrateRun, told func(move.Progress)) (*move.Mover, error) {
	space, err := a.space(ctx, l.name, c.Space)
	if err != nil {
		return nil, err
	}
	sealer, err := a.Vault.Sealer(ctx, a.Tenant)
	if err != nil {
		return nil, err
	}
	return move.New(ctx, move.Job{
		DB: a.DB, Store: a.Store, Sinks: a.sinks(), Tenant: a.Tenant, Legacy: l.stage, Name: l.name, Pack: l.pack, Space: space, Sealer: sealer,
		Program: Version(), Now: a.Now, BatchRows: c.Batch, Approve: c.Approve, DeleteVanished: c.DeleteVanished, Progress: told,
	})
}

func (a *App) sinks() (list []store.RecordSink) {
	for _, s := range a.Modules.Sinks() {
		list = append(list, s)
	}
	return list
}

// space is the name space of ids: the one that was settled, else the wanted or a random one.
func (a *Tenancy) space(ctx context.Context, pack, wanted string) (uuid.UUID, error) {
	fresh := uuid.New()
	if wanted != "" {
		var err error
		if fresh, err = uuid.Parse(wanted); err != nil {
			return uuid.Nil, usage("--space %q is no UUID", wanted)
		}
	}
	space, err := ledger.Space(ctx, a.DB, a.Tenant, pack, fresh)
	if err == nil && wanted != "" && space != fresh {
		return uuid.Nil, usage("--space can be chosen before the first run only; ids are made from %s", space)
	}
	return space, err
}

func printMoved(w io.Writer, r move.Result) {
	verb := "Run"
	if r.Resumed {
		verb = "Resumed and finished run"
	}
	rate := float64(r.Rows) / max(r.Took.Seconds(), 1e-3)
	sayf(w, "%s %d: %s rows of root tables, %s unchanged, %s resources and records written, in %s (%s rows/s)", verb, r.Run.ID, count(r.Rows), count(r.Same),
		count(r.Wrote), span(r.Took), count(int64(rate)))
	printVanished(w, r)
	if r.Deleted+r.Left > 0 {
		sayf(w, "%s resources and records deleted because their rows have them no more; %s left, because they were changed here or others refer to them", count(r.Deleted), count(r.Left))
	}
}

// printVanished advises to delete only what is still there: the books keep vanished rows for good.
func printVanished(w io.Writer, r move.Result) {
	switch {
	case r.Vanished == 0:
	case r.Standing == 0:
		sayf(w, "%s rows that were moved before are no longer in the source; nothing of them is left here", count(r.Vanished))
	default:
		sayf(w, "%s rows that were moved before are no longer in the source; %s resources and records of them are still here, and each is a difference of the proof (--delete-vanished deletes those that nobody changed here and nothing refers to)",
			count(r.Vanished), count(r.Standing))
	}
}
