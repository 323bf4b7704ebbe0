package accounts

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fault"
)

// Policy is what a password must be. It asks for length and against what is guessed first, and for no kinds of characters
// and no change after a time (NIST SP 800-63B section 3.1.1.2). The zero value is 12 characters and 5 past passwords.
type Policy struct {
	Least int // characters
	Past  int // so many past passwords cannot be taken again
}

const longestPassword = 256 // bytes

func (p Policy) orDefault() Policy {
	if p.Least == 0 {
		p.Least = 12
	}
	if p.Past == 0 {
		p.Past = 5
	}
	return p
}

// Check refuses a password that is too short or among the first to be guessed for who has these names. Faults: Invalid,
// whose text says why and does not hold the password.
func (p Policy) Check(password string, names ...string) error {
	switch n := utf8.RuneCountInString(password); {
	case !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl):
		return fault.New(fault.Invalid, "a password is text without control characters")
	case n < p.Least:
		return fault.New(fault.Invalid, "a password has at least %d characters", p.Least)
	case len(password) > longestPassword:
		return fault.New(fault.Invalid, "a password has at most %d bytes", longestPassword)
	case distinct(password) < 5:
		return fault.New(fault.Invalid, "a password of so few different characters is guessed at once")
	case common(password):
		return fault.New(fault.Invalid, "this password is among the first that are guessed")
	case named(password, names):
		return fault.New(fault.Invalid, "a password must not be made of the login, the name or the e-mail address")
	}
	return nil
}

func distinct(password string) int {
	seen := map[rune]bool{}
	for _, r := range strings.ToLower(password) {
		seen[r] = true
	}
	return len(seen)
}

// words are those on which the most common passwords are built; rows are walks over keyboards.
var (
	words = [...]string{
		"password", "passwort", "motdepasse", "contraseña", "welcome", "letmein", "iloveyou", "admin", "administrator", "qwerty", "azerty",
		"dragon", "monkey", "football", "baseball", "princess", "sunshine", "superman", "trustno1", "changeme", "secret", "hospital", "patient", "doctor",
		"nurse", "ficus", "summer", "winter", "spring", "autumn", "january", "december", "hello", "master", "login", "test", "guest", "user",
	}
	rows = [...]string{"12345678901234567890", "qwertyuiopasdfghjklzxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm"}
)

// common tells whether little is left of the password once such words and walks are taken out, as it stands or with letters
// for the digits and signs that stand for them.
func common(password string) bool {
	text := strings.ToLower(password)
	return little(text) || little(plain.Replace(text))
}

func little(rest string) bool {
	for _, row := range rows {
		rest = without(rest, row)
	}
	for _, w := range words {
		rest = strings.ReplaceAll(rest, w, "")
	}
	n := utf8.RuneCountInString(rest)
	return n < 6 || n < 10 && !strings.ContainsFunc(rest, unicode.IsLetter)
}

var plain = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// without takes out the walks along a row that have at least five steps, either way.
func without(text, row string) string {
	back := []byte(row)
	slices.Reverse(back)
	for _, r := range []string{row, string(back)} {
		for from := 0; from+5 <= len(r); from++ {
			for to := len(r); to >= from+5; to-- {
				text = strings.ReplaceAll(text, r[from:to], "")
			}
		}
	}
	return text
}

// named tells whether a name makes up most of the password.
func named(password string, names []string) bool {
	p := strings.ToLower(password)
	for _, name := range names {
		for _, part := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if len(part) >= 4 && strings.Contains(p, part) && len(p)-len(part) < 8 {
				return true
			}
		}
	}
	return false
}
