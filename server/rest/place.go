package rest

import (
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/engine/store"
)

// base is the address of the interface as the caller sees it.
func (c *call) base() string {
	if c.s.Base != "" {
		return strings.TrimSuffix(c.s.Base, "/")
	}
	scheme := "http://"
	if c.r.TLS != nil {
		scheme = "https://"
	}
	return scheme + c.r.Host + root
}

// ours takes the base off an address below it; false if the text is no such address.
func (c *call) ours(address string) (relative string, is bool) {
	for _, base := range []string{c.base(), "http://" + c.r.Host + root, "https://" + c.r.Host + root} {
		if rest, found := strings.CutPrefix(address, base); found && (rest == "" || strings.ContainsRune("/?", rune(rest[0]))) {
			return strings.TrimPrefix(rest, "/"), true
		}
	}
	return address, false
}

// place is a version's address, relative to the base.
func place(v store.Version) string {
	return v.Type + "/" + v.ID + "/_history/" + strconv.FormatInt(v.Number, 10)
}
