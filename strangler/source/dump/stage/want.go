package stage

import (
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/zeebo/blake3"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// format changes when files of older programs cannot be read any more, or hold other values than would be read now.
const format = 4

// Want is a table whose rows are needed.
type Want struct {
	Table string   // "OpalDB.Patient"
	By    []Lookup // how its rows are found, beside their key
}

// Lookup says by which columns rows are found, and in which order they come: by Order, then by key.
type Lookup struct{ Columns, Order []string }

// same reports whether a lookup finds by these columns.
func (l Lookup) same(columns []string) bool { return slices.Equal(l.Columns, columns) }

// fileName names the file for a dump, the one whose keys seal it, and wishes, so that no other ever meets this file.
func fileName(dumpHash string, whose [32]byte, wants []Want) (string, error) {
	b, err := json.Marshal(struct {
		Format int
		Dump   string
		Whose  []byte
		Wants  []Want
	}{format, dumpHash, whose[:], wants})
	if err != nil {
		return "", err
	}
	sum := blake3.Sum256(b)
	return "ficus-" + hex.EncodeToString(sum[:16]) + ".stage", nil
}

// find is a lookup whose columns are places in the table.
type find struct{ columns, order []int }

// finds looks up the columns of a wish in its table. fault.Invalid if one is not there.
func finds(t *source.Table, by []Lookup) ([]find, error) {
	list := make([]find, len(by))
	for i, l := range by {
		columns, ok := t.Indexes(l.Columns)
		order, ok2 := t.Indexes(l.Order)
		if !ok || !ok2 || len(columns) == 0 {
			return nil, fault.New(fault.Invalid, "table %s has not all columns of %q and %q", t, l.Columns, l.Order)
		}
		list[i] = find{columns, order}
	}
	return list, nil
}

// key is the value under which a row is found; nil if a column holds no value. The row's key makes the order complete.
func (f find) key(t *source.Table, cells []source.Cell, rowKey []byte) []byte {
	for _, i := range f.columns {
		if !cells[i].Has() {
			return nil
		}
	}
	key := source.AppendKey(nil, t, cells, f.columns)
	key = source.AppendKey(key, t, cells, f.order)
	return append(key, rowKey...)
}
