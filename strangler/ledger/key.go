package ledger

import (
	"bytes"

	"github.com/zeebo/blake3"
)

// The longest key that is stored as it is, and how much of a longer one: PostgreSQL's index bears 2,700 bytes a row.
const (
	longest = 256
	kept    = 240
)

// Key is the form of a source key in which tables are indexed: the key itself, or of a long one its beginning and 16 bytes
// of the hash of all of it. whole is the key in full where it was cut, else nil. The order of keys is kept; that of keys
// which agree in their first 240 bytes is any, but always the same.
func Key(source []byte) (key, whole []byte) {
	if len(source) <= longest {
		return source, nil
	}
	sum := blake3.Sum256(source)
	return append(bytes.Clone(source[:kept]), sum[:16]...), source
}

// Bounds are the bounds, of which the lower one is outside and the upper one inside, between which the index holds at
// least all rows whose keys in full lie behind after and not behind upto. nil is the start and the end.
func Bounds(after, upto []byte) (lo, hi []byte) {
	lo, hi = after, upto
	if len(after) > kept {
		lo = after[:kept]
	}
	if len(upto) > kept {
		hi = append(bytes.Clone(upto[:kept]), bytes.Repeat([]byte{0xFF}, 17)...)
	}
	return lo, hi
}

// within reports whether a key in full lies behind after and not behind upto.
func within(key, after, upto []byte) bool {
	return bytes.Compare(key, after) > 0 && (upto == nil || bytes.Compare(key, upto) <= 0)
}

// Before is a key behind which the next one is key: to read one row again. It relies on keys closing themselves, as those
// of source.AppendKey do.
func Before(key []byte) []byte {
	if len(key) == 0 {
		return nil
	}
	front, last := bytes.Clone(key[:len(key)-1]), key[len(key)-1]
	if last == 0 {
		return front
	}
	return append(front, last-1, 0xFF)
}
