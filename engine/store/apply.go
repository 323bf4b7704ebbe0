package store

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/outbox"
	"github.com/ficushealth/ficus/event"
	"github.com/ficushealth/ficus/fhir/index"
)

// batch is everything that a group writes, as the columns of a dozen statements.
type batch struct {
	fresh, next resourceColumns
	add, drop   indexColumns
	units       unitColumns
	values      sharedColumns
	labels      labelColumns
	audit       []audit.Entry
	events      []event.Event
}

// apply writes what the members that have not lost want written, and commits.
func (s *Store) apply(ctx context.Context, tx db.Tx, l *loaded, ms []*member) error {
	ms = slices.DeleteFunc(slices.Clone(ms), func(m *member) bool { return m.err != nil })
	if len(ms) == 0 {
		return nil
	}
	if err := s.placeholders(ctx, tx, l, ms); err != nil {
		return err
	}
	var b batch
	for _, m := range ms {
		for _, o := range m.ops {
			b.op(m, o, l)
		}
		b.audit = append(b.audit, m.entries(s.now())...)
		b.events = append(b.events, m.events...)
	}
	b.add.sort()
	var failed error
	err := tx.Last(ctx, func(p *db.Pipe) {
		s.fence(p, ms)
		b.queue(p)
		failed = errors.Join(s.audit.Append(ctx, p, b.audit), outbox.Append(ctx, p, b.events))
	})
	if err = errors.Join(err, failed); err == nil {
		s.measures.learn(b.units)
		s.values.learn(b.values)
		s.values.learn(b.labels.known())
	}
	return err
}

func (b *batch) op(m *member, o *op, l *loaded) {
	if o.effect == Unchanged {
		return
	}
	if o.found == nil {
		b.fresh.add(m.p.Tenant, o)
	} else {
		b.next.add(m.p.Tenant, o)
	}
	b.units.add(m.p.Tenant, m.params.edition, o.add.Units)
	b.values.add(m.p.Tenant, m.params.edition, o.add.Values)
	b.values.add(m.p.Tenant, m.params.edition, o.add.Codes)
	b.labels.add(m.keys, m.params.edition, o.typ, o.labels)
	b.dropRows(m, o, o.drop)
	if m.again { // perhaps because of rows that should not be there: then they are made anew
		b.dropRows(m, o, o.add)
	}
	b.add.add(m.p.Tenant, o.rid, o.add)
	b.addRefs(m, o, l)
	b.events = append(b.events, o.event(m))
}

func (b *batch) addRefs(m *member, o *op, l *loaded) {
	for _, r := range o.add.Ref {
		switch to := o.targets[r.Target.Text]; {
		case !here(r):
			b.add.addToken(m.p.Tenant, foreign(r.Hash, r.Target.Text), o.rid)
		case to.pending:
			b.add.addRef(m.p.Tenant, l.targets[identityOf(m.p.Tenant, r)].rid, r.Hash, o.rid)
		default:
			b.add.addRef(m.p.Tenant, to.rid, r.Hash, o.rid)
		}
	}
}

func (b *batch) dropRows(m *member, o *op, rows index.Rows) {
	b.drop.add(m.p.Tenant, o.rid, rows)
	for _, r := range rows.Ref {
		if here(r) {
			b.drop.addNamed(identityOf(m.p.Tenant, r), r.Hash, o.rid)
		} else {
			b.drop.addToken(m.p.Tenant, foreign(r.Hash, r.Target.Text), o.rid)
		}
	}
}

func (o *op) event(m *member) event.Event {
	verb := map[Effect]func(string) string{Created: event.Created, Updated: event.Updated, Removed: event.Deleted}[o.effect]
	return event.Event{
		Tenant: m.p.Tenant, Name: verb(o.typ), Type: o.typ, ID: o.id, RID: o.rid, Version: int(o.version), Replayed: o.opts.replayed, At: o.updated,
	}
}

// queue sends the statements; what is dropped goes before what is added, so
// that a row that is both is there in the end.
func (b *batch) queue(p *db.Pipe) {
	p.Each(addUnit, b.units.tenant, b.units.code, b.units.edition)
	p.Each(addValue, b.values.tenant, b.values.list, b.values.key, b.values.text)
	p.Each(addLabel, b.labels.columns()...)
	p.Each(keepVersion, b.next.tenant, b.next.rid)
	p.Each(updateResource, b.next.next()...)
	p.Each(insertResource, b.fresh.fresh()...)
	d, a := &b.drop, &b.add
	p.Each(dropToken, d.token.tenant, d.token.hash, d.token.rid, d.token.system)
	p.Each(dropString, d.text.tenant, d.text.hash, d.text.value, d.text.rid, d.text.exact)
	p.Each(dropDate, d.date.tenant, d.date.hash, d.date.lo, d.date.hi, d.date.rid)
	p.Each(dropNumber, d.number.tenant, d.number.hash, d.number.lo, d.number.hi, d.number.code, d.number.system, d.number.rid)
	p.Each(dropRef, d.named.tenant, d.named.index, d.named.id, d.named.hash, d.named.rid)
	p.Each(dropRefTo, d.ref.tenant, d.ref.target, d.ref.hash, d.ref.rid)
	p.Each(addToken, a.token.tenant, a.token.hash, a.token.rid, a.token.system)
	p.Each(addString, a.text.tenant, a.text.hash, a.text.value, a.text.rid, a.text.exact)
	p.Each(addDate, a.date.tenant, a.date.hash, a.date.lo, a.date.hi, a.date.rid)
	p.Each(addNumber, a.number.tenant, a.number.hash, a.number.lo, a.number.hi, a.number.code, a.number.system, a.number.rid)
	p.Each(addRef, a.ref.tenant, a.ref.target, a.ref.hash, a.ref.rid)
}

// placeholders makes a row for each target that references name but that has
// none, and learns the numbers of all of them: another group may have been first.
func (s *Store) placeholders(ctx context.Context, tx db.Tx, l *loaded, ms []*member) error {
	missing, rids := pending(ms)
	if len(missing) == 0 {
		return nil
	}
	var k keys
	for _, id := range missing {
		k.add(id)
	}
	return tx.Pipeline(ctx, func(p *db.Pipe) {
		p.Each(insertPlaceholder, k.tenant, k.index, k.id, rids)
		p.EachQuery(targetSQL, func(r db.Row) error {
			l.targets[missing[r.Int64(0)]] = target{rid: r.Int64(1), exists: r.Int64(2) > 0, version: r.Int64(2)}
			return nil
		}, k.tenant, k.index, k.id)
	})
}

// pending lists the targets without a row, sorted, so that groups make them in
// one order, with a number for each out of those that its op has reserved.
func pending(ms []*member) ([]identity, []int64) {
	numbers := map[identity]int64{}
	for _, m := range ms {
		for _, o := range m.ops {
			spare := o.newRID
			for _, to := range o.targets {
				i, _ := typeIndex(to.typ)
				id := identity{m.p.Tenant, i, to.id}
				if _, have := numbers[id]; to.pending && o.effect != Unchanged && !have {
					spare++
					numbers[id] = spare
				}
			}
		}
	}
	ids := slices.SortedFunc(maps.Keys(numbers), compareIdentity)
	rids := make([]int64, len(ids))
	for i, id := range ids {
		rids[i] = numbers[id]
	}
	return ids, rids
}

func compareIdentity(a, b identity) int {
	return cmp.Or(cmp.Compare(a.tenant, b.tenant), cmp.Compare(a.index, b.index), cmp.Compare(a.id, b.id))
}

// answer fills the results of what is now committed.
func answer(ms []*member) {
	for _, m := range ms {
		if m.err != nil {
			continue
		}
		for _, o := range m.ops {
			*o.result = o.outcome()
		}
		for _, t := range m.twins {
			t.answer()
		}
		if m.after != nil {
			m.after()
		}
	}
}

func (o *op) outcome() Result {
	if len(o.unlessFound) == 1 {
		x := o.unlessFound[0]
		return Result{Version{Type: o.typ, ID: x.id, RID: x.rid}, Unchanged}
	}
	method := o.method
	if o.effect == Unchanged && o.found.live() {
		method = o.found.method
	}
	v := Version{Type: o.typ, ID: o.id, RID: o.rid, Number: o.version, Updated: o.updated, Method: method, Deleted: method == Delete, Body: o.plain}
	return Result{v, o.effect}
}
