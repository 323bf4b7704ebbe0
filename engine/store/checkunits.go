package store

import (
	"maps"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir/index"
	"github.com/ficushealth/ficus/fhir/ucum"
)

// measure notes the units in which the versions give quantities, each with the first version that does.
func (c *indexCheck) measure(found []sealedVersion, extracted []index.Rows) {
	for i, v := range found {
		for _, code := range extracted[i].Units {
			if _, known := c.measured[code]; !known {
				c.measured[code] = IndexFault{Type: v.Type, ID: v.ID, RID: v.RID, Table: "ix_unit", Missing: 1}
			}
		}
	}
}

// unlisted are the units that table ix_unit lacks: a search in another unit would not look there. One too many costs a
// search that finds nothing, and may be of a quantity that was.
func (c *indexCheck) unlisted() (faults []IndexFault, err error) {
	err = c.s.db.Query(c.ctx, unitsSQL, []any{c.tenant}, func(r db.Row) error {
		delete(c.measured, r.Text(0))
		return nil
	})
	for _, code := range slices.Sorted(maps.Keys(c.measured)) {
		if _, none := ucum.Parse(code); none == nil {
			faults = append(faults, c.measured[code])
		}
	}
	return faults, err
}
