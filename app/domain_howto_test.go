package app

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/suites"
)

// TestTheCommandsOfTheDomainHowTo runs each curl of docs/howto/domain-api.md, in order, as the first user of a new database.
func TestTheCommandsOfTheDomainHowTo(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		suites.Missing(t, "curl (package curl)")
	}
	text, err := os.ReadFile("../docs/howto/domain-api.md")
	if err != nil {
		t.Fatal(err)
	}
	a, address := servedWithSignIn(t, dbtest.SQLiteURL(t), Config{})
	once, err := a.Accounts.FirstUser(t.Context(), access.Inside(accounts.First, "test"))
	if err != nil {
		t.Fatal(err)
	}
	h := howTo{t: t, address: address, words: map[string]string{"PASSWORD": once}}
	tokens := `"access_token":"(?P<TOKEN>[^"]+)","refresh_token":"(?P<REFRESH>[^"]+)"`
	wants := []string{`"openapi":"3.1.0"`, tokens, `"login":"admin"`, `"message":`, tokens,
		`"id":"(?P<FACTOR>[^"]+)","uri":"otpauth:.*secret=(?P<APP>[A-Z2-7]+)`, `"recovery_codes":\["(?P<RECOVERY>[^"]+)"`, `"ticket":"(?P<TICKET>[^"]+)"`, tokens, `^$`,
		`"name":"nurse"`, `"id":"(?P<USER_ID>[^"]+)","login":"ada".*"password":"`, `"total":1`, `(?i)etag: (?P<ETAG>"[^"]+")`, `"full_name":"Ada King"`, `"password":"`, `^HTTP/1.1 204`,
		`"current":true`, `Successfully logged out`}
	commands := regexp.MustCompile(`(?m)^curl .*$`).FindAllString(string(text), -1)
	if len(commands) != len(wants) {
		t.Fatalf("%d commands, and %d answers are known", len(commands), len(wants))
	}
	for n, command := range commands {
		h.run(command, wants[n])
		if secret := h.words["APP"]; secret != "" {
			h.words["CODE"] = codeNow(t, secret)
		}
	}
}

// codeNow is what an authenticator app shows (RFC 6238).
func codeNow(t *testing.T, secret string) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()/30)))
	sum := mac.Sum(nil)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[sum[19]&15:])&0x7fffffff%1_000_000)
}
