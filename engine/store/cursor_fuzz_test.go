package store

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

// FuzzCursor sends anything as a cursor: only what was made for the search is taken, and it says what was put into it.
func FuzzCursor(f *testing.F) {
	k := &tenantKeys{cursor: [32]byte{1}}
	f.Add(k.writeCursor(9, position{rid: 77, keys: []any{"x", int64(-3), 1.5}}), 3)
	f.Add("", 0)
	f.Add("AAAA", 1)
	f.Fuzz(func(t *testing.T, text string, keys int) {
		at, err := k.readCursor(9, text, keys)
		switch {
		case err != nil && !fault.Is(err, fault.Invalid):
			t.Error(err)
		case err == nil && text != "" && k.writeCursor(9, at) != text:
			t.Errorf("%q is taken for %v", text, at)
		}
	})
}

// FuzzPosition reads what no cipher has checked: what is taken is written again as it was, or shorter where a number had needless bytes.
func FuzzPosition(f *testing.F) {
	f.Add(appendKey(appendKey(binary.AppendVarint(nil, 77), "x"), int64(5)), 2)
	f.Add([]byte{2, 'i'}, 1)
	f.Add([]byte{2, 's', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 1)
	f.Fuzz(func(t *testing.T, b []byte, keys int) {
		at, err := readPosition(b, keys)
		if err != nil {
			return
		}
		again := binary.AppendVarint(nil, at.rid)
		for _, k := range at.keys {
			again = appendKey(again, k)
		}
		if len(again) > len(b) || len(again) == len(b) && !bytes.Equal(again, b) {
			t.Errorf("%x is written again as %x", b, again)
		}
	})
}
