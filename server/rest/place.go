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

// place is a version's address, relative to the base.
func place(v store.Version) string {
	return v.Type + "/" + v.ID + "/_history/" + strconv.FormatInt(v.Number, 10)
}
