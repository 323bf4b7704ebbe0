package store

import (
	"context"
	"slices"
	"strings"

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
	if slices.Equal(work.adding, w.work.adding) && slices.Equal(work.dropped, w.work.dropped) {
		return w.work
	}
	work.add, work.drop = compiled(r4.NewParamSet(add)), compiled(r4.NewParamSet(drop))
	w.work = work
	return work
}

// walkRows are the rows of one batch.
type walkRows struct {
	w      *walker
	own    *ownParams
	work   walkWork
	batch  batch
	faults map[uint16]int64

	tenant  []int32
	rid     []int64
	present []string
	shared  []string

	refs    keys // targets to be looked up
	waiting []waiting
}

// waiting is a row that lacks the number of its target.
type waiting struct{ hash, rid int64 }

// walkedOne is what one resource comes to.
type walkedOne struct {
	add, drop index.Rows
	faults    []uint16
}

func (b *walkRows) make(ctx context.Context, tx db.Tx, list []walked) error {
	list = slices.DeleteFunc(list, func(x walked) bool { return !x.live() })
	rows, errs, todo := make([]walkedOne, len(list)), make([]error, len(list)), make([]func(), len(list))
	for i := range list {
		todo[i] = func() {
			defer b.w.s.caught(&errs[i])
			rows[i], errs[i] = b.rowsOf(list[i])
		}
	}
	run(todo)
	if err := first(nil, errs); err != nil {
		return err
	}
	for i, x := range list {
		b.put(x, rows[i])
	}
	return b.targets(ctx, tx)
}

func (b *walkRows) rowsOf(x walked) (out walkedOne, err error) {
	plain, err := b.w.keys.open(x.rid, x.version, x.sealed)
	if err != nil {
		return out, err
	}
	r, err := stored(plain)
	if err != nil {
		return out, err
	}
	h := b.w.keys.hasher
	out.add, out.faults = b.work.add.Alone(r, h)
	out.drop, _ = b.work.drop.Alone(r, h)
	refs := refsOf(r, b.w.s.base)
	for _, rows := range []*index.Rows{&out.add, &out.drop} {
		aim(rows.Ref, r, refs, b.w.s.base)
		slices.SortFunc(rows.Ref, compareRef)
		rows.Ref = slices.CompactFunc(rows.Ref, func(a, b index.RefRow) bool { return compareRef(a, b) == 0 })
	}
	return out, nil
}

// put adds what is made of one resource. What may be there already is removed before it is added.
func (b *walkRows) put(x walked, rows walkedOne) {
	tenant := b.w.tenant
	for _, number := range rows.faults {
		b.faults[number]++
	}
	b.batch.units.add(tenant, b.w.s.measures.of(tenant).fresh(rows.add.Units))
	b.batch.values.add(tenant, b.own.edition, b.w.s.values.of(tenant).fresh(b.own.edition, rows.add.Values))
	for _, r := range []index.Rows{rows.drop, rows.add} {
		b.batch.drop.add(tenant, x.rid, r)
		b.point(x.rid, r, true)
	}
	b.batch.add.add(tenant, x.rid, rows.add)
	b.point(x.rid, rows.add, false)
	now, keys := b.work.present(x.present, rows.add.Params), otherKeys(x.shared, ownKeys(rows.drop), ownKeys(rows.add))
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
