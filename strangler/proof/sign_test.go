package proof

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
)

func keyOf(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func signed(t *testing.T) []byte {
	t.Helper()
	doc, err := Sign(Certificate{
		Format: Format, Tenant: 1, Pack: Pack{"opal", "h"},
		Tables: []Table{{Name: "OpalDB.Patient", Source: 10, Mapped: 9, Quarantined: 1}},
	}, "k1", keyOf(1))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestASignedCertificateOpens(t *testing.T) {
	doc := signed(t)
	for _, key := range []ed25519.PublicKey{nil, keyOf(1).Public().(ed25519.PublicKey)} {
		c, err := Open(doc, key)
		if err != nil || c.Tables[0].Mapped != 9 {
			t.Fatalf("%+v, %v", c, err)
		}
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, doc); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(compact.Bytes(), nil); err != nil {
		t.Fatalf("white space broke the signature: %v", err)
	}
}

func TestEveryChangedDigitBreaksTheSignature(t *testing.T) {
	doc := signed(t)
	for i, c := range doc {
		if c < '0' || c > '9' {
			continue
		}
		changed := bytes.Clone(doc)
		changed[i] = '0' + (c-'0'+1)%10
		if _, err := Open(changed, nil); err == nil {
			t.Fatalf("a changed byte at %d passed: %s", i, doc[max(0, i-20):i+1])
		}
	}
	more := bytes.Replace(doc, []byte(`"tenant"`), []byte(`"note": "x", "tenant"`), 1)
	if _, err := Open(more, nil); !fault.Is(err, fault.Unprocessable) {
		t.Fatalf("an added member passed: %v", err)
	}
}

func TestACertificateOfAnotherInstallationIsRefused(t *testing.T) {
	_, err := Open(signed(t), keyOf(2).Public().(ed25519.PublicKey))
	if !fault.Is(err, fault.Unprocessable) || !strings.Contains(err.Error(), "another installation") {
		t.Fatal(err)
	}
}

func TestWhatIsNoCertificate(t *testing.T) {
	for _, doc := range []string{"", "{}", "[]", "null", `{"format":"x"}`, `{"format":"` + Format + `","tenant":1.5}`, string(signed(t)) + "{}"} {
		if _, err := Open([]byte(doc), nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.40q: %v", doc, err)
		}
	}
}

// The examples are those of RFC 8785, section 3.2, as far as they need no fractions.
func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		`{"b": [1, -0, 2], "a":null }`:                                                `{"a":null,"b":[1,0,2]}`,
		`"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"`:                             "\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"",
		`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`: "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}",
	} {
		got, err := Canonical([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v, want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"1.5", "1e3", "9007199254740993", "{", "1 2"} {
		if got, err := Canonical([]byte(in)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %s, %v", in, got, err)
		}
	}
}
