package store

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/r4"
)

// HistoryQuery asks for versions, the newest first.
type HistoryQuery struct {
	Type, ID string    // both empty: the whole tenant; only ID empty: all of the type
	Count    int       // versions on a page; 0: the default
	Since    time.Time // only versions made at or after it; zero: all
	Cursor   string
}

// History returns one page of versions, tombstones included. Faults: Forbidden,
// Unknown for an instance that never existed, Invalid for a cursor of another history.
func (d *Desk) History(ctx context.Context, q HistoryQuery) (Page, error) {
	op := access.History
	if q.ID != "" {
		op = access.HistoryInstance
	}
	if err := d.p.Check(op, q.Type); err != nil {
		return Page{}, d.refused(ctx, "history", q.Type, q.ID, err)
	}
	page, err := d.s.history(ctx, d.p.Tenant, q)
	if err != nil {
		return Page{}, d.missed(ctx, "history", q.Type, q.ID, err)
	}
	e := d.entry("history", []audit.Thing{{Type: q.Type, ID: q.ID}})
	for _, v := range page.Entries {
		e.Things = append(e.Things, audit.Thing{Type: v.Type, ID: v.ID, Version: int(v.Number)})
	}
	return page, d.s.audit.Record(ctx, e)
}

func (s *Store) history(ctx context.Context, tenant int32, q HistoryQuery) (Page, error) {
	print := xxh3.HashString("history\x00" + q.Type + "\x00" + q.ID + "\x00" + strconv.FormatInt(q.Since.UnixMicro(), 10))
	k, err := s.keys(ctx, tenant)
	if err != nil {
		return Page{}, err
	}
	at, err := k.readCursor(print, q.Cursor, cursorKeys(q.Cursor))
	if err != nil {
		return Page{}, err
	}
	if q.Count <= 0 {
		q.Count = defaultCount
	}
	q.Count = min(q.Count, maxCount)
	found, err := s.versions(ctx, k, q, at)
	if err != nil {
		return Page{}, err
	}
	page := Page{Total: -1, Entries: found}
	if len(found) > q.Count {
		page.Entries = found[:q.Count]
		last := page.Entries[q.Count-1]
		page.Next = k.writeCursor(print, position{last.RID, []any{last.Updated.UnixMicro()}})
	}
	return page, err
}

func cursorKeys(cursor string) int {
	if cursor == "" {
		return 0
	}
	return 1
}

// versions reads one version more than the page holds.
func (s *Store) versions(ctx context.Context, k *tenantKeys, q HistoryQuery, at position) ([]Version, error) {
	before, rid := int64(math.MaxInt64), int64(math.MaxInt64)
	if at.rid > 0 {
		before, rid = at.keys[0].(int64), at.rid
	}
	since := int64(math.MinInt64)
	if !q.Since.IsZero() {
		since = q.Since.UnixMicro()
	}
	if q.ID != "" {
		return s.instanceVersions(ctx, k, q, before, since)
	}
	types, err := typesOf(q.Type)
	if err != nil {
		return nil, err
	}
	return s.typeVersions(ctx, k, types, q.Count+1, before, rid, since)
}

func typesOf(typ string) ([]int16, error) {
	if typ != "" {
		i, known := typeIndex(typ)
		if !known {
			return nil, unknownType(typ)
		}
		return []int16{i}, nil
	}
	out := make([]int16, len(r4.Resources()))
	for i := range out {
		out[i] = int16(i)
	}
	return out, nil
}

var instanceHistorySQL = db.Same(`SELECT rid, version, updated, method, deleted, body FROM (
	SELECT rid, version, updated, method, deleted, body FROM resource WHERE tenant = $1 AND rid = $2
	UNION ALL
	SELECT rid, version, updated, method, deleted, body FROM resource_history WHERE tenant = $1 AND rid = $2
) v WHERE v.updated < $3 AND v.updated >= $4 ORDER BY v.version DESC LIMIT $5`)

func (s *Store) instanceVersions(ctx context.Context, k *tenantKeys, q HistoryQuery, before, since int64) ([]Version, error) {
	v, err := s.current(ctx, k.tenant, q.Type, q.ID)
	if err != nil {
		return nil, err
	}
	var out []Version
	err = s.db.Query(ctx, instanceHistorySQL, []any{k.tenant, v.RID, before, since, q.Count + 1}, func(r db.Row) error {
		v := Version{Type: q.Type, ID: q.ID}
		err := k.scan(&v, r, 0)
		out = append(out, v)
		return err
	})
	return out, err
}

// typeHistorySQL reads the newest versions of each of several types, current and
// past ones apart, along the index of their instants. The limit is written into
// it because the statement runs over columns.
func typeHistorySQL(table string, limit int) db.Text {
	id, join := "x.id", ""
	if table == "resource_history" {
		id, join = "r.id", " JOIN resource r ON r.tenant = x.tenant AND r.rid = x.rid"
	}
	columns := "x.rid, x.version, x.updated, x.method, x.deleted, x.body, " + id + ", x.type"
	body := " FROM " + table + " x" + join + " WHERE x.tenant = %tenant AND x.type = %type AND x.version > 0 AND x.updated >= %since" +
		" AND (x.updated < %before OR x.updated = %before AND x.rid < %rid) ORDER BY x.updated DESC, x.rid DESC LIMIT " + strconv.Itoa(limit)
	return db.Text{
		SQLite: "SELECT $6, " + columns + expand(body, "$1", "$2", "$3", "$4", "$5"),
		Postgres: "SELECT q.n - 1, v.* FROM unnest($1::int4[], $2::int2[], $3::int8[], $4::int8[], $5::int8[]) WITH ORDINALITY AS q(tenant, type, since, before, rid, n)" +
			" CROSS JOIN LATERAL (SELECT " + columns + expand(body, "q.tenant", "q.type", "q.since", "q.before", "q.rid") + ") v",
	}
}

func (s *Store) typeVersions(ctx context.Context, k *tenantKeys, types []int16, limit int, before, rid, since int64) ([]Version, error) {
	n := len(types)
	index := make([]int32, n)
	for i, t := range types {
		index[i] = int32(t)
	}
	cols := []any{repeat(k.tenant, n), index, repeat(since, n), repeat(before, n), repeat(rid, n)}
	var out []Version
	read := func(r db.Row) error {
		v := Version{ID: r.Text(7), Type: r4.Resources()[r.Int32(8)]}
		err := k.scan(&v, r, 1)
		out = append(out, v)
		return err
	}
	err := s.db.Read(ctx, func(tx db.Tx) error { // one snapshot: a version moves from one table to the other
		return tx.Last(ctx, func(p *db.Pipe) {
			p.EachQuery(typeHistorySQL("resource", limit), read, cols...)
			p.EachQuery(typeHistorySQL("resource_history", limit), read, cols...)
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Version) int { return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(b.RID, a.RID)) })
	return out[:min(limit, len(out))], nil
}

func repeat[T any](v T, n int) []T { return slices.Repeat([]T{v}, n) }

// expand writes the operands into a statement's body.
func expand(body, tenant, typ, since, before, rid string) string {
	return strings.NewReplacer("%tenant", tenant, "%type", typ, "%since", since, "%before", before, "%rid", rid).Replace(body)
}
