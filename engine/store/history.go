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

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/r4"
)

// HistoryQuery asks for versions, the newest first.
type HistoryQuery struct {
	Type, ID    string    // both empty: the whole tenant; only ID empty: all of the type
	Count       int       // versions on a page; 0: the default
	Since       time.Time // only versions made at or after it; zero: all
	From, Until time.Time // only versions that were current at some time from the one to the other, both included; zero: all
	Ascending   bool      // the oldest first
	Cursor      string

	Limited string // tells one who sees a part from others; the desk sets it
}

// History returns one page of versions, tombstones included. Faults: Forbidden,
// Unknown for an instance that never existed, Invalid for a cursor of another history.
func (d *Desk) History(ctx context.Context, q HistoryQuery) (Page, error) {
	page, err := d.history(ctx, q)
	if err != nil {
		return Page{}, d.missed(ctx, "history", q.Type, q.ID, err)
	}
	if err := d.cutAll(ctx, page.Entries); err != nil {
		return Page{}, err
	}
	return page, d.record(ctx, d.entry("history", []audit.Thing{{Type: q.Type, ID: q.ID}}), page.Entries...)
}

// history is the page as far as the caller may see it.
func (d *Desk) history(ctx context.Context, q HistoryQuery) (Page, error) {
	seen, err := d.historyOf(ctx, q)
	if err != nil {
		return Page{}, err
	}
	if seen == nil {
		return d.s.history(ctx, d.p.Tenant, q, func(k *tenantKeys, q HistoryQuery, at position) ([]Version, error) {
			return d.s.versions(ctx, k, q, at)
		})
	}
	if q.ID != "" {
		if _, err := d.seen(ctx, q.right(), q.Type, q.ID, ""); err != nil {
			return Page{}, err
		}
	}
	q.Limited = d.p.Print()
	return d.s.history(ctx, d.p.Tenant, q, func(_ *tenantKeys, q HistoryQuery, at position) ([]Version, error) {
		seen.q = q
		return seen.versions(at)
	})
}

func (s *Store) history(ctx context.Context, tenant int32, q HistoryQuery, versions func(*tenantKeys, HistoryQuery, position) ([]Version, error)) (Page, error) {
	print := q.fingerprint()
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
	found, err := versions(k, q, at)
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

// rehearsePast refuses what the history would refuse but for who there is. Faults: Invalid.
func (s *Store) rehearsePast(ctx context.Context, tenant int32, q HistoryQuery) error {
	k, err := s.keys(ctx, tenant)
	if err == nil {
		_, err = k.readCursor(q.fingerprint(), q.Cursor, cursorKeys(q.Cursor))
	}
	return err
}

func cursorKeys(cursor string) int {
	if cursor == "" {
		return 0
	}
	return 1
}

// fingerprint tells one history from another, whatever its page.
func (q HistoryQuery) fingerprint() uint64 {
	text := "history\x00" + q.Type + "\x00" + q.ID
	for _, at := range []time.Time{q.Since, q.From, q.Until} {
		text += "\x00" + strconv.FormatInt(at.UnixMicro(), 10)
	}
	return xxh3.HashString(text + "\x00" + strconv.FormatBool(q.Ascending) + q.Limited)
}

// stretch is the part of a history that is still to be shown: versions made from lo to hi, both included; of those made at
// the edge where it goes on, only the ones behind rid.
type stretch struct {
	lo, hi, rid int64
	from        int64 // only versions that were current at it or later
	held        bool  // from counts
	ascending   bool
}

func (q HistoryQuery) stretch(at position) stretch {
	p := stretch{lo: math.MinInt64, hi: math.MaxInt64, rid: math.MaxInt64, ascending: q.Ascending}
	if !q.Since.IsZero() {
		p.lo = q.Since.UnixMicro()
	}
	if !q.Until.IsZero() {
		p.hi, p.from, p.held = q.Until.UnixMicro(), q.From.UnixMicro(), true
	}
	if p.ascending {
		p.rid = -1
	}
	if at.rid == 0 {
		return p
	}
	p.rid = at.rid
	if edge := at.keys[0].(int64); p.ascending {
		p.lo = edge
	} else {
		p.hi = edge
	}
	return p
}

// versions reads one version more than the page holds.
func (s *Store) versions(ctx context.Context, k *tenantKeys, q HistoryQuery, at position) ([]Version, error) {
	if q.ID != "" {
		return s.instanceVersions(ctx, k, q, at)
	}
	types, err := typesOf(q.Type)
	if err != nil {
		return nil, err
	}
	return s.typeVersions(ctx, k, types, q.Count+1, q.stretch(at))
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

// superseded is when the version x of the history stopped being current.
const superseded = `COALESCE((SELECT n.updated FROM resource_history n WHERE n.tenant = x.tenant AND n.rid = x.rid AND n.version = x.version + 1),
	(SELECT n.updated FROM resource n WHERE n.tenant = x.tenant AND n.rid = x.rid))`

// reborn is whether a version, of x, follows that of a deletion.
const reborn = `EXISTS (SELECT 1 FROM resource_history d WHERE d.tenant = x.tenant AND d.rid = x.rid AND d.version = x.version - 1 AND d.deleted)`

func instanceHistorySQL(p stretch) db.Text {
	held := ""
	if p.held {
		held = " AND " + superseded + " > $6"
	}
	return db.Same(`SELECT rid, version, updated, method, deleted, body, ` + reborn + ` FROM (
	SELECT tenant, rid, version, updated, method, deleted, body FROM resource WHERE tenant = $1 AND rid = $2
	UNION ALL
	SELECT tenant, rid, version, updated, method, deleted, body FROM resource_history x WHERE tenant = $1 AND rid = $2` + held + `
) x WHERE x.updated >= $3 AND x.updated <= $4 ORDER BY x.version ` + direction(p.ascending) + ` LIMIT $5`)
}

func direction(ascending bool) string {
	if ascending {
		return "ASC"
	}
	return "DESC"
}

func (s *Store) instanceVersions(ctx context.Context, k *tenantKeys, q HistoryQuery, at position) ([]Version, error) {
	v, err := s.current(ctx, k.tenant, q.Type, q.ID)
	if err != nil {
		return nil, err
	}
	p := q.stretch(at)
	switch { // no two versions of a resource have one instant
	case at.rid > 0 && p.ascending:
		p.lo++
	case at.rid > 0:
		p.hi--
	}
	args := []any{k.tenant, v.RID, p.lo, p.hi, q.Count + 1}
	if p.held {
		args = append(args, p.from)
	}
	var out []Version
	err = s.db.Query(ctx, instanceHistorySQL(p), args, func(r db.Row) error {
		v := Version{Type: q.Type, ID: q.ID, Reborn: r.Bool(6)}
		err := k.scan(&v, r, 0)
		out = append(out, v)
		return err
	})
	return out, err
}

// typeHistorySQL reads the next versions of each of several types, current and
// past ones apart, along the index of their instants. The limit is written into
// it because the statement runs over columns.
func typeHistorySQL(table string, limit int, p stretch) db.Text {
	columns, body, order := historyParts(table, p)
	body += order + " LIMIT " + strconv.Itoa(limit)
	return db.Text{
		SQLite: "SELECT $7, " + columns + expand(body, "$1", "$2", "$3", "$4", "$5", "$6"),
		Postgres: "SELECT q.n - 1, v.* FROM unnest($1::int4[], $2::int2[], $3::int8[], $4::int8[], $5::int8[], $6::int8[]) WITH ORDINALITY AS q(tenant, type, lo, hi, rid, held, n)" +
			" CROSS JOIN LATERAL (SELECT " + columns + expand(body, "q.tenant", "q.type", "q.lo", "q.hi", "q.rid", "q.held") + ") v",
	}
}

// historyParts are the parts of the statement: what is read, from where, and in which order.
func historyParts(table string, p stretch) (columns, body, order string) {
	id, join, held := "x.id", "", ""
	if table == "resource_history" {
		id, join = "r.id", " JOIN resource r ON r.tenant = x.tenant AND r.rid = x.rid"
		held = " AND " + superseded + " > %from"
	}
	edge := " AND x.updated >= %lo AND (x.updated < %hi OR x.updated = %hi AND x.rid < %rid)"
	if p.ascending {
		edge = " AND x.updated <= %hi AND (x.updated > %lo OR x.updated = %lo AND x.rid > %rid)"
	}
	if !p.held {
		held = ""
	}
	columns = "x.rid, x.version, x.updated, x.method, x.deleted, x.body, " + id + ", x.type, " + reborn
	body = " FROM " + table + " x" + join + " WHERE x.tenant = %tenant AND x.type = %type AND x.version > 0 AND %from = %from" + edge + held
	return columns, body, " ORDER BY x.updated " + direction(p.ascending) + ", x.rid " + direction(p.ascending)
}

func (s *Store) typeVersions(ctx context.Context, k *tenantKeys, types []int16, limit int, p stretch) ([]Version, error) {
	n := len(types)
	index := make([]int32, n)
	for i, t := range types {
		index[i] = int32(t)
	}
	cols := []any{repeat(k.tenant, n), index, repeat(p.lo, n), repeat(p.hi, n), repeat(p.rid, n), repeat(p.from, n)}
	var out []Version
	read := func(r db.Row) error {
		v := Version{ID: r.Text(7), Type: r4.Resources()[r.Int32(8)], Reborn: r.Bool(9)}
		err := k.scan(&v, r, 1)
		out = append(out, v)
		return err
	}
	err := s.db.Read(ctx, func(tx db.Tx) error { // one snapshot: a version moves from one table to the other
		return tx.Last(ctx, func(pipe *db.Pipe) {
			pipe.EachQuery(typeHistorySQL("resource", limit, p), read, cols...)
			pipe.EachQuery(typeHistorySQL("resource_history", limit, p), read, cols...)
		})
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, p.compare)
	return out[:min(limit, len(out))], nil
}

// compare brings versions into the order of the history.
func (p stretch) compare(a, b Version) int {
	if p.ascending {
		a, b = b, a
	}
	return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(b.RID, a.RID))
}

func repeat[T any](v T, n int) []T { return slices.Repeat([]T{v}, n) }

// expand writes the operands into a statement's body.
func expand(body, tenant, typ, lo, hi, rid, from string) string {
	return strings.NewReplacer("%tenant", tenant, "%type", typ, "%lo", lo, "%hi", hi, "%rid", rid, "%from", from).Replace(body)
}
