package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// newSecret makes a text that only who was given it knows: a prefix, the tenant, and 256 random bits. The tenant stands in it
// so that its hash can be looked for where that tenant's rows are.
func newSecret(prefix string, tenant int32) string {
	var secret [32]byte
	rand.Read(secret[:]) // never fails
	return prefix + strconv.FormatInt(int64(tenant), 36) + "." + base64.RawURLEncoding.EncodeToString(secret[:])
}

// longestSecret bounds what is hashed to be looked for.
const longestSecret = 256

// placeOf reads the tenant of a secret, and hashes it. Fault: Unauthorized if it has not the form.
func placeOf(prefix, text string) (tenant int32, hash []byte, err error) {
	rest, found := strings.CutPrefix(text, prefix)
	number, _, parted := strings.Cut(rest, ".")
	n, err := strconv.ParseInt(number, 36, 32)
	if !found || !parted || err != nil || n <= 0 || len(text) > longestSecret {
		return 0, nil, fault.New(fault.Unauthorized, "it is not known, has expired or was ended")
	}
	sum := sha256.Sum256([]byte(text))
	return int32(n), sum[:], nil
}

// oneTime makes a password that is given to somebody for once: 80 random bits, easy to read out.
func oneTime() string {
	var secret [10]byte
	rand.Read(secret[:]) // never fails
	text := strings.ToLower(base32.StdEncoding.EncodeToString(secret[:]))
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}
