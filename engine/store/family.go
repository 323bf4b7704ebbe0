package store

import (
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// The modifiers :below and :above of a reference take in the parts of the resource
// that it names, or what that is a part of, over any number of steps
// (https://hl7.org/fhir/R4/search.html#recursive).

// maxFamily is how many resources these modifiers may stand for.
const maxFamily = 1000

// family looks for references to a resource and its kin.
func (c *compiler) family(k search.Clause, v search.Value) ([]probe, error) {
	var rids []int64
	var hashes []any
	for _, typ := range targetTypes(k, v.Ref) {
		part, ok := partOf(typ)
		if !ok {
			continue
		}
		hashes = append(hashes, c.h.Refers(c.typ, k.Code, typ))
		kin, err := c.kin(typ, v.Ref.ID, c.h.Refers(typ, part.Code, typ), k)
		if err != nil {
			return nil, err
		}
		rids = append(rids, kin...)
	}
	if len(hashes) == 0 {
		return nil, c.cannot(k, "has the modifier :"+string(k.Modifier)+", but names nothing that can be a part of its like, as an Organization or a Location can")
	}
	return []probe{{table: "ix_ref", where: []test{within("x.target", rids), oneOf("x.hash", hashes)}}}, nil
}

// partOf is the parameter by which a resource of the type says that it is a part of another.
func partOf(typ string) (r4.Param, bool) {
	for _, code := range []string{"partof", "part-of"} {
		if p, ok := r4.FindParam(typ, code); ok && p.Type == "reference" && slices.Contains(p.Targets, typ) {
			return p, true
		}
	}
	return r4.Param{}, false
}

var ridSQL = db.Same(`SELECT rid FROM resource WHERE tenant = $1 AND type = $2 AND id = $3`)

var partsSQL = db.Text{
	SQLite: `SELECT $4, rid FROM ix_ref WHERE tenant = $1 AND hash = $2 AND target = $3`,
	Postgres: `SELECT q.n - 1, x.rid FROM unnest($1::int4[], $2::int8[], $3::int8[]) WITH ORDINALITY AS q(tenant, hash, target, n)
		JOIN ix_ref x ON x.tenant = q.tenant AND x.target = q.target AND x.hash = q.hash`,
}

// kin follows the parts level by level; what was met already is not followed again.
func (c *compiler) kin(typ, id string, hash int64, k search.Clause) ([]int64, error) {
	i, _ := typeIndex(typ)
	var level, all []int64
	err := c.from.Query(c.ctx, ridSQL, []any{c.k.tenant, i, id}, func(r db.Row) error {
		level = append(level, r.Int64(0))
		return nil
	})
	next := map[search.Modifier]db.Text{search.Below: partsSQL, search.Above: followSQL}[k.Modifier]
	seen := map[int64]bool{}
	for len(level) > 0 && err == nil {
		var more []int64
		for _, rid := range level {
			seen[rid] = true
		}
		if all = append(all, level...); len(all) > maxFamily {
			return nil, fault.At(fault.TooCostly, fault.Issue{Code: "too-costly", Expression: "http." + search.Printable(k.Name), Text: "stands for more than 1000 resources"})
		}
		err = c.from.EachQuery(c.ctx, next, func(r db.Row) error {
			if rid := r.Int64(1); !seen[rid] {
				seen[rid] = true
				more = append(more, rid)
			}
			return nil
		}, repeat(c.k.tenant, len(level)), repeat(hash, len(level)), level)
		level = more
	}
	return all, err
}
