package store

import (
	"math"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/fhir/index"
)

// The columns of one set-based statement each.

type resourceColumns struct {
	tenant, index, method []int32
	rid, version, updated []int64
	deleted               []bool
	id, present, shared   []string
	body                  [][]byte
}

func (c *resourceColumns) add(tenant int32, o *op) {
	c.tenant, c.index, c.method = append(c.tenant, tenant), append(c.index, int32(o.index)), append(c.method, int32(o.method))
	c.rid, c.version, c.updated = append(c.rid, o.rid), append(c.version, o.version), append(c.updated, o.updated.UnixMicro())
	c.deleted, c.id, c.present, c.body = append(c.deleted, o.method == Delete), append(c.id, o.id), append(c.present, o.present), append(c.body, o.sealed)
	c.shared = append(c.shared, o.shared)
}

func (c *resourceColumns) fresh() []any {
	return []any{c.tenant, c.index, c.id, c.rid, c.version, c.updated, c.method, c.deleted, c.present, c.body, c.shared}
}

func (c *resourceColumns) next() []any {
	return []any{c.tenant, c.rid, c.version, c.updated, c.method, c.deleted, c.present, c.body, c.shared}
}

type indexColumns struct {
	token struct {
		tenant, system []int32
		hash, rid      []int64
	}
	text struct {
		tenant, exact []int32
		hash, rid     []int64
		value         []string
	}
	date struct {
		tenant            []int32
		hash, lo, hi, rid []int64
	}
	number struct {
		tenant, code, system []int32
		hash, rid            []int64
		lo, hi               []float64
	}
	ref struct {
		tenant            []int32
		target, hash, rid []int64
	}
	named struct {
		tenant, index []int32
		id            []string
		hash, rid     []int64
	} // references to be dropped: the target's number is looked up
}

// add takes the rows of one resource; the references come apart, because they need their targets' numbers.
func (c *indexColumns) add(tenant int32, rid int64, r index.Rows) {
	for _, x := range r.Token {
		c.addToken(tenant, x, rid)
	}
	for _, x := range r.String {
		t := &c.text
		t.tenant, t.hash, t.value, t.rid = append(t.tenant, tenant), append(t.hash, x.Hash), append(t.value, x.Value), append(t.rid, rid)
		t.exact = append(t.exact, x.Exact)
	}
	for _, x := range r.Date {
		t := &c.date
		t.tenant, t.hash, t.lo, t.hi, t.rid = append(t.tenant, tenant), append(t.hash, x.Hash), append(t.lo, x.Lo), append(t.hi, x.Hi), append(t.rid, rid)
	}
	for _, x := range r.Number {
		t := &c.number
		t.tenant, t.hash, t.lo, t.hi = append(t.tenant, tenant), append(t.hash, x.Hash), append(t.lo, plusZero(x.Lo)), append(t.hi, plusZero(x.Hi))
		t.code, t.system, t.rid = append(t.code, x.Code), append(t.system, x.System), append(t.rid, rid)
	}
}

func (c *indexColumns) addToken(tenant int32, x index.TokenRow, rid int64) {
	t := &c.token
	t.tenant, t.hash, t.rid, t.system = append(t.tenant, tenant), append(t.hash, x.Hash), append(t.rid, rid), append(t.system, x.System)
}

func (c *indexColumns) addRef(tenant int32, target, hash, rid int64) {
	t := &c.ref
	t.tenant, t.target, t.hash, t.rid = append(t.tenant, tenant), append(t.target, target), append(t.hash, hash), append(t.rid, rid)
}

func (c *indexColumns) addNamed(id identity, hash, rid int64) {
	t := &c.named
	t.tenant, t.index, t.id = append(t.tenant, id.tenant), append(t.index, int32(id.index)), append(t.id, id.id)
	t.hash, t.rid = append(t.hash, hash), append(t.rid, rid)
}

// plusZero makes -0 equal 0 in every index.
func plusZero(f float64) float64 {
	if f == 0 || math.IsNaN(f) {
		return 0
	}
	return f
}

// foreign is the token of a reference to a resource of another server.
func foreign(hash int64, url string) index.TokenRow {
	return index.TokenRow{Hash: int64(xxh3.HashStringSeed(url, uint64(hash)))}
}
