package crosswalk

import (
	"bytes"
	"encoding/hex"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Ids are stored short: a UUID in 17 bytes, any other text with a mark before it.
const (
	markText = 0
	markUUID = 1
)

func packID(id string) []byte {
	if u, err := uuid.Parse(id); err == nil && u.String() == id {
		return append([]byte{markUUID}, u[:]...)
	}
	return append([]byte{markText}, id...)
}

func unpackID(b []byte) string {
	if len(b) == 17 && b[0] == markUUID {
		return uuid.UUID(b[1:]).String()
	}
	switch {
	case len(b) == 0:
		return ""
	case b[0] != markText || !utf8.Valid(b) || bytes.IndexByte(b[1:], 0) >= 0:
		return "0x" + hex.EncodeToString(b) // nothing that packID wrote, and the id of nothing
	}
	return string(b[1:])
}
