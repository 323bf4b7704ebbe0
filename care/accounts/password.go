package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/ficushealth/ficus/fault"
)

// Cost is what one hash of a password costs (Argon2id, RFC 9106). The zero value is 19 MiB, 2 passes, 1 lane: the least
// that OWASP's Password Storage Cheat Sheet asks for. What was hashed at another cost is hashed anew when its password is shown.
type Cost struct {
	Memory, Passes uint32 // KiB; rounds
	Lanes          uint8
}

func (c Cost) orDefault() Cost {
	if c == (Cost{}) {
		return Cost{Memory: 19 << 10, Passes: 2, Lanes: 1}
	}
	return c
}

const (
	saltSize = 16
	hashSize = 32
)

var phc = base64.RawStdEncoding

// hash makes a PHC string (github.com/P-H-C/phc-string-format) of a password.
func (c Cost) hash(password string) string {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails
	return c.head() + phc.EncodeToString(salt) + "$" + phc.EncodeToString(c.derive(password, salt))
}

func (c Cost) head() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, c.Memory, c.Passes, c.Lanes)
}

// derive hashes the password in one form (RFC 8265 section 4.2), so that it does not matter which keyboard typed it.
func (c Cost) derive(password string, salt []byte) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, c.Passes, c.Memory, c.Lanes, hashSize)
}

// split reads a PHC string. Fault: Internal if it is none of ours.
func split(text string) (c Cost, salt, hash []byte, err error) {
	parts := strings.Split(text, "$")
	if len(parts) == 6 {
		_, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Lanes)
		salt, _ = phc.DecodeString(parts[4])
		hash, _ = phc.DecodeString(parts[5])
	}
	if err != nil || len(salt) < saltSize || len(hash) != hashSize || !strings.HasPrefix(text, c.head()) || c.Passes == 0 || c.Lanes == 0 {
		return c, nil, nil, fault.New(fault.Internal, "the hash of a password in the database is damaged")
	}
	return c, salt, hash, nil
}

// fits tells whether the password is the one of the hash, in a time that does not depend on where they differ.
func fits(text, password string) (bool, error) {
	c, salt, hash, err := split(text)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(c.derive(password, salt), hash) == 1, nil
}

// stale tells whether the hash was made at another cost.
func (c Cost) stale(text string) bool { return !strings.HasPrefix(text, c.head()) }

// longestWait is how long a sign-in waits for others to be hashed.
const longestWait = 5 * time.Second

// hashing lets as many passwords be hashed at once as there are processors: each takes memory, and anybody may ask. Faults:
// TooMany if all are busy for long; TooCostly if ctx ends.
func (a *Accounts) hashing(ctx context.Context) (done func(), err error) {
	wait := time.NewTimer(longestWait)
	defer wait.Stop()
	select {
	case a.busy <- struct{}{}:
		return func() { <-a.busy }, nil
	case <-wait.C:
		return nil, fault.New(fault.TooMany, "too many people sign in at the same time; try again in a moment")
	case <-ctx.Done():
		return nil, fault.New(fault.TooCostly, "the request ended before the password was checked")
	}
}

// fits checks a password against a hash; against none, it takes as long and fits never.
func (a *Accounts) fits(ctx context.Context, hash, password string) (bool, error) {
	done, err := a.hashing(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	if hash == "" {
		a.o.Cost.derive(password, make([]byte, saltSize))
		return false, nil
	}
	return fits(hash, password)
}

func (a *Accounts) hash(ctx context.Context, password string) (string, error) {
	done, err := a.hashing(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return a.o.Cost.hash(password), nil
}
