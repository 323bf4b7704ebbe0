package store

import (
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/db"
)

// mending is a batch of suspects that one transaction looks at and repairs: their writers, and on SQLite all others, wait
// meanwhile. So it is small, and smaller where it takes long.
type mending struct {
	list []suspect
	rows int
	size int // how many suspects are taken at a time
}

const (
	leastMended = 20 // else a slow disk would make of each resource a commit
	mostMended  = 200
	mostRows    = 20_000
	mendTime    = 50 * time.Millisecond
)

// adapt makes the next batch as great as its time allows.
func (m *mending) adapt(took time.Duration) {
	if took > mendTime {
		m.size = max(m.size/2, leastMended)
	} else {
		m.size = min(m.size+10, mostMended)
	}
}

// mend takes a suspect, and repairs a batch when it is full.
func (r *renewal) mend(x suspect) error {
	m := &r.batch
	m.size = max(m.size, leastMended)
	m.list, m.rows = append(m.list, x), m.rows+len(x.missing)+len(x.extra)
	if len(m.list) < m.size && m.rows < mostRows {
		return nil
	}
	return r.flush()
}

func (r *renewal) flush() (err error) {
	list := r.batch.list
	if len(list) == 0 {
		return nil
	}
	if err := r.c.ctx.Err(); err != nil {
		return err
	}
	begun, before := time.Now(), *r
	var found []finding
	for try := range maxTries {
		*r = before
		r.at(list[len(list)-1].rid)
		err = r.s.db.Write(r.c.ctx, func(tx db.Tx) error {
			found, err = r.repair(tx, list)
			return err
		})
		if err == nil || !again(err) || try == maxTries-1 {
			break
		}
		if err := pause(r.c.ctx, try); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	for i := range found {
		for _, f := range found[i].faults() {
			r.told(r.Checked, r.Total, &f)
		}
	}
	r.batch = mending{size: r.batch.size}
	r.batch.adapt(time.Since(begun))
	return nil
}

// repair looks at suspects under the locks of their writers, and makes right what is still wrong.
func (r *renewal) repair(tx db.Tx, list []suspect) ([]finding, error) {
	c := r.c
	if err := r.lock(tx, list); err != nil {
		return nil, err
	}
	params, err := r.s.readParams(c.ctx, tx, c.tenant, r.s.book.of(c.tenant).ownParams)
	if err == nil {
		err = outgrown(params.least)
	}
	if err != nil {
		return nil, err
	}
	found, err := c.verify(tx, params, list)
	if err != nil {
		return nil, err
	}
	var b batch
	var columns markColumns
	for i := range found {
		r.count(&found[i])
		found[i].put(&b, &columns, c.keys, params.edition)
	}
	if err := r.save(tx); err != nil {
		return nil, err
	}
	b.add.sort()
	err = tx.Last(c.ctx, func(p *db.Pipe) {
		p.Each(mendLabel, b.labels.columns()...)
		b.queue(p)
		p.Each(markPresent, columns.tenant, columns.rid, columns.present, columns.shared)
	})
	if err == nil {
		r.s.measures.learn(b.units)
	}
	return found, err
}

// mendLabel is addLabel that puts right what stands under the hash.
var mendLabel = db.Text{
	SQLite: `INSERT INTO ix_label (tenant, type, hash, element, system, code) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant, type, hash) DO UPDATE SET element = excluded.element, system = excluded.system, code = excluded.code`,
	Postgres: `INSERT INTO ix_label (tenant, type, hash, element, system, code) SELECT DISTINCT ON (q.tenant, q.type, q.hash) q.*
		FROM unnest($1::int4[], $2::int2[], $3::int8[], $4::text[], $5::text[], $6::text[]) AS q(tenant, type, hash, element, system, code)
		ORDER BY q.tenant, q.type, q.hash
		ON CONFLICT (tenant, type, hash) DO UPDATE SET element = excluded.element, system = excluded.system, code = excluded.code`,
}

// markColumns are new contents of the columns present and shared.
type markColumns struct {
	tenant          []int32
	rid             []int64
	present, shared []string
}

func (c *markColumns) add(tenant int32, rid int64, text string) {
	present, shared := ofResource(text)
	c.tenant, c.rid, c.present, c.shared = append(c.tenant, tenant), append(c.rid, rid), append(c.present, present), append(c.shared, shared)
}

// put adds what makes a finding right. What stands too often is removed before it is added.
func (f *finding) put(b *batch, columns *markColumns, k *tenantKeys, edition int64) {
	tenant := k.tenant
	changed := false
	for _, x := range f.rows {
		if indexTables[x.table] == "resource" {
			changed = true
			continue
		}
		if x.have > 0 {
			b.drop.addRow(tenant, f.rid, x.row)
		}
		if x.want > 0 {
			b.add.addRow(tenant, f.rid, x.row)
		}
	}
	if changed {
		columns.add(tenant, f.rid, f.columns)
	}
	b.units.add(tenant, edition, slices.DeleteFunc(slices.Clone(f.measured), unknownUnit)) // under this edition, or the sweep would remove one whose rows it has not seen yet
	b.values.add(tenant, 0, f.values)
	for _, l := range f.labels {
		b.labels.add(k, 0, l.typ, []Label{l.Label})
	}
}

func (r *renewal) count(f *finding) {
	switch {
	case f.damaged:
		r.Damaged++
	case f.wrong():
		r.Resources++
	}
	for _, x := range f.faults() {
		r.Missing, r.Extra = r.Missing+int64(x.Missing), r.Extra+int64(x.Extra)
	}
}

var whoSQL = db.Text{
	SQLite: `SELECT $3, type, id FROM resource WHERE tenant = $1 AND rid = $2`,
	Postgres: `SELECT q.n - 1, r.type, r.id FROM unnest($1::int4[], $2::int8[]) WITH ORDINALITY AS q(tenant, rid, n)
		JOIN resource r ON r.tenant = q.tenant AND r.rid = q.rid`,
}

// lock takes the locks of those who may write the suspects, in the order of all. A number that no resource has may be given to
// one at any time, so then nobody may write.
func (r *renewal) lock(tx db.Tx, list []suspect) error {
	if tx.Dialect() == db.SQLite {
		return nil
	}
	c := r.c
	rids := make([]int64, len(list))
	for i, x := range list {
		rids[i] = x.rid
	}
	var locks []lock
	err := tx.EachQuery(c.ctx, whoSQL, func(row db.Row) error {
		locks = append(locks, lock{lockKey(c.tenant, int16(row.Int32(1)), row.Text(2)), false})
		return nil
	}, repeat(c.tenant, len(rids)), rids)
	if err != nil {
		return err
	}
	locks = append(locks, lock{lockKey(c.tenant, -1, ""), len(locks) == len(list)})
	return tx.Pipeline(c.ctx, func(p *db.Pipe) { takeLocks(p, inOrder(locks)) })
}
