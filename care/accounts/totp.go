package accounts

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as authenticator apps speak it; HMAC does not need a hash without collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// One-time passwords by time (RFC 6238): HMAC-SHA-1, six digits, steps of 30 seconds, which all authenticator apps know.
const (
	stepTime   = 30 * time.Second
	secretSize = 20 // bytes: the length of the hash, RFC 4226 section 4
	drift      = 1  // steps by which the clock of the app may be wrong
)

// stepOf numbers the step in which an instant lies.
func stepOf(t time.Time) int64 { return t.Unix() / int64(stepTime/time.Second) }

// codeAt is the code of a step (RFC 4226 section 5.3).
func codeAt(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[at:])&0x7fffffff%1_000_000)
}

// matches finds the step of a code near now, behind the last step whose code was taken; 0 is none.
func matches(secret []byte, code string, now time.Time, last int64) (step int64) {
	for s := stepOf(now) - drift; s <= stepOf(now)+drift; s++ {
		if subtle.ConstantTimeCompare([]byte(codeAt(secret, s)), []byte(code)) == 1 && s > last {
			step = s
		}
	}
	return step
}

// address is what an authenticator app reads to know a secret
// (github.com/google/google-authenticator/wiki/Key-Uri-Format).
func address(issuer, login string, secret []byte) string {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	q := url.Values{"secret": {text}, "issuer": {issuer}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+login) + "?" + q.Encode()
}
