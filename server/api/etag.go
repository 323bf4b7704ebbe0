package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// etag stands for what is shown (RFC 9110 section 8.8.3).
func etag(shown any) string {
	text, err := json.Marshal(shown)
	if err != nil {
		return "" // it is not sent then either
	}
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// tagged says by which ETag what is shown can be changed, unless there is an error.
func tagged[T any](c *call, shown T, err error) (T, error) {
	if err == nil {
		c.w.Header().Set("ETag", etag(shown))
	}
	return shown, err
}

// unchanged refuses a change of what is no longer as the caller has read it, if he says what that was: If-Match (RFC 9110 section
// 13.1.1). It is asked in the transaction of the change. Fault: Stale.
func unchanged[From, To any](c *call, shown func(From) To) func(From) error {
	return func(now From) error {
		said := strings.Join(c.r.Header.Values("If-Match"), ",")
		if said == "" {
			return nil
		}
		for tag := range strings.SplitSeq(said, ",") {
			if tag = strings.TrimSpace(tag); tag == "*" || tag == etag(shown(now)) {
				return nil
			}
		}
		return fault.New(fault.Stale, "it was changed since it was read")
	}
}
