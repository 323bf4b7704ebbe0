package store

import (
	"slices"

	"github.com/ficushealth/ficus/engine/db"
)

// finding is what is wrong with the rows of a resource, or of a number that no resource has, at one moment.
type finding struct {
	Key      // empty: no resource has the number
	rid      int64
	damaged  bool
	rows     []wrongRow
	columns  string   // what those of table resource should be, if they are among the rows
	lists             // what is not listed
	measured []string // the units that it has, listed or not
}

// wrongRow is a row that is missing or stands too often.
type wrongRow struct {
	row
	want, have int64
}

func (f *finding) wrong() bool { return f.damaged || f.size()+len(f.rows) > 0 }

// atSQL reads versions by their numbers; one that only keeps a number has version 0.
var atSQL = db.Text{
	SQLite: `SELECT $3, rid, version, updated, method, deleted, body, id, type, present || COALESCE(shared, '') FROM resource WHERE tenant = $1 AND rid = $2`,
	Postgres: `SELECT q.n - 1, r.rid, r.version, r.updated, r.method, r.deleted, r.body, r.id, r.type, r.present || ` + textOfKeys + `
		FROM unnest($1::int4[], $2::int8[]) WITH ORDINALITY AS q(tenant, rid, n) JOIN resource r ON r.tenant = q.tenant AND r.rid = q.rid`,
}

// verify looks closely at suspects: what their bodies ask for now, and how often each row under suspicion stands.
func (c *comparing) verify(from asker, params *ownParams, list []suspect) ([]finding, error) {
	found, at, out := make([]sealedVersion, 0, len(list)), make([]int, 0, len(list)), make([]finding, len(list))
	columns := make([]string, len(list))
	rids := make([]int64, len(list))
	for i, x := range list {
		rids[i], out[i].rid = x.rid, x.rid
	}
	err := from.EachQuery(c.ctx, atSQL, func(r db.Row) error {
		if i := int(r.Int64(0)); r.Int64(2) > 0 {
			v := sealedVersion{Version{ID: r.Text(7), Type: typeName(r.Int32(8))}, r.Bytes(6)}
			v.columns(r, 1)
			out[i].Key, columns[i] = Key{v.Type, v.ID}, r.Text(9)
			found, at = append(found, v), append(at, i)
		}
		return nil
	}, repeat(c.tenant, len(rids)), rids)
	if err != nil {
		return nil, err
	}
	asked, err := c.rowsOf(from, params, found)
	if err != nil {
		return nil, err
	}
	all := spread(asked, at, len(list))
	if params.edition != c.params.edition {
		list = anew(list, all)
	}
	return c.findings(from, list, out, all, columns)
}

// anew doubts all that suspects ask for: by the search parameters that were there when they were compared they did not ask for
// all of it.
func anew(list []suspect, asked []asking) []suspect {
	list = slices.Clone(list)
	for i := range list {
		x := &list[i]
		x.missing, x.unlisted = nil, true
		for _, r := range asked[i].rows {
			x.missing = append(x.missing, r.digest())
		}
		slices.Sort(x.missing)
	}
	return list
}

func spread(asked []asking, at []int, n int) []asking {
	out := make([]asking, n)
	for i, x := range asked {
		out[at[i]] = x
	}
	return out
}

func (c *comparing) findings(from asker, list []suspect, out []finding, asked []asking, columns []string) ([]finding, error) {
	var all doubts
	for i, x := range list {
		if out[i].damaged = asked[i].damaged; out[i].damaged {
			continue
		}
		for _, d := range doubtful(x, asked[i].rows) {
			if indexTables[d.table] == "resource" {
				out[i].judge(d, columnsOf(asked[i].rows), columns[i])
				continue
			}
			all.add(c.tenant, i, x.rid, d)
		}
	}
	var fresh listings
	if err := fresh.look(c, from, asked); err != nil {
		return nil, err
	}
	for i := range list {
		if !out[i].damaged { // whatever was found when it was compared: the sweep may have come since
			out[i].lists, out[i].measured = fresh.unlisted(asked[i].lists), asked[i].units
		}
	}
	return out, all.count(c, from, out)
}

// doubtful are the rows of a suspect that have to be looked at, with how often each should stand.
func doubtful(x suspect, asked []row) (out []wrongRow) {
	extra := make(map[row]int64, len(x.extra))
	for _, r := range x.extra {
		extra[r] = 0
	}
	for _, r := range asked {
		_, missing := slices.BinarySearch(x.missing, r.digest())
		if _, more := extra[r]; missing || more {
			extra[r] = 1
		}
	}
	for r, want := range extra {
		out = append(out, wrongRow{row: r, want: want})
	}
	return out
}

func columnsOf(rows []row) string {
	for _, r := range rows {
		if indexTables[r.table] == "resource" {
			return r.value
		}
	}
	return ""
}

// judge compares the columns of table resource, which are one row that may be missing and one too many.
func (f *finding) judge(d wrongRow, want, have string) {
	if f.Key == (Key{}) || want == have {
		return
	}
	f.columns = want
	switch d.value {
	case want:
		d.have = 0
	case have:
		d.have = 1
	default: // of a moment ago
		return
	}
	f.rows = append(f.rows, d)
}

// doubts are rows of several suspects that have to be counted, table by table.
type doubts struct {
	columns indexColumns
	at      [5][]int // the suspect of each row
	rows    [5][]wrongRow
}

func (d *doubts) add(tenant int32, i int, rid int64, r wrongRow) {
	d.columns.addRow(tenant, rid, r.row)
	d.at[r.table], d.rows[r.table] = append(d.at[r.table], i), append(d.rows[r.table], r)
}

// count asks how often each row stands, and notes those that stand too often or not at all.
func (d *doubts) count(c *comparing, from asker, out []finding) error {
	x := &d.columns
	columns := [][]any{
		{x.token.tenant, x.token.hash, x.token.rid, x.token.system},
		{x.text.tenant, x.text.hash, x.text.value, x.text.rid, x.text.exact},
		{x.date.tenant, x.date.hash, x.date.lo, x.date.hi, x.date.rid},
		{x.number.tenant, x.number.hash, x.number.lo, x.number.hi, x.number.code, x.number.system, x.number.rid},
		{x.ref.tenant, x.ref.target, x.ref.hash, x.ref.rid},
	}
	for table, stmt := range countSQL {
		err := from.EachQuery(c.ctx, stmt, func(r db.Row) error {
			n := r.Int64(0)
			w := d.rows[table][n]
			if w.have = r.Int64(1); w.have != w.want {
				f := &out[d.at[table][n]]
				f.rows = append(f.rows, w)
			}
			return nil
		}, columns[table]...)
		if err != nil {
			return err
		}
	}
	return nil
}

var countSQL = []db.Text{
	countText("ix_token", "tenant hash rid system", "int4 int8 int8 int4"),
	countText("ix_string", "tenant hash value rid exact", "int4 int8 text int8 int4"),
	countText("ix_date", "tenant hash lo hi rid", "int4 int8 int8 int8 int8"),
	countText("ix_number", "tenant hash lo hi code system rid", "int4 int8 float8 float8 int4 int4 int8"),
	countText("ix_ref", "tenant target hash rid", "int4 int8 int8 int8"),
}
