package mapping

import "strings"

// IsRecord tells the type of a record ("caregivers.SecurityAnswer") from that of a resource.
func IsRecord(typ string) bool { return strings.Contains(typ, ".") }

// TargetIDs are the ids that the targets of this slot have for the row, whether the map makes them of it or not; none if the
// map has no such slot.
func (m *Map) TargetIDs(in Input, slot string) (ids []string) {
	for _, k := range m.cases {
		for _, t := range k.targets {
			if t.slot == slot {
				ids = append(ids, m.newID(&in, t))
			}
		}
	}
	return ids
}
