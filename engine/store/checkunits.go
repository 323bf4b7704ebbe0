package store

import (
	"cmp"
	"maps"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/ucum"
)

// measure notes the units in which the versions give quantities, and the values that they share with others, each with the
// first version that has it.
func (c *indexCheck) measure(found []sealedVersion, extracted []index.Rows) {
	for i, v := range found {
		for _, code := range extracted[i].Units {
			if _, known := c.measured[code]; !known {
				c.measured[code] = IndexFault{Type: v.Type, ID: v.ID, RID: v.RID, Table: "ix_unit", Missing: 1}
			}
		}
		for _, value := range extracted[i].Values {
			if _, known := c.shared[value]; !known {
				c.shared[value] = IndexFault{Type: v.Type, ID: v.ID, RID: v.RID, Table: "ix_value", Missing: 1}
			}
		}
	}
}

var valuesSQL = db.Same(`SELECT hash, key, value FROM ix_value WHERE tenant = $1`)

// unlisted are the units and values that tables ix_unit and ix_value lack: a search in another unit, or by a part of the value,
// would not look there. One too many costs a search that finds nothing, and may be of a resource that was.
func (c *indexCheck) unlisted() (faults []IndexFault, err error) {
	err = c.s.db.Query(c.ctx, unitsSQL, []any{c.tenant}, func(r db.Row) error {
		delete(c.measured, r.Text(0))
		return nil
	})
	if err == nil {
		err = c.s.db.Query(c.ctx, valuesSQL, []any{c.tenant}, func(r db.Row) error {
			delete(c.shared, index.Value{List: r.Int64(0), Key: r.Int64(1), Text: r.Text(2)})
			return nil
		})
	}
	for _, code := range slices.Sorted(maps.Keys(c.measured)) {
		if _, none := ucum.Parse(code); none == nil {
			faults = append(faults, c.measured[code])
		}
	}
	return append(faults, slices.SortedFunc(maps.Values(c.shared), func(a, b IndexFault) int { return cmp.Compare(a.RID, b.RID) })...), err
}
