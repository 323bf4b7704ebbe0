package edge

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
)

// header carries the request's id, in and out.
const header = "X-Request-Id"

// requestID is the id that the caller gave, if it is a plain one, else a new one.
func requestID(r *http.Request) string {
	if id := r.Header.Get(header); plain(id) {
		return id
	}
	var b [12]byte
	rand.Read(b[:]) //nolint:errcheck // never fails
	return hex.EncodeToString(b[:])
}

// plain keeps line breaks and novels out of the log.
func plain(id string) bool {
	for i := range len(id) {
		c := id[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return len(id) > 0 && len(id) <= 64
}
