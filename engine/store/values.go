package store

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/search"
)

// A string that many resources share, like the name of a code, has a short token row with each of them and stands once in
// table ix_value (index.Value). A search by its beginning or middle finds there which keys it has to look up. So do codes (index.Listed), for an order by them (along_codes.go).

// valueBook remembers which values are listed, so that most writes need not say it again.
type valueBook struct {
	tenants sync.Map
	known   atomic.Int64 // values of all tenants, as an upper bound
}

// maxKnown is how many values are remembered, some forty bytes each, before all of them are forgotten.
const maxKnown = 1_000_000

// listed are the values of a tenant that stand in the table, as far as this process knows. Unused values are removed with a
// new edition of the tenant's search parameters, so that no writer relies on one that is gone.
type listed struct {
	mu      sync.RWMutex
	edition int64
	keys    map[int64]struct{}
}

func (b *valueBook) of(tenant int32) *listed {
	l, _ := b.tenants.LoadOrStore(tenant, &listed{})
	return l.(*listed)
}

// fresh are the values that may not be listed yet.
func (l *listed) fresh(edition int64, list []index.Value) (out []index.Value) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.edition != edition {
		return list
	}
	for _, v := range list {
		if _, known := l.keys[v.Key]; !known {
			out = append(out, v)
		}
	}
	return out
}

// learn reports whether the value is new.
func (l *listed) learn(edition, key int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.edition != edition || l.keys == nil {
		l.edition, l.keys = edition, map[int64]struct{}{}
	}
	before := len(l.keys)
	l.keys[key] = struct{}{}
	return len(l.keys) > before
}

// sharedColumns are values that a group writes, each with the edition under which it does.
type sharedColumns struct {
	tenant             []int32
	list, key, edition []int64
	text               []string
}

func (c *sharedColumns) add(tenant int32, edition int64, list []index.Value) {
	for _, v := range list {
		c.tenant, c.edition = append(c.tenant, tenant), append(c.edition, edition)
		c.list, c.key, c.text = append(c.list, v.List), append(c.key, v.Key), append(c.text, v.Text)
	}
}

func (b *valueBook) learn(c sharedColumns) {
	for i, tenant := range c.tenant {
		if b.of(tenant).learn(c.edition[i], c.key[i]) && b.known.Add(1) > maxKnown {
			b.tenants.Clear()
			b.known.Store(0)
		}
	}
}

// addValue takes the values in one order, so that no two groups wait for each other's.
var addValue = db.Text{
	SQLite: `INSERT INTO ix_value (tenant, hash, key, value) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
	Postgres: `INSERT INTO ix_value (tenant, hash, key, value)
		SELECT DISTINCT q.tenant, q.hash, q.key, q.value FROM unnest($1::int4[], $2::int8[], $3::int8[], $4::text[]) AS q(tenant, hash, key, value)
		ORDER BY q.tenant, q.hash, q.value, q.key ON CONFLICT DO NOTHING`,
}

// sharing looks up the resources with a value of the list that meets the test of x.value. Few values are looked up one by
// one; where there are more, or where others may add some until the search is made, the statement finds the values itself,
// and asks each resource for its own.
func (c *compiler) sharing(list int64, t test) ([]probe, error) {
	if !c.later {
		keys, err := c.someKeys(list, t)
		if err != nil || len(keys) <= maxBranches {
			return byHashes(keys), err
		}
	}
	where, args := c.valuesOf(list, t)
	one := probe{table: "resource", where: []test{c.live(), c.amongKeys(where, args)}}
	return []probe{{table: "ix_token", where: []test{c.keysOf(where, args)}, one: &one}}, nil
}

func byHashes(keys []int64) (out []probe) {
	for _, key := range keys {
		out = append(out, byHash("ix_token", key))
	}
	return out
}

// someKeys are the keys of the values that meet the test, but no more than it takes to know that they are many.
func (c *compiler) someKeys(list int64, t test) (keys []int64, err error) {
	st := newStatement(c.from.Dialect(), c.k.tenant)
	st.add("SELECT v.key FROM ix_value v WHERE v.tenant = $1 AND v.hash = ?", list).tests([]test{t}, "v").add(" LIMIT ?", maxBranches+1)
	err = c.from.Query(c.ctx, st.text(), st.args, func(r db.Row) error {
		keys = append(keys, r.Int64(0))
		return nil
	})
	slices.Sort(keys)
	return slices.Compact(keys), err
}

// valuesOf is the rest of a query for the values of a list that meet a test.
func (c *compiler) valuesOf(list int64, t test) (sql string, args []any) {
	condition := t.text.SQLite
	if c.from.Dialect() == db.Postgres {
		condition = t.text.Postgres
	}
	return " FROM ix_value v WHERE v.tenant = $1 AND v.hash = ? AND " + strings.ReplaceAll(condition, "x.", "v."), append([]any{list}, t.args...)
}

// keysOf matches token rows under the keys of values. PostgreSQL makes an array of them once.
func (c *compiler) keysOf(where string, args []any) test {
	if c.from.Dialect() == db.SQLite {
		return test{text: db.Same("x.hash IN (SELECT v.key" + where + ")"), args: args}
	}
	sql := "x.hash = ANY(ARRAY(SELECT v.key" + where + ")) AND " + halfOf("x.hash") + " = ANY(ARRAY(SELECT " + halfOf("v.key") + where + "))"
	return test{text: db.Same(sql), args: slices.Concat(args, args)}
}

// named looks a code's names up.
func (c *compiler) named(k search.Clause, v search.Value) ([]probe, error) {
	folded, err := c.folded(k, v.Text)
	if err != nil {
		return nil, err
	}
	return c.sharing(c.h.Text(c.typ, k.Code), prefixed(folded))
}

func compareValue(a, b index.Value) int {
	return cmp.Or(cmp.Compare(a.List, b.List), cmp.Compare(a.Key, b.Key), strings.Compare(a.Text, b.Text))
}
