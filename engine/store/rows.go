package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/index"
)

// rowsOf computes what some versions ask of the index.
func (c *comparing) rowsOf(from asker, params *ownParams, found []sealedVersion) ([]asking, error) {
	extracted, out, todo := make([]index.Rows, len(found)), make([]asking, len(found)), make([]func(), len(found))
	for i, v := range found {
		todo[i] = func() {
			x, labels, err := c.extract(params, v)
			extracted[i], out[i] = x, asking{append(plainRows(x), resourceRow(x)), lists{x.Units, slices.Concat(x.Values, x.Codes), labels}, err != nil}
		}
	}
	run(todo)
	return out, c.addRefs(from, out, extracted)
}

func (c *comparing) extract(params *ownParams, v sealedVersion) (rows index.Rows, labels []typedLabel, err error) {
	if v.Deleted {
		return rows, nil, nil
	}
	defer c.s.caught(&err)
	plain, err := c.keys.open(v.RID, v.Number, v.sealed)
	if err != nil {
		return rows, nil, err
	}
	r, err := stored(plain)
	if err != nil {
		return rows, nil, err
	}
	if !c.old.has(v.Type, v.RID) {
		labels = typedLabels(v.Type, labelsOf(r))
	}
	rows, err = c.keys.extract(context.Background(), r, c.s.base, params.now) // what was given up is not damaged
	return rows, labels, err
}

func plainRows(x index.Rows) []row {
	var out []row
	for _, r := range x.Token {
		out = append(out, tokenRow(r))
	}
	for _, r := range x.String {
		out = append(out, row{1, r.Hash, packed(int64(r.Exact)) + r.Value})
	}
	for _, r := range x.Date {
		out = append(out, row{2, r.Hash, packed(r.Lo, r.Hi)})
	}
	for _, r := range x.Number {
		out = append(out, row{3, r.Hash, numberValue(r.Lo, r.Hi, r.Code, r.System)})
	}
	return out
}

func tokenRow(r index.TokenRow) row { return row{0, r.Hash, packed(int64(r.System))} }

// resourceRow stands for the columns present and shared.
func resourceRow(x index.Rows) row { return row{5, 0, presentText(x.Params) + sharedText(ownKeys(x))} }

func packed(list ...int64) string {
	b := make([]byte, 0, 8*len(list))
	for _, n := range list {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return string(b)
}

func unpacked(s string, i int) int64 {
	return int64(binary.LittleEndian.Uint64([]byte(s[8*i : 8*i+8])))
}

func numberValue(lo, hi float64, code, system int32) string {
	return packed(int64(math.Float64bits(plusZero(lo))), int64(math.Float64bits(plusZero(hi))), int64(code), int64(system))
}

// addRow takes a row of any table but resource. A reference has its target under a number.
func (c *indexColumns) addRow(tenant int32, rid int64, r row) {
	switch v := r.value; indexTables[r.table] {
	case "ix_token":
		c.addToken(tenant, index.TokenRow{Hash: r.hash, System: int32(unpacked(v, 0))}, rid)
	case "ix_string":
		c.add(tenant, rid, index.Rows{String: []index.StringRow{{Hash: r.hash, Value: v[8:], Exact: int32(unpacked(v, 0))}}})
	case "ix_date":
		c.add(tenant, rid, index.Rows{Date: []index.DateRow{{Hash: r.hash, Lo: unpacked(v, 0), Hi: unpacked(v, 1)}}})
	case "ix_number":
		lo, hi := math.Float64frombits(uint64(unpacked(v, 0))), math.Float64frombits(uint64(unpacked(v, 1)))
		c.add(tenant, rid, index.Rows{Number: []index.NumberRow{{Hash: r.hash, Lo: lo, Hi: hi, Code: int32(unpacked(v, 2)), System: int32(unpacked(v, 3))}}})
	case "ix_ref":
		c.addRef(tenant, unpacked(v, 0), r.hash, rid)
	}
}

// addRefs adds the rows of references, whose targets' numbers are looked up for all at once.
func (c *comparing) addRefs(from asker, out []asking, extracted []index.Rows) error {
	var k keys
	type pending struct {
		i    int
		hash int64
	}
	var asked []pending
	for i, x := range extracted {
		for _, r := range x.Ref {
			if !here(r) {
				out[i].rows = append(out[i].rows, tokenRow(foreign(r.Hash, r.Target.Text)))
				continue
			}
			k.add(identityOf(c.tenant, r))
			asked = append(asked, pending{i, r.Hash})
		}
	}
	err := from.EachQuery(c.ctx, targetSQL, func(r db.Row) error {
		a := asked[r.Int64(0)]
		out[a.i].rows = append(out[a.i].rows, row{4, a.hash, packed(r.Int64(1))})
		return nil
	}, k.tenant, k.index, k.id)
	for i := range out {
		out[i].rows = distinct(out[i].rows)
	}
	return err
}

func distinct(rows []row) []row {
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.hash, b.hash), cmp.Compare(a.value, b.value))
	})
	return slices.Compact(rows)
}
