package accounts

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/fault"
)

func TestPolicy(t *testing.T) {
	p := Policy{}.orDefault()
	for password, want := range map[string]string{
		"correct horse battery": "", "Zwölf Boxkämpfer": "", "kq7mzv2xw9rt": "", "ada works on tuesdays": "",
		"short": "at least 12", "elevenchars": "at least 12", "": "at least 12", "aaaaaaaaaaaaaaaa": "few different", "abababababab": "few different",
		"password1234": "first that are guessed", "P@ssw0rd2026!": "first that are guessed", "123456789012": "first that are guessed",
		"qwertyuiop12": "first that are guessed", "Welcome2026!!": "first that are guessed", "adminadmin123": "first that are guessed", "passwordpassword": "first that are guessed",
		"lovelace1815!": "made of the login", "Lovelace.2026": "made of the login", "with\nnew line in it": "control", "\xff\xfe not text at all": "control",
		strings.Repeat("long and long ", 20): "at most 256",
	} {
		err := p.Check(password, "ada", "Ada Lovelace", "ada@example.org")
		if want == "" && err != nil || want != "" && (!fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.30q: %v", password, err)
		}
		if err != nil && len(password) > 7 && strings.Contains(err.Error(), password) {
			t.Errorf("%q stands in the text", password)
		}
	}
}

func TestAHashIsOfItsPasswordAlone(t *testing.T) {
	c := Cost{Memory: 64, Passes: 1, Lanes: 1}
	rapid.Check(t, func(t *rapid.T) {
		password, other := rapid.String().Draw(t, "password"), rapid.String().Draw(t, "other")
		text := c.hash(password)
		if text == c.hash(password) {
			t.Error("two hashes of one password are equal")
		}
		if is, err := fits(text, password); err != nil || !is {
			t.Errorf("%q does not fit %s: %v", password, text, err)
		}
		if is, err := fits(text, other); err != nil || is != (string(c.derive(other, make([]byte, 16))) == string(c.derive(password, make([]byte, 16)))) {
			t.Errorf("%q and %q: %v %v", password, other, is, err)
		}
	})
}

func TestOnePasswordOfTwoKeyboards(t *testing.T) {
	if is, err := fits(Cost{Memory: 64, Passes: 1, Lanes: 1}.hash("Zw\u00f6lf"), "Zwo\u0308lf"); err != nil || !is {
		t.Error(is, err)
	}
}

func TestDamagedHashes(t *testing.T) {
	good := Cost{Memory: 64, Passes: 1, Lanes: 1}.hash("x")
	for _, text := range []string{"", "$", good[:len(good)-1], strings.Replace(good, "v=19", "v=18", 1), strings.Replace(good, "t=1", "t=0", 1),
		strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "argon2id", "argon2i", 1), good + "$", strings.Replace(good, "m=64", "m=064", 1)} {
		if _, err := fits(text, "x"); !fault.Is(err, fault.Internal) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(Cost{Memory: 64, Passes: 1, Lanes: 1}.hash("x"))
	f.Fuzz(func(t *testing.T, text string) {
		if c, salt, hash, err := split(text); err == nil && c.head()+phc.EncodeToString(salt)+"$"+phc.EncodeToString(hash) != text {
			t.Errorf("%q is read as something else", text)
		}
	})
}

// TestHashingWaits: no more passwords are hashed at once than there are places, and who cannot wait is told so.
func TestHashingWaits(t *testing.T) {
	a := &Accounts{busy: make(chan struct{}, 1)}
	done, err := a.hashing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	go func() { time.Sleep(20 * time.Millisecond); done() }()
	if done, err = a.hashing(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer done()
	if _, err := a.hashing(ended(t)); !fault.Is(err, fault.TooCostly) {
		t.Error(err)
	}
}
