package mapping

import (
	"crypto/sha1"
	"encoding/hex"

	"github.com/google/uuid"
)

// newID is the UUID version 5 (RFC 9562 section 5.5) of "system|table|key" in the name space of an installation; a slot, if
// there is one, follows behind "#". Bars and backslashes in the parts of a key have a backslash before them.
func newID(installation uuid.UUID, system, table, slot string, key ...string) string {
	b := make([]byte, 0, 192)
	b = append(append(append(b, installation[:]...), system...), '|')
	b = append(b, table...)
	for _, part := range key {
		b = appendEscaped(append(b, '|'), part)
	}
	if slot != "" {
		b = append(append(b, '#'), slot...)
	}
	return idOf(sha1.Sum(b))
}

func appendEscaped(b []byte, part string) []byte {
	for i := range len(part) {
		if part[i] == '|' || part[i] == '\\' || part[i] == '#' {
			b = append(b, '\\')
		}
		b = append(b, part[i])
	}
	return b
}

func idOf(sum [sha1.Size]byte) string {
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[:8], sum[:4])
	hex.Encode(s[9:13], sum[4:6])
	hex.Encode(s[14:18], sum[6:8])
	hex.Encode(s[19:23], sum[8:10])
	hex.Encode(s[24:], sum[10:16])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}
