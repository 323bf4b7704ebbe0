package crosswalk

import "github.com/google/uuid"

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
	if len(b) == 0 {
		return ""
	}
	return string(b[1:])
}
