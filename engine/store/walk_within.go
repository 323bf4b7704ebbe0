package store

import (
	"slices"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// What is contained has no rows, but the units of its quantities and the values that it shares are listed, so that a search looks
// for them too, and what contains it has a row for each such value. Those that only a new parameter finds, and those that only a
// retired one found, are looked for in what contains resources of its types.

// innerWay stands before the name of a type that is looked for inside of others.
const innerWay = "in "

var walkWithinSQL = containersText("r.rid, r.id, r.type, r.version, length(r.body)")

// rowsWithin makes the rows of what contains resources of a type.
func (b *walkRows) rowsWithin(x *walked, r fhir.Resource) {
	x.add, x.drop = b.within(b.work.add, r), b.within(b.work.drop, r)
}

// within are the rows by parameters of a tenant's own of what r contains of the type.
func (b *walkRows) within(own *index.Own, r fhir.Resource) (rows index.Rows) {
	k := b.w.keys
	for c := range r.Get("contained").Items() {
		x := fhir.Resource{Value: c}
		if x.Type() != b.inside {
			continue
		}
		its, _ := own.Alone(x, k.hasher)
		rows.Units, rows.Values = append(rows.Units, its.Units...), append(rows.Values, its.Values...)
		rows.Token = append(rows.Token, k.holding(its.Values)...)
	}
	slices.SortFunc(rows.Token, compareToken)
	rows.Token = slices.Compact(rows.Token)
	return rows
}
