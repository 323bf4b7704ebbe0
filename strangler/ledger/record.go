package ledger

import (
	"maps"
	"slices"
)

// Record is the fingerprint of a record of a type: of its id and of the names and texts of its values. One that is NULL
// counts as not given. No row has the bytes of a record: behind the number of its columns a row has a tag.
func (h *Hasher) Record(typ, id string, values map[string]*string) Leaf {
	b := appendText(appendText([]byte("record"), typ), id)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if v := values[name]; v != nil {
			b = appendText(appendText(b, name), *v)
		}
	}
	return h.Leaf(b)
}
