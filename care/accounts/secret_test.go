package accounts

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

func TestASecretSaysWhereItIsLookedFor(t *testing.T) {
	seen := map[string]bool{}
	for _, want := range []int32{1, 2, 35, 36, 1<<31 - 1} {
		text := newSecret("fcode_", want)
		tenant, hash, err := placeOf("fcode_", text)
		if sum := sha256.Sum256([]byte(text)); err != nil || tenant != want || !bytes.Equal(hash, sum[:]) {
			t.Errorf("%s: %d %v", text, tenant, err)
		}
		_, random, _ := strings.Cut(text, ".")
		if len(random) != 43 || seen[random] {
			t.Errorf("%s is not 256 random bits", text)
		}
		seen[random] = true
	}
}

func FuzzPlaceOf(f *testing.F) {
	for _, text := range []string{newSecret("fcode_", 7), "fcode_", "fcode_1.", "fcode_-1.x", "fcode_zzzzzzzz.x", "frefresh_1.x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tenant, hash, err := placeOf("fcode_", text)
		if err != nil && (!fault.Is(err, fault.Unauthorized) || tenant != 0 || hash != nil) {
			t.Errorf("%q: %v", text, err)
		}
		if err == nil && (tenant <= 0 || !strings.HasPrefix(text, "fcode_") || len(hash) != sha256.Size) {
			t.Errorf("%q is looked for in tenant %d", text, tenant)
		}
	})
}
