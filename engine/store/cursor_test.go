package store

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

// TestACursorTellsNothing seals a position and changes every byte of the cursor.
func TestACursorTellsNothing(t *testing.T) {
	k, other := &tenantKeys{cursor: [32]byte{1}}, &tenantKeys{cursor: [32]byte{2}}
	at := position{rid: 77, keys: []any{"made up name", int64(-3), 1.5}}
	text := k.writeCursor(9, at)
	if got, err := k.readCursor(9, text, 3); err != nil || got.rid != 77 || got.keys[0] != "made up name" || got.keys[1] != int64(-3) || got.keys[2] != 1.5 {
		t.Fatal(got, err)
	}
	if text != k.writeCursor(9, at) {
		t.Error("equal positions make different cursors")
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || strings.Contains(string(raw), "made up") {
		t.Errorf("the cursor shows a key: %q, %v", raw, err)
	}
	refused := func(why string, k *tenantKeys, query uint64, text string, keys int) {
		if _, err := k.readCursor(query, text, keys); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", why, err)
		}
	}
	refused("another search", k, 8, text, 3)
	refused("another order", k, 9, text, 2)
	refused("another tenant", other, 9, text, 3)
	refused("too short", k, 9, text[:8], 3)
	for i := range raw {
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1
		refused("a changed byte", k, 9, base64.RawURLEncoding.EncodeToString(changed), 3)
	}
}
