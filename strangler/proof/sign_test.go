package proof

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
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
}

// A forger who cannot sign puts something beside what was signed, so that a reader takes his for it.
func TestACertificateHasOneReading(t *testing.T) {
	doc := string(signed(t))
	signature := doc[strings.Index(doc, `"signature": "`)+len(`"signature": "`):]
	signature = signature[:strings.IndexByte(signature, '"')]
	public := base64.StdEncoding.EncodeToString(keyOf(1).Public().(ed25519.PublicKey))
	for name, x := range map[string][2]string{
		"differences twice":            {`"differences": 0`, `"differences": 9, "differences": 0`},
		"source twice in a table":      {`"source": 10`, `"source": 999999, "source": 10`},
		"tenant twice":                 {`"tenant": 1`, `"tenant": 42, "tenant": 1`},
		"escaped twice":                {`"tenant": 1`, `"tenan\u0074": 42, "tenant": 1`},
		"signature twice":              {`"signature": "`, `"signature": "x", "signature": "`},
		"line breaks in the signature": {signature, signature[:20] + `\r\n` + signature[20:]},
		"line break behind it":         {signature, signature + `\n`},
		"bits behind the signature":    {signature, signature[:85] + string(signature[85]+1) + signature[86:]},
		"line break in the key":        {public, public[:5] + `\n` + public[5:]},
		"a member unknown":             {`"tenant"`, `"note": "x", "tenant"`},
		"in other letters":             {`"tenant": 1`, `"Tenant": 42, "tenant": 1`},
		"half a character":             {`"opal"`, `"\ud800"`},
		"no UTF-8":                     {`"opal"`, "\"opal\xff\""},
	} {
		forged := strings.Replace(doc, x[0], x[1], 1)
		if forged == doc {
			t.Fatal(name, "was not forged")
		}
		if _, err := Open([]byte(forged), nil); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unprocessable) {
			t.Errorf("%s: passed: %v", name, err)
		}
	}
}

func TestACertificateSignedWithAMemberThatNoneHas(t *testing.T) {
	o := strings.Replace(string(signed(t)), `"tenant"`, `"note": "x", "tenant"`, 1)
	text, err := Signed([]byte(o))
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(o, `"signature": "`)
	o = o[:at] + `"signature": "` + base64.StdEncoding.EncodeToString(ed25519.Sign(keyOf(1), text)) + `"}`
	if _, err := Open([]byte(o), nil); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), `"note"`) {
		t.Fatal(err)
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

// FuzzCanonical: what has a canonical form is JSON, and its form is its own.
func FuzzCanonical(f *testing.F) {
	for _, in := range []string{`{"a":[1,{"b":null}],"c":"\u00e9\ud83d\ude00"}`, `{"a":1,"a":2}`, `"\ud800"`, `[1 2]`, `{"a":-0}`, `[[[[]]]]`} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := Canonical(in)
		if err != nil {
			return
		}
		if again, err := Canonical(out); err != nil || !bytes.Equal(out, again) || !json.Valid(in) {
			t.Fatalf("%q: %q, %q, %v", in, out, again, err)
		}
	})
}
