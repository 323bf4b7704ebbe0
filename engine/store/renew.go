package store

import (
	"context"
	"encoding/json"
	"log/slog"
	"math"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/fhir/index"
)

// RenewKind is the job that brings the index rows of a tenant to the form of this program.
const RenewKind = "index form"

// IndexRepair says what was repaired.
type IndexRepair struct {
	Checked   int64 // resources
	Resources int64 // whose rows were not right
	Missing   int64 // rows that were added
	Extra     int64 // rows that were removed
	Damaged   int64 // resources that cannot be opened, whose rows are left as they are
	Unused    int64 // values, labels and units that were listed and that nothing has any more
}

// renewal goes through all resources of a tenant, range by range, and makes their index rows what the bodies ask for. Its
// exported part is the checkpoint.
type renewal struct {
	After int64 // numbers up to this one are done
	Bound int64 // numbers from here on were given out later: such resources have their rows
	Total int64
	IndexRepair

	s    *Store
	c    *comparing
	job  *jobs.Job // nil: a command
	told func(done, total int64, fault *IndexFault)

	base  int64 // resources before the range
	batch mending
}

// renew does one job, from the last checkpoint on.
func (s *Store) renew(ctx context.Context, j *jobs.Job) error {
	r := &renewal{s: s, job: j, told: func(int64, int64, *IndexFault) {}}
	if text := j.Checkpoint(); text != nil {
		if err := json.Unmarshal(text, r); err != nil {
			return err
		}
	}
	s.log.Info("the index is brought to the form of this program", slog.Int64("tenant", int64(j.Tenant)), slog.Int("edition", index.Edition))
	err := r.run(ctx, j.Tenant)
	if err == nil {
		s.log.Info("the index has the form of this program", slog.Int64("tenant", int64(j.Tenant)), slog.Int64("resources", r.Checked),
			slog.Int64("added", r.Missing), slog.Int64("removed", r.Extra), slog.Int64("damaged", r.Damaged))
	}
	return err
}

// RepairIndex makes the index rows of a tenant what its bodies ask for, while others write. told hears how far it is, and of
// each fault that is repaired. Killed, it is begun again.
func (s *Store) RepairIndex(ctx context.Context, tenant int32, told func(done, total int64, fault *IndexFault)) (IndexRepair, error) {
	r := &renewal{s: s, told: told}
	err := r.run(ctx, tenant)
	return r.IndexRepair, err
}

var indexTotal = db.Same(`SELECT (SELECT COUNT(*) FROM resource WHERE tenant = $1 AND version > 0), (SELECT next FROM store_counter WHERE name = 'rid')`)

func (r *renewal) run(ctx context.Context, tenant int32) (err error) {
	if r.Bound == 0 {
		r.After = math.MinInt64
		err = r.s.db.Query(ctx, indexTotal, []any{tenant}, func(row db.Row) error {
			r.Total, r.Bound = row.Int64(0), row.Int64(1)
			return nil
		})
	}
	if err == nil {
		r.c, err = r.s.compare(ctx, tenant, r.After)
	}
	for err == nil && r.After < r.Bound {
		if err = ctx.Err(); err == nil {
			err = r.step()
		}
	}
	if err == nil {
		err = r.finish(ctx)
	}
	if err == nil {
		r.Unused, err = r.s.sweepTenant(ctx, tenant)
	}
	return err
}

// step compares and repairs one range.
func (r *renewal) step() error {
	if err := r.c.next(0); err != nil {
		return err
	}
	r.base = r.Checked
	if err := r.c.suspects(r.mend); err != nil {
		return err
	}
	if err := r.flush(); err != nil {
		return err
	}
	r.at(r.c.last)
	if r.job != nil {
		r.s.log.Info("the index is being brought to the form of this program", slog.Int64("tenant", int64(r.c.tenant)), slog.Int64("done", r.Checked), slog.Int64("total", r.Total))
	}
	return r.s.db.Write(r.c.ctx, func(tx db.Tx) error { return r.save(tx) })
}

// at says that the numbers of the range up to one are done.
func (r *renewal) at(rid int64) {
	r.After, r.Checked = rid, r.base+r.c.before(rid)
	r.told(r.Checked, max(r.Total, r.Checked), nil)
}

// save writes how far it is, and the checkpoint, in the transaction of the work.
func (r *renewal) save(tx db.Tx) error {
	ctx := r.c.ctx
	if r.job == nil {
		return nil
	}
	if _, err := tx.Exec(ctx, movedSQL, r.c.tenant, r.Checked, max(r.Total, r.Checked)); err != nil {
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	r.job.Progress(r.Checked, max(r.Total, r.Checked), "")
	return r.job.Save(ctx, tx, text)
}

// finish says that the rows are whole. The new edition of the tenant's search parameters lets every process know.
func (r *renewal) finish(ctx context.Context) error {
	tenant := r.c.tenant
	err := r.s.db.Write(ctx, func(tx db.Tx) error {
		if err := tenantAlone(ctx, tx, tenant); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, wholeSQL, tenant, index.Edition)
		if err == nil && n > 0 {
			err = tx.Query(ctx, nextEdition, []any{tenant}, func(db.Row) error { return nil })
		}
		return err
	})
	r.s.book.forget(tenant)
	return err
}

// tenantAlone waits until nobody else writes in the tenant, and keeps others from it until the transaction ends.
func tenantAlone(ctx context.Context, tx db.Tx, tenant int32) error {
	if tx.Dialect() == db.SQLite {
		return nil
	}
	return tx.Pipeline(ctx, func(p *db.Pipe) { takeLocks(p, []lock{{lockKey(tenant, -1, ""), false}}) })
}
