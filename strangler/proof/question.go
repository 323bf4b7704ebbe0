package proof

import (
	"context"
	"runtime"
	"time"

	"github.com/google/uuid"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

// Question says what is to be proved.
type Question struct {
	DB     *db.DB
	Store  *store.Store
	Sinks  []store.RecordSink
	Tenant int32
	Legacy source.Family
	Name   string        // of the pack
	Pack   *mapping.Pack // bound to the tables of Legacy
	Sealer *vault.Sealer // of the tenant

	AuditKeys audit.Keys // under which the audit record is protected
	Anchor    string     // file that knows its end; empty: none

	Golden []mapping.Example // of the pack

	Program  Program
	Now      func() time.Time        // default time.Now
	Workers  int                     // default one per processor
	List     int                     // differences to be listed; default 1000; all are counted
	Progress func(done, total int64) // rows compared; may be nil
}

// prover is a Question at work.
type prover struct {
	Question
	run    ledger.Run
	space  uuid.UUID
	leaves [32]byte
	names  *crosswalk.Names
	sinks  map[string]store.RecordSink
	tables mapping.Tables
	found  *findings
	sides  map[string]*side // by table
	seen   seen

	families map[string]int64 // by table of children: rows that the joins of roots have
}

// Prove compares both sides and states what it found; Sign makes a document of it. What others write here meanwhile is no
// difference. Faults: Unknown if nothing was moved, Conflict if the last run is not done or was of another source or
// mapping, or if one begins before the end.
func (q Question) Prove(ctx context.Context) (Certificate, error) {
	p, err := q.prepare(ctx)
	if err != nil {
		return Certificate{}, err
	}
	c := p.certificate()
	for _, step := range []func(context.Context) error{p.rows, p.children, p.extras, p.index, p.golden, p.witness, p.books, p.still} {
		if err := step(ctx); err != nil {
			return c, err
		}
	}
	return c, p.conclude(ctx, &c)
}

func (q Question) prepare(ctx context.Context) (*prover, error) {
	if q.Now == nil {
		q.Now = time.Now
	}
	if q.Workers <= 0 {
		q.Workers = runtime.GOMAXPROCS(0)
	}
	if q.List <= 0 {
		q.List = 1000
	}
	p := &prover{Question: q, found: newFindings(q.List), sides: map[string]*side{}, families: map[string]int64{}, sinks: map[string]store.RecordSink{}}
	for _, s := range q.Sinks {
		p.sinks[s.Name()] = s
	}
	return p, p.load(ctx)
}

func (p *prover) load(ctx context.Context) (err error) {
	if p.run, err = p.lastRun(ctx); err != nil {
		return err
	}
	if p.space, err = ledger.KnownSpace(ctx, p.DB, p.Tenant, p.Name); err != nil {
		return err
	}
	p.leaves = ledger.LeafKey(p.Sealer)
	if p.names, err = crosswalk.LoadNames(ctx, p.DB, p.Tenant); err != nil {
		return err
	}
	if p.Legacy, err = mapping.Whole(ctx, p.Pack, p.Legacy); err != nil {
		return err
	}
	p.tables, err = mapping.TablesOf(ctx, p.Legacy)
	p.seen.all, err = p.total(ctx, err)
	return err
}

// total is how many rows the covered tables have.
func (p *prover) total(ctx context.Context, err error) (n int64, _ error) {
	for _, c := range p.Pack.Covered() {
		if err != nil {
			return 0, err
		}
		var rows source.Count
		rows, err = p.Legacy.Count(ctx, p.tables[c.Table])
		n += rows.Rows
	}
	return n, err
}

func (p *prover) lastRun(ctx context.Context) (run ledger.Run, err error) {
	runs, err := ledger.Runs(ctx, p.DB, p.Tenant)
	for _, r := range runs {
		if r.Pack == p.Name {
			run = r
		} else if r.State == ledger.Running {
			return run, fault.New(fault.Conflict, "run %d of pack %s is in the middle: let it finish first", r.ID, r.Pack)
		}
	}
	id := p.Legacy.Identity()
	switch {
	case err != nil:
		return run, err
	case run.ID == 0:
		return run, fault.New(fault.Unknown, "nothing has been moved yet")
	case run.State != ledger.Done:
		return run, fault.New(fault.Conflict, "run %d is in the middle: let it finish first", run.ID)
	case run.Hash != id.Hash:
		return run, fault.New(fault.Conflict, "the last run moved another source (%s): prove with that one, or run again with this one", run.Source)
	case run.Mapping != p.Pack.Hash():
		return run, fault.New(fault.Conflict, "the last run was under another version of pack %s: run again under this one; what does not change is not written", p.Name)
	}
	return run, nil
}

// still makes sure that what was compared is what one run left.
func (p *prover) still(ctx context.Context) error {
	run, err := p.lastRun(ctx)
	if err == nil && run.Fence != p.run.Fence {
		err = fault.New(fault.Conflict, "run %d wrote while this was proved: prove again", run.ID)
	}
	return err
}

func (p *prover) certificate() Certificate {
	id := p.Legacy.Identity()
	return Certificate{
		Format: Format, Tenant: p.Tenant, Started: p.Now().UTC(),
		Pack: Pack{p.Name, p.Pack.Hash()}, Program: p.Program,
		Source: Source{Kind: id.Kind, Name: id.Name, Hash: id.Hash, Position: "all of it"},
		Run:    Run{p.run.ID, p.run.State.String(), p.run.Started, p.run.Touched},
	}
}
