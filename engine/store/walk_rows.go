package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/r4"
)

// walkWork is what a job has to do by now: a definition that was retired meanwhile is another job's.
type walkWork struct {
	add, drop       *index.Own
	adding, dropped []uint16
}

func (w *walker) workOf(own *ownParams) walkWork {
	var add, drop []r4.Param
	var work walkWork
	for _, p := range own.list {
		switch {
		case p.Job != w.job.ID:
		case p.State == Building:
			add, work.adding = append(add, p.Param), append(work.adding, p.ID)
		case p.State == Leaving:
			drop, work.dropped = append(drop, p.Param), append(work.dropped, p.ID)
		}
	}
	if work.same(w.work) {
		return w.work
	}
	work.add, work.drop = compiled(r4.NewParamSet(add)), compiled(r4.NewParamSet(drop))
	w.work = work
	return work
}

func (k walkWork) same(other walkWork) bool {
	return slices.Equal(k.adding, other.adding) && slices.Equal(k.dropped, other.dropped)
}

// walkRows are the rows of one batch.
type walkRows struct {
	w       *walker
	work    walkWork
	edition int64  // of the set by which they were made
	inside  string // the type that they contain; empty: their own rows are made
	list    []walked
	end     bool // there are no more of the type
	batch   batch
	faults  map[uint16]int64

	tenant  []int32
	rid     []int64
	present []string
	shared  []string

	refs    keys // targets to be looked up
	waiting []waiting
}

// walked is a resource on the way, with what it comes to.
type walked struct {
	rid, version, size int64
	id                 string
	index              int16 // of its type

	add, drop index.Rows
	faults    []uint16

	now             int64 // version under its lock
	live            bool
	present, shared string
}

// waiting is a row that lacks the number of its target.
type waiting struct{ hash, rid int64 }

// make makes the rows of as many of the resources as are a batch.
func (b *walkRows) make(ctx context.Context) (done int, err error) {
	begin, rows := time.Now(), 0
	for done < len(b.list) && rows < walkMost && (done == 0 || time.Since(begin) < walkTime) {
		chunk := b.chunk(done)
		if err := b.open(ctx, b.w.s.db, chunk); err != nil {
			return 0, err
		}
		for _, x := range chunk {
			rows += countRows(x.add) + countRows(x.drop)
		}
		done += len(chunk)
	}
	return done, nil
}

// chunk are the next resources that are held in memory at a time, one at least.
func (b *walkRows) chunk(done int) (out []*walked) {
	size := int64(0)
	for i := done; i < len(b.list) && len(out) < walkChunk && size < walkBytes; i++ {
		size += b.list[i].size
		out = append(out, &b.list[i])
	}
	return out
}

// cut leaves the rest of the resources for later.
func (b *walkRows) cut(n int) {
	if n < len(b.list) {
		b.list, b.end = b.list[:n], false
	}
}

// again makes the rows of what was written after they were made, one at least; if that takes long, the batch ends there. A
// write does not bring the rows of what it leaves as it was, so it does not do the work of the job.
func (b *walkRows) again(ctx context.Context, tx db.Tx) error {
	begin, redone := time.Now(), 0
	for i := range b.list {
		x := &b.list[i]
		if !x.live || x.now == x.version {
			continue
		}
		if redone > 0 && time.Since(begin) > walkTime {
			b.cut(i)
			return nil
		}
		if err := b.open(ctx, tx, []*walked{x}); err != nil {
			return err
		}
		redone++
	}
	return nil
}

func countRows(r index.Rows) int {
	return len(r.Token) + len(r.String) + len(r.Date) + len(r.Number) + len(r.Ref)
}

var walkBody = db.Text{
	SQLite: `SELECT $3, version, body FROM resource WHERE tenant = $1 AND rid = $2 AND NOT deleted`,
	Postgres: `SELECT q.n - 1, r.version, r.body FROM unnest($1::int4[], $2::int8[]) WITH ORDINALITY AS q(tenant, rid, n)
		JOIN resource r ON r.tenant = q.tenant AND r.rid = q.rid AND NOT r.deleted`,
}

// open reads some resources and makes their rows.
func (b *walkRows) open(ctx context.Context, from asked, chunk []*walked) error {
	rids, sealed := make([]int64, len(chunk)), make([][]byte, len(chunk))
	for i, x := range chunk {
		rids[i] = x.rid
	}
	err := from.EachQuery(ctx, walkBody, func(r db.Row) error {
		i := r.Int64(0)
		chunk[i].version, sealed[i] = r.Int64(1), r.Bytes(2)
		return nil
	}, repeat(b.w.tenant, len(chunk)), rids)
	if err != nil {
		return err
	}
	errs, todo := make([]error, len(chunk)), []func(){}
	for i := range chunk {
		if len(sealed[i]) > 0 {
			todo = append(todo, func() {
				defer b.w.s.caught(&errs[i])
				errs[i] = b.rowsOf(chunk[i], sealed[i])
			})
		}
	}
	run(todo)
	return first(nil, errs)
}

func (b *walkRows) rowsOf(x *walked, sealed []byte) error {
	plain, err := b.w.keys.open(x.rid, x.version, sealed)
	if err != nil {
		return err
	}
	r, err := stored(plain)
	if err != nil {
		return err
	}
	if b.inside != "" {
		b.rowsWithin(x, r)
		return nil
	}
	h := b.w.keys.hasher
	x.add, x.faults = b.work.add.Alone(r, h)
	x.drop, _ = b.work.drop.Alone(r, h)
	refs := refsOf(r, b.w.s.base)
	for _, rows := range []*index.Rows{&x.add, &x.drop} {
		aim(rows.Ref, r, refs, b.w.s.base)
		slices.SortFunc(rows.Ref, compareRef)
		rows.Ref = slices.CompactFunc(rows.Ref, func(a, b index.RefRow) bool { return compareRef(a, b) == 0 })
	}
	return nil
}

// collect takes the rows of what is there.
func (b *walkRows) collect(ctx context.Context, tx db.Tx) error {
	for _, x := range b.list {
		if x.live {
			b.put(x)
		}
	}
	return b.targets(ctx, tx)
}

// put adds what is made of one resource. What may be there already is removed before it is added.
func (b *walkRows) put(x walked) {
	tenant := b.w.tenant
	for _, number := range x.faults {
		b.faults[number]++
	}
	b.note(x.add)
	for _, r := range []index.Rows{x.drop, x.add} {
		b.batch.drop.add(tenant, x.rid, r)
		b.point(x.rid, r, true)
	}
	b.batch.add.add(tenant, x.rid, x.add)
	b.point(x.rid, x.add, false)
	if b.inside != "" {
		return
	}
	now, keys := b.work.present(x.present, x.add.Params), otherKeys(x.shared, ownKeys(x.drop), ownKeys(x.add))
	if now != x.present || keys != x.shared {
		b.tenant, b.rid = append(b.tenant, tenant), append(b.rid, x.rid)
		b.present, b.shared = append(b.present, now), append(b.shared, keys)
	}
}

// point takes the references of a resource, to be looked up for all at once.
func (b *walkRows) point(rid int64, rows index.Rows, drop bool) {
	columns := &b.batch.add
	if drop {
		columns = &b.batch.drop
	}
	for _, r := range rows.Ref {
		switch {
		case !here(r):
			columns.addToken(b.w.tenant, foreign(r.Hash, r.Target.Text), rid)
		case drop:
			columns.addNamed(identityOf(b.w.tenant, r), r.Hash, rid)
		default:
			b.refs.add(identityOf(b.w.tenant, r))
			b.waiting = append(b.waiting, waiting{r.Hash, rid})
		}
	}
}

// targets looks up the numbers of what is referred to: whoever wrote the reference has made sure that there is one.
func (b *walkRows) targets(ctx context.Context, tx db.Tx) error {
	found := 0
	err := tx.EachQuery(ctx, targetSQL, func(r db.Row) error {
		at := b.waiting[r.Int64(0)]
		b.batch.add.addRef(b.w.tenant, r.Int64(1), at.hash, at.rid)
		found++
		return nil
	}, b.refs.tenant, b.refs.index, b.refs.id)
	if err == nil && found < len(b.waiting) {
		err = fault.New(fault.Internal, "a reference that is stored has no target under a number")
	}
	return err
}

// present is the column of that name: without the parameters that are worked on, and with those that have a value.
func (k walkWork) present(was string, has []uint16) string {
	out := strings.Map(func(r rune) rune {
		for _, number := range slices.Concat(k.adding, k.dropped) {
			if r == presentRune(number) {
				return -1
			}
		}
		return r
	}, was)
	runes := []rune(out)
	for _, number := range has {
		runes = append(runes, presentRune(number))
	}
	slices.Sort(runes)
	return string(runes)
}

// note takes the units and values of some rows that may not be listed yet.
func (b *walkRows) note(rows index.Rows) {
	tenant := b.w.tenant
	b.batch.units.add(tenant, b.edition, b.w.s.measures.of(tenant).fresh(b.edition, rows.Units))
	b.batch.values.add(tenant, b.edition, b.w.s.values.of(tenant).fresh(b.edition, slices.Concat(rows.Values, rows.Codes)))
}
