package store

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
)

var (
	listedLabelsSQL = db.Same(`SELECT hash, type, element, system, code FROM ix_label WHERE tenant = $1`)
	// lookedAtSQL is up to where labels of older resources were listed, by type.
	lookedAtSQL = db.Same(`SELECT t.type, c.next, COALESCE((SELECT w.next FROM label_walk w WHERE w.tenant = $1 AND w.type = t.type), 0)
		FROM (SELECT DISTINCT type FROM resource WHERE tenant = $1) t CROSS JOIN store_counter c WHERE c.name = 'labels'`)
)

// label notes the labels of the versions, each with the first version that has it.
func (c *indexCheck) label(found []sealedVersion, labels [][]Label) {
	for i, v := range found {
		for _, l := range labels[i] {
			hash := l.hash(v.Type)
			if _, known := c.labels[hash]; !known {
				c.labels[hash] = IndexFault{Type: v.Type, ID: v.ID, RID: v.RID, Table: "ix_label", Missing: 1}
			}
		}
	}
}

// unlabelled are the labels that table ix_label lacks: $meta of the type would not tell them. Those of resources that are older
// than the list are looked for when they are asked for. One too many may be of a resource that was.
func (c *indexCheck) unlabelled() ([]IndexFault, error) {
	err := c.s.db.Query(c.ctx, listedLabelsSQL, []any{c.tenant}, func(r db.Row) error {
		if l := (Label{r.Text(2), r.Text(3), r.Text(4)}); l.hash(typeName(r.Int32(1))) == r.Int64(0) {
			delete(c.labels, r.Int64(0))
		}
		return nil
	})
	if err != nil || len(c.labels) == 0 {
		return nil, err
	}
	from, upto := map[string]int64{}, map[string]int64{} // numbers between them were not looked at yet
	err = c.s.db.Query(c.ctx, lookedAtSQL, []any{c.tenant}, func(r db.Row) error {
		from[typeName(r.Int32(0))], upto[typeName(r.Int32(0))] = r.Int64(2), r.Int64(1)
		return nil
	})
	maps.DeleteFunc(c.labels, func(_ int64, f IndexFault) bool { return f.RID >= from[f.Type] && f.RID < upto[f.Type] })
	return slices.SortedFunc(maps.Values(c.labels), func(a, b IndexFault) int { return cmp.Compare(a.RID, b.RID) }), err
}
