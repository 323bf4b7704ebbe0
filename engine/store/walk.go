package store

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// WalkKind is the job that makes the rows of new search parameters, and removes those of retired ones.
const WalkKind = "search parameters"

// Kinds are the jobs that the store does.
func (s *Store) Kinds() []jobs.Kind {
	return []jobs.Kind{{Name: WalkKind, Do: s.walk}, {Name: RenewKind, Do: s.renew}, {Name: "shared values", Do: s.sweep, Every: 24 * time.Hour}}
}

// walker goes through the resources that were there before a change of the set, type by type in the order of creation. Its
// exported part is the checkpoint.
type walker struct {
	Types  []string         // that it goes through (see ways)
	Counts []int64          // how many resources there are of each
	Params map[uint16][]int // of each parameter, by number: its types, by their place
	Type   int              // where it is
	Before int64            // what was done when it came there
	RID    int64            // the last resource of this type that it has seen
	Bound  int64            // numbers from here on were given out later: such resources have their rows
	Done   int64
	Total  int64

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
	}
	if err == nil && w.Params == nil { // also after a program that did not count for each parameter
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
	movedParam = db.Text{
		SQLite: `UPDATE search_param SET done = $4, total = $5 WHERE tenant = $1 AND job = $2 AND number = $3 AND state IN (1, 3)`,
		Postgres: `UPDATE search_param p SET done = q.done, total = q.total
			FROM unnest($1::int4[], $2::int8[], $3::int4[], $4::int8[], $5::int8[]) AS q(tenant, job, number, done, total)
			WHERE p.tenant = q.tenant AND p.job = q.job AND p.number = q.number AND p.state IN (1, 3)`,
	}
	addFaults = db.Same(`UPDATE search_param SET faults = faults + $4 WHERE tenant = $1 AND job = $2 AND number = $3`)
	endParam  = db.Same(`UPDATE search_param SET state = state + 1, definition = CASE state WHEN 3 THEN '' ELSE definition END, done = total
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
		w.Types, w.Type, w.Before, w.RID, w.Done, w.Total = nil, 0, 0, 0, 0, 0
		var claimed []OwnParam
		for _, p := range idle {
			n, err := tx.Exec(ctx, claimParam, w.tenant, int64(p.ID), p.Job, w.job.ID)
			if err != nil {
				return err
			}
			if n > 0 {
				claimed = append(claimed, p)
				w.Types = append(w.Types, ways(p)...)
			}
		}
		slices.Sort(w.Types)
		w.Types = slices.Compact(w.Types)
		w.place(claimed)
		if err := w.measure(ctx, tx); err != nil {
			return err
		}
		return w.save(ctx, tx)
	})
}

// place says for each parameter where its types are.
func (w *walker) place(claimed []OwnParam) {
	w.Params = map[uint16][]int{}
	for _, p := range claimed {
		for _, t := range typesUnder(p.Param) {
			w.Params[p.ID] = append(w.Params[p.ID], slices.Index(w.Types, t))
		}
	}
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

// ways are what a parameter has the job go through: its types, and where it may find what is listed (units, shared values),
// what contains some of these.
func ways(p OwnParam) (out []string) {
	out = typesUnder(p.Param)
	if p.Type == "string" || p.Type == "date" || p.Type == "reference" {
		return out
	}
	for _, t := range slices.Clone(out) {
		out = append(out, innerWay+t)
	}
	return out
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
	w.Counts = make([]int64, len(w.Types))
	for at, t := range w.Types {
		if err != nil {
			return err
		}
		i, typed := typeIndex(t)
		if !typed {
			continue
		}
		err = tx.Query(ctx, walkCount, []any{w.tenant, i, w.Bound}, func(r db.Row) error {
			w.Counts[at] = r.Int64(0)
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
	if err := w.tell(ctx, tx); err != nil {
		return err
	}
	w.job.Progress(w.Done, max(w.Total, w.Done), "")
	return w.job.Save(ctx, tx, text)
}

// tell writes how far each parameter is, of the resources of its types.
func (w *walker) tell(ctx context.Context, tx db.Tx) error {
	var tenants []int32
	var ids, numbers, done, total []int64
	for _, number := range slices.Sorted(maps.Keys(w.Params)) {
		d, t := w.far(number)
		tenants, ids, numbers, done, total = append(tenants, w.tenant), append(ids, w.job.ID), append(numbers, int64(number)), append(done, d), append(total, t)
	}
	return tx.Pipeline(ctx, func(p *db.Pipe) { p.Each(movedParam, tenants, ids, numbers, done, total) })
}

// far is how many of the resources of a parameter's types it has walked through. Of a type that lies behind it that is all.
func (w *walker) far(number uint16) (done, total int64) {
	for _, at := range w.Params[number] {
		total += w.Counts[at]
		switch {
		case at < w.Type:
			done += w.Counts[at]
		case at == w.Type:
			done += min(w.Done-w.Before, w.Counts[at])
		}
	}
	return done, total
}

// step walks through the next resources of a type, or goes on to the next type. What fails leaves it where it was.
func (w *walker) step(ctx context.Context) (err error) {
	before := *w
	for try := range maxTries {
		if err = w.stride(ctx); err == nil {
			return nil
		}
		*w = before //nolint:govet // it holds no lock
		if !again(err) || try == maxTries-1 {
			return err
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
	}
	return err
}

// stride does the work of a step: the rows are made outside of any transaction, and written in one.
func (w *walker) stride(ctx context.Context) error {
	own, err := w.s.readParams(ctx, w.s.db, w.tenant, w.s.book.of(w.tenant).ownParams)
	if err == nil {
		err = outgrown(own.least)
	}
	if err != nil {
		return err
	}
	b := &walkRows{w: w, work: w.workOf(own), edition: own.edition, faults: map[uint16]int64{}}
	if err := w.rowsOf(ctx, b); err != nil {
		return err
	}
	if err := w.s.db.Write(ctx, func(tx db.Tx) error { return w.write(ctx, tx, b) }); err != nil {
		return err
	}
	w.s.measures.learn(b.batch.units)
	w.s.values.learn(b.batch.values)
	return nil
}

// What is written in one transaction, for which others may have to wait, and how long one is prepared.
const (
	walkBatch = 200    // resources
	walkMost  = 20_000 // rows, but for those of the last resource
	walkBytes = 16 << 20
	walkTime  = 250 * time.Millisecond
	walkChunk = 2 * parallel // resources that are opened at a time
)

var walkSQL = db.Same(`SELECT rid, id, type, version, length(body) FROM resource WHERE tenant = $1 AND type = $2 AND rid > $3 AND rid < $4 AND NOT deleted ORDER BY rid LIMIT 200`)

// rowsOf makes the rows of the next resources of a type, or of what contains some, as many as there is time for.
func (w *walker) rowsOf(ctx context.Context, b *walkRows) error {
	stmt, args := w.way(b)
	err := w.s.db.Query(ctx, stmt, args, func(r db.Row) error {
		b.list = append(b.list, walked{rid: r.Int64(0), id: r.Text(1), index: int16(r.Int32(2)), version: r.Int64(3), size: r.Int64(4)})
		return nil
	})
	if err != nil {
		return err
	}
	all := len(b.list)
	n, err := b.make(ctx)
	b.cut(n)
	b.end = n == all && n < walkBatch
	return err
}

// way asks for the next resources.
func (w *walker) way(b *walkRows) (db.Text, []any) {
	typ, inside := strings.CutPrefix(w.Types[w.Type], innerWay)
	if inside {
		b.inside = typ
		return walkWithinSQL, []any{w.tenant, w.keys.containing(typ), w.RID, walkBatch}
	}
	i, _ := typeIndex(typ)
	return walkSQL, []any{w.tenant, i, w.RID, w.Bound}
}

// advance moves on behind a batch.
func (w *walker) advance(b *walkRows) {
	if n := len(b.list); n > 0 {
		w.RID = b.list[n-1].rid
		if b.inside == "" { // measure does not count the others
			w.Done += int64(n)
		}
	}
	if b.end {
		w.Type, w.RID, w.Before = w.Type+1, 0, w.Done
	}
}

// write adds and removes the rows of some resources. The locks keep their writers, and whoever changes the set, away until the
// commit.
func (w *walker) write(ctx context.Context, tx db.Tx, b *walkRows) error {
	if err := w.lock(ctx, tx, b); err != nil {
		return err
	}
	own, err := w.s.readParams(ctx, tx, w.tenant, w.s.book.of(w.tenant).ownParams)
	if err == nil && (own.edition != b.edition || !w.workOf(own).same(b.work)) {
		err = errOutdated
	}
	if err == nil {
		err = b.again(ctx, tx)
	}
	if err == nil {
		err = b.collect(ctx, tx)
	}
	if err != nil {
		return err
	}
	w.advance(b)
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

var walkedSQL = db.Text{
	SQLite: `SELECT $4, version, deleted, present, COALESCE(shared, '') FROM resource WHERE tenant = $1 AND type = $2 AND id = $3`,
	Postgres: `SELECT q.n - 1, r.version, r.deleted, r.present, ` + textOfKeys + `
		FROM unnest($1::int4[], $2::int2[], $3::text[]) WITH ORDINALITY AS q(tenant, type, id, n)
		JOIN resource r ON r.tenant = q.tenant AND r.type = q.type AND r.id = q.id`,
}

// lock takes the locks of the resources in the order of all, and reads what version they have now.
func (w *walker) lock(ctx context.Context, tx db.Tx, b *walkRows) error {
	locks := []lock{{lockKey(w.tenant, -1, ""), true}}
	var k keys
	for _, x := range b.list {
		k.add(identity{w.tenant, x.index, x.id})
		locks = append(locks, lock{lockKey(w.tenant, x.index, x.id), false})
	}
	return tx.Pipeline(ctx, func(p *db.Pipe) {
		if tx.Dialect() == db.Postgres {
			takeLocks(p, inOrder(locks))
		}
		p.EachQuery(walkedSQL, func(r db.Row) error {
			x := &b.list[r.Int64(0)]
			x.now, x.live, x.present, x.shared = r.Int64(1), r.Int64(1) > 0 && !r.Bool(2), r.Text(3), r.Text(4)
			return nil
		}, k.tenant, k.index, k.id)
	})
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
		_, err := tx.Exec(ctx, endParam, w.tenant, w.job.ID)
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
		job, err = s.jobs.Enqueue(ctx, tx, jobs.Order{Tenant: tenant, Kind: WalkKind})
		return err
	})
	return job, err
}
