package store

import (
	"context"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// inner are the index rows of resources that stand inside others. They are stored nowhere: a statement takes them along
// and finds them in the ix_ tables beside the stored ones, so what it asks means the same of both. Their numbers are
// negative.
type inner struct {
	k     *tenantKeys
	base  string // URL of this server
	own   *index.Own
	preds []predicate
	named map[int64]bool // keys that the predicates look up; rows of others are left out
	last  int64

	token, text, date, number, ref, resource [][]any
}

// inside begins a list of what the predicates will be asked of.
func (c *compiler) inside(preds []predicate) *inner {
	in := &inner{k: c.k, base: c.s.base, own: c.own.now, preds: preds, named: map[int64]bool{}}
	for _, p := range preds {
		p.names(in.named)
	}
	return in
}

// names collects every number that may be the key of a row.
func (p predicate) names(keys map[int64]bool) {
	keys[p.link.hash] = true
	for _, x := range p.probes {
		for _, t := range x.where {
			for _, arg := range t.args {
				switch arg := arg.(type) {
				case int64:
					keys[arg] = true
				case []int64:
					for _, key := range arg {
						keys[key] = true
					}
				}
			}
		}
	}
	for _, sub := range p.sub {
		sub.names(keys)
	}
}

// contained is a resource inside another, with the number that the statement knows it by.
type contained struct {
	fhir.Resource
	rid int64
}

// container is a resource that contains others, opened.
type container struct {
	Version
	r    fhir.Resource
	held []contained
}

// maxInner is how many contained resources go along with one statement, but for those of one container.
const maxInner = 1000

// fill opens the first of a list, until what they contain is enough for a statement.
func (in *inner) fill(ctx context.Context, list []Version) (open []container, err error) {
	for _, v := range list {
		c := container{Version: v}
		if c.r, err = stored(v.Body); err != nil {
			return nil, err
		}
		if c.held, err = in.add(ctx, v.RID, c.r); err != nil {
			return nil, err
		}
		if open = append(open, c); in.last <= -maxInner {
			break
		}
	}
	return open, nil
}

// add takes up what a stored resource contains, and its references to that.
func (in *inner) add(ctx context.Context, rid int64, r fhir.Resource) (list []contained, err error) {
	named := map[string]int64{}
	for c := range r.Get("contained").Items() {
		x := fhir.Resource{Value: c}
		if _, known := typeIndex(x.Type()); !known {
			continue
		}
		in.last--
		list = append(list, contained{x, in.last})
		named[x.ID()] = in.last
	}
	for _, x := range list {
		if err := in.rows(ctx, x); err != nil {
			return nil, err
		}
		if err := in.fragments(x.rid, x.Resource, named); err != nil {
			return nil, err
		}
	}
	return list, in.fragments(rid, r, named)
}

// rows computes the index rows of one resource.
func (in *inner) rows(ctx context.Context, x contained) error {
	rows, err := in.own.Extract(ctx.Done(), x.Resource, in.k.hasher)
	if err != nil {
		return err
	}
	i, _ := typeIndex(x.Type())
	in.resource = append(in.resource, []any{x.rid, i, x.ID(), presentText(rows.Params), sharedText(ownKeys(rows))})
	for _, v := range rows.Values {
		in.named[v.Key] = in.named[v.Key] || in.named[v.List]
	}
	for _, t := range rows.Token {
		in.take(&in.token, t.Hash, x.rid, t.System)
	}
	for _, t := range rows.String {
		in.take(&in.text, t.Hash, x.rid, t.Value, t.Exact)
	}
	for _, d := range rows.Date {
		in.take(&in.date, d.Hash, x.rid, d.Lo, d.Hi)
	}
	for _, n := range rows.Number {
		in.take(&in.number, n.Hash, x.rid, finite(n.Lo), finite(n.Hi), n.Code, n.System)
	}
	for _, r := range rows.Ref {
		if r.Target = targetForm(r.Target, in.base); !here(r) {
			in.take(&in.token, foreign(r.Hash, r.Target.Text).Hash, x.rid, 0)
			continue
		}
		to, _ := typeIndex(r.Target.Type)
		in.take(&in.ref, r.Hash, x.rid, nil, to, r.Target.ID)
	}
	return nil
}

// take adds a row, if its key is looked up.
func (in *inner) take(rows *[][]any, key int64, columns ...any) {
	if in.named[key] {
		*rows = append(*rows, append([]any{key}, columns...))
	}
}

// finite is a bound as JSON can write it; no number of FHIR lies beyond.
func finite(f float64) float64 { return max(-math.MaxFloat64, min(math.MaxFloat64, plusZero(f))) }

// fragments adds the references to what is contained, which have no rows of their own otherwise.
func (in *inner) fragments(rid int64, r fhir.Resource, named map[string]int64) error {
	if len(named) == 0 {
		return nil
	}
	list, err := in.own.Pointers(r, func(string) bool { return true })
	for _, p := range list {
		if to, ok := named[p.Ref.Fragment]; ok && p.Ref.Kind == fhir.RefFragment {
			in.take(&in.ref, in.k.hasher.Param(r.Type(), p.Code), rid, to, nil, nil)
		}
	}
	return err
}

// innerTable is a table that statements see with the rows that they take along.
type innerTable struct {
	name    string
	columns string   // of the table, as far as predicates read them
	given   []string // columns of a row that is taken along, each with its type of PostgreSQL
	beside  string   // columns again, of what is taken along
}

// innerTables ends with the table in which what references point at is looked up, where only stored rows count.
func innerTables() []innerTable {
	return []innerTable{
		{"ix_token", "tenant, hash, rid, system", []string{"hash bigint", "rid bigint", "system integer"}, "g.hash, g.rid, g.system"},
		{"ix_string", "tenant, hash, rid, value, exact", []string{"hash bigint", "rid bigint", "value text", "exact integer"}, "g.hash, g.rid, g.value, g.exact"},
		{"ix_date", "tenant, hash, rid, lo, hi", []string{"hash bigint", "rid bigint", "lo bigint", "hi bigint"}, "g.hash, g.rid, g.lo, g.hi"},
		{"ix_number", "tenant, hash, rid, lo, hi, code, system",
			[]string{"hash bigint", "rid bigint", "lo float8", "hi float8", "code integer", "system integer"}, "g.hash, g.rid, g.lo, g.hi, g.code, g.system"},
		{"ix_ref", "tenant, hash, rid, target", []string{"hash bigint", "rid bigint", "target bigint", "type smallint", "id text"},
			"g.hash, g.rid, COALESCE(g.target, (SELECT t.rid FROM STORED resource t WHERE t.tenant = $1 AND t.type = g.type AND t.id = g.id))"},
		{"resource", "tenant, rid, type, id, present, version, updated, deleted, shared",
			[]string{"rid bigint", "type smallint", "id text", "present text", "shared text"}, "g.rid, g.type, g.id, g.present, 0, CAST(0 AS bigint), FALSE, KEYS"},
	}
}

// with begins a statement that sees the tables with the rows that it takes along.
func (in *inner) with(st *statement) error {
	rows := map[string][][]any{"ix_token": in.token, "ix_string": in.text, "ix_date": in.date, "ix_number": in.number, "ix_ref": in.ref, "resource": in.resource}
	stored := map[db.Dialect]string{db.SQLite: "main.", db.Postgres: ""}[st.dialect]
	terms := strings.NewReplacer("STORED ", stored, "KEYS", map[db.Dialect]string{db.SQLite: "NULLIF(g.shared, '')", db.Postgres: strings.Replace(keysOfText, "q.", "g.", 1)}[st.dialect])
	for i, t := range innerTables() {
		list, err := json.Marshal(append([][]any{}, rows[t.name]...))
		if err != nil {
			return err
		}
		st.add(map[bool]string{true: "WITH ", false: ", "}[i == 0])
		st.add("given_"+t.name+" AS MATERIALIZED (SELECT CAST($1 AS integer), "+terms.Replace(t.beside)+" FROM ("+t.read(st.dialect)+") g), ", string(list))
		st.add(t.name + " AS NOT MATERIALIZED (SELECT " + t.columns + " FROM " + stored + t.name + " UNION ALL SELECT * FROM given_" + t.name + ")")
	}
	st.add(" ")
	return nil
}

// read is a query for the rows of a list in JSON.
func (t innerTable) read(d db.Dialect) string {
	var out []string
	for i, column := range t.given {
		name, typ, _ := strings.Cut(column, " ")
		value := "json_extract(g.value, '$[" + strconv.Itoa(i) + "]')"
		if d == db.Postgres {
			value = "CAST(g.value ->> " + strconv.Itoa(i) + " AS " + typ + ")"
		}
		if d == db.Postgres && typ == "text" {
			value += ` COLLATE "C"`
		}
		out = append(out, value+" AS "+name)
	}
	from := "json_each(?) g"
	if d == db.Postgres {
		from = "json_array_elements(CAST(? AS json)) g(value)"
	}
	return "SELECT " + strings.Join(out, ", ") + " FROM " + from
}

// meeting are those of the numbers, of what was added or is stored, whose resources meet all predicates.
func (in *inner) meeting(ctx context.Context, d asked, rids []int64) (map[int64]bool, error) {
	st := newStatement(d.Dialect(), in.k.tenant)
	if err := in.with(st); err != nil {
		return nil, err
	}
	numbers := innerTable{given: []string{"rid bigint"}}
	rows := make([][]any, len(rids))
	for i, rid := range rids {
		rows[i] = []any{rid}
	}
	asked, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	st.add("SELECT c.rid FROM ("+numbers.read(st.dialect)+") c WHERE TRUE", string(asked))
	for _, p := range in.preds {
		st.filter(p, "c.rid")
	}
	found := map[int64]bool{}
	err = d.Query(ctx, st.text(), st.args, func(r db.Row) error {
		found[r.Int64(0)] = true
		return nil
	})
	return found, err
}
