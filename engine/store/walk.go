package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// walkKind is the job that makes the rows of new search parameters, and removes those of retired ones.
const walkKind = "search parameters"

// Kinds are the jobs that the store does.
func (s *Store) Kinds() []jobs.Kind { return []jobs.Kind{{Name: walkKind, Do: s.walk}} }

// walker goes through the resources that were there before a change of the set, type by type in the order of creation. Its
// exported part is the checkpoint.
type walker struct {
	Types []string // that it goes through
	Type  int      // where it is
	RID   int64    // the last resource of this type that it has seen
	Bound int64    // numbers from here on were given out later: such resources have their rows
	Done  int64
	Total int64

	s      *Store
	job    *jobs.Job
	tenant int32
	keys   *tenantKeys
	work   walkWork // of the last batch
}

// walk does one job: what no other job works on, from the last checkpoint on.
func (s *Store) walk(ctx context.Context, j *jobs.Job) error {
	keys, err := s.keys(ctx, j.Tenant)
	if err != nil {
		return err
	}
	w := &walker{s: s, job: j, tenant: j.Tenant, keys: keys}
	if text := j.Checkpoint(); text != nil {
		err = json.Unmarshal(text, w)
	} else {
		err = w.begin(ctx)
	}
	for err == nil && w.Type < len(w.Types) {
		if err = ctx.Err(); err == nil {
			err = w.step(ctx)
		}
	}
	if err != nil {
		return err
	}
	return w.finish(ctx)
}

var (
	claimParam = db.Same(`UPDATE search_param SET job = $4, done = 0, total = 0, faults = 0 WHERE tenant = $1 AND number = $2 AND job = $3 AND state IN (1, 3)`)
	boundSQL   = db.Same(`SELECT next FROM store_counter WHERE name = 'rid'`)
	walkCount  = db.Same(`SELECT COUNT(*) FROM resource WHERE tenant = $1 AND type = $2 AND NOT deleted AND rid < $3`)
	movedParam = db.Same(`UPDATE search_param SET done = $3, total = $4 WHERE tenant = $1 AND job = $2 AND state IN (1, 3)`)
	addFaults  = db.Same(`UPDATE search_param SET faults = faults + $4 WHERE tenant = $1 AND job = $2 AND number = $3`)
	endParam   = db.Same(`UPDATE search_param SET state = state + 1, definition = CASE state WHEN 3 THEN '' ELSE definition END, done = $3, total = $3
		WHERE tenant = $1 AND job = $2 AND state IN (1, 3)`)
)

// begin claims what no job works on, and lays out the way.
func (w *walker) begin(ctx context.Context) error {
	own, err := w.s.readParams(ctx, w.s.db, w.tenant, nil)
	if err != nil {
		return err
	}
	idle, err := w.idle(ctx, own.list)
	if err != nil {
		return err
	}
	return w.s.db.Write(ctx, func(tx db.Tx) error {
		w.Types, w.Total = nil, 0
		for _, p := range idle {
			n, err := tx.Exec(ctx, claimParam, w.tenant, int64(p.ID), p.Job, w.job.ID)
			if err != nil {
				return err
			}
			if n > 0 {
				w.Types = append(w.Types, typesUnder(p.Param)...)
			}
		}
		slices.Sort(w.Types)
		w.Types = slices.Compact(w.Types)
		if err := w.measure(ctx, tx); err != nil {
			return err
		}
		return w.save(ctx, tx)
	})
}

// idle are those that have work to be done and no job that lives.
func (w *walker) idle(ctx context.Context, list []OwnParam) (out []OwnParam, err error) {
	for _, p := range list {
		if p.State == Whole {
			continue
		}
		lives, err := w.lives(ctx, p.Job)
		if err != nil {
			return nil, err
		}
		if !lives {
			out = append(out, p)
		}
	}
	return out, nil
}

func (w *walker) lives(ctx context.Context, job int64) (bool, error) {
	if job == 0 || job == w.job.ID {
		return false, nil
	}
	status, err := w.s.jobs.Status(ctx, w.tenant, job)
	if fault.Is(err, fault.Unknown) {
		return false, nil
	}
	return status.State == jobs.Waiting || status.State == jobs.Running, err
}

func typesUnder(p r4.Param) (out []string) {
	for _, t := range r4.Resources() {
		if isFor(p, t) {
			out = append(out, t)
		}
	}
	return out
}

// measure counts what lies before it.
func (w *walker) measure(ctx context.Context, tx db.Tx) error {
	err := tx.Query(ctx, boundSQL, nil, func(r db.Row) error {
		w.Bound = r.Int64(0)
		return nil
	})
	for _, t := range w.Types {
		if err != nil {
			return err
		}
		i, _ := typeIndex(t)
		err = tx.Query(ctx, walkCount, []any{w.tenant, i, w.Bound}, func(r db.Row) error {
			w.Total += r.Int64(0)
			return nil
		})
	}
	return err
}

// save writes the checkpoint, and how far it is, in the transaction of the work.
func (w *walker) save(ctx context.Context, tx db.Tx) error {
	text, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, movedParam, w.tenant, w.job.ID, w.Done, max(w.Total, w.Done)); err != nil {
		return err
	}
	w.job.Progress(w.Done, max(w.Total, w.Done), "")
	return w.job.Save(ctx, tx, text)
}

// walkBatch is how many resources are walked through in one transaction: their writers wait meanwhile.
const walkBatch = 200

var walkSQL = db.Same(`SELECT rid, id FROM resource WHERE tenant = $1 AND type = $2 AND rid > $3 AND rid < $4 AND NOT deleted ORDER BY rid LIMIT 200`)

// step walks through the next resources of a type, or goes on to the next type. What fails leaves it where it was.
func (w *walker) step(ctx context.Context) error {
	before := *w
	i, _ := typeIndex(w.Types[w.Type])
	var ids []string
	err := w.s.db.Query(ctx, walkSQL, []any{w.tenant, i, w.RID, w.Bound}, func(r db.Row) error {
		w.RID = r.Int64(0)
		ids = append(ids, r.Text(1))
		return nil
	})
	if err != nil {
		return err
	}
	w.Done += int64(len(ids))
	if len(ids) < walkBatch {
		w.Type, w.RID = w.Type+1, 0
	}
	for try := range maxTries {
		err = w.s.db.Write(ctx, func(tx db.Tx) error { return w.batch(ctx, tx, i, ids) })
		if err == nil || !again(err) || try == maxTries-1 {
			break
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
	if err != nil {
		*w = before //nolint:govet // it holds no lock
	}
	return err
}

// batch makes and removes the rows of some resources, as they are now: the locks keep their writers, and whoever changes the
// set, away until the commit.
func (w *walker) batch(ctx context.Context, tx db.Tx, typ int16, ids []string) error {
	list, err := w.lock(ctx, tx, typ, ids)
	if err != nil {
		return err
	}
	own, err := w.s.readParams(ctx, tx, w.tenant, w.s.book.of(w.tenant).ownParams)
	if err != nil {
		return err
	}
	work := w.workOf(own)
	b := &walkRows{w: w, own: own, work: work, faults: map[uint16]int64{}}
	if err := b.make(ctx, tx, list); err != nil {
		return err
	}
	for number, n := range b.faults {
		if _, err := tx.Exec(ctx, addFaults, w.tenant, w.job.ID, int64(number), n); err != nil {
			return err
		}
	}
	if err := w.save(ctx, tx); err != nil {
		return err
	}
	b.batch.add.sort()
	return tx.Last(ctx, func(p *db.Pipe) {
		b.batch.queue(p)
		p.Each(markPresent, b.tenant, b.rid, b.present, b.shared)
	})
}

var markPresent = db.Text{
	SQLite: `UPDATE resource SET present = $3, shared = NULLIF($4, '') WHERE tenant = $1 AND rid = $2`,
	Postgres: `UPDATE resource r SET present = q.present, shared = ` + keysOfText + `
		FROM unnest($1::int4[], $2::int8[], $3::text[], $4::text[]) AS q(tenant, rid, present, shared)
		WHERE r.tenant = q.tenant AND r.rid = q.rid`,
}

// walked is a resource as it is under its lock.
type walked struct {
	current
	present, shared string
}

var walkedSQL = db.Text{
	SQLite: `SELECT $4, rid, version, updated, method, deleted, body, present, COALESCE(shared, '') FROM resource WHERE tenant = $1 AND type = $2 AND id = $3`,
	Postgres: `SELECT q.n - 1, r.rid, r.version, r.updated, r.method, r.deleted, r.body, r.present, ` + textOfKeys + `
		FROM unnest($1::int4[], $2::int2[], $3::text[]) WITH ORDINALITY AS q(tenant, type, id, n)
		JOIN resource r ON r.tenant = q.tenant AND r.type = q.type AND r.id = q.id`,
}

// lock takes the locks of the resources in the order of all, and reads them.
func (w *walker) lock(ctx context.Context, tx db.Tx, typ int16, ids []string) (out []walked, err error) {
	locks := []lock{{lockKey(w.tenant, -1, ""), true}}
	var k keys
	for _, id := range ids {
		k.add(identity{w.tenant, typ, id})
		locks = append(locks, lock{lockKey(w.tenant, typ, id), false})
	}
	err = tx.Pipeline(ctx, func(p *db.Pipe) {
		if tx.Dialect() == db.Postgres {
			takeLocks(p, inOrder(locks))
		}
		p.EachQuery(walkedSQL, func(r db.Row) error {
			out = append(out, walked{*readCurrent(r), r.Text(7), r.Text(8)})
			return nil
		}, k.tenant, k.index, k.id)
	})
	return out, err
}

// finish says that the work is done. What is gone needs no definition any more.
func (w *walker) finish(ctx context.Context) error {
	err := w.s.db.Write(ctx, func(tx db.Tx) error {
		if tx.Dialect() == db.Postgres {
			if err := tx.Pipeline(ctx, func(p *db.Pipe) { takeLocks(p, []lock{{lockKey(w.tenant, -1, ""), true}}) }); err != nil {
				return err
			}
		}
		if err := w.save(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, endParam, w.tenant, w.job.ID, w.Done)
		return err
	})
	w.s.book.forget(w.tenant)
	return err
}

// Reindex asks for the job that indexes what has been defined and what no job works on, as after one that has failed.
func (s *Store) Reindex(ctx context.Context, tenant int32) (job int64, err error) {
	if s.jobs == nil {
		return 0, errors.New("the store has no queue of jobs")
	}
	err = s.db.Write(ctx, func(tx db.Tx) error {
		job, err = s.jobs.Enqueue(ctx, tx, jobs.Order{Tenant: tenant, Kind: walkKind})
		return err
	})
	return job, err
}
