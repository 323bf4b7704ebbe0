package synth

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/strangler/source"
)

// person is what the tables have in common about a patient. Times are those on the wall of the hospital.
type person struct {
	n           int // from 0
	serial      int
	first, last string
	sex         string
	born        time.Time
	ramq        string
	registered  time.Time
	username    string // of his account; "" if he has none
	traps       []Trap // of the row in Patient
}

// person makes patient n.
func (g *generator) person(n int) person {
	r := g.chance("person", n)
	p := person{n: n, serial: firstPatient + n, sex: "Female"}
	names := femaleNames()
	if r.IntN(2) == 1 {
		p.sex, names = "Male", maleNames()
	}
	p.first, p.last = pick(r, names), pick(r, familyNames())
	p.born = time.Date(g.opt.Now.Year()-1-r.IntN(95), 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(365))
	p.registered = g.opt.Now.Add(-time.Duration(1+r.IntN(4*365*24*60)) * time.Minute).Truncate(time.Second)
	if n%10 != 6 {
		p.username = g.username(n)
	}
	p.ramq = p.healthNumber()
	g.trapPerson(&p)
	return p
}

// trapPerson sets those traps of a patient that other tables must know of.
func (g *generator) trapPerson(p *person) {
	switch {
	case p.trap(60, 31, OtherSex):
		p.sex = "Other"
	case p.trap(90, 52, OtherSex):
		p.sex = "Unknown"
	}
	switch {
	case p.trap(45, 17, DoubleEncoded):
		p.last = twice("Béton-Œuvré")
	case p.trap(33, 15, Blanks):
		p.last = " " + p.last + "  "
	case p.trap(40, 26, BeyondISO):
		p.last = "Cœurdebois"
	}
	switch {
	case p.trap(10, 3, BadRAMQ):
		p.ramq = [...]string{"ABCD", "TREM 8003 1299", "12345678", "trem80031299"}[p.n/10%4]
	case p.trap(12, 4, EmptyRAMQ):
		p.ramq = ""
	case p.trap(70, 18, SharedRAMQ):
		p.ramq = g.person(p.n - 1).ramq
	}
	if p.trap(30, 9, BirthWithTime) {
		p.born = p.born.Add(13*time.Hour + 45*time.Minute)
	}
	if p.n > 0 && p.n%60 == 19 {
		p.username = g.username(p.n - 1)
	}
}

// username is the name of the account that patient n has or would have.
func (g *generator) username(n int) string { return token(g.chance("username", n), 28) }

// healthNumber is made as Quebec does: three letters of the family name, one of the given name, year, month (women: plus 50),
// day, and two digits, which are always 99 for people who do not exist.
func (p person) healthNumber() string {
	letters := func(s string, n int) string {
		s = plain(s) + "XXX"
		return s[:n]
	}
	month := int(p.born.Month())
	if p.sex != "Male" {
		month += 50
	}
	return fmt.Sprintf("%s%s%02d%02d%02d99", letters(p.last, 3), letters(p.first, 1), p.born.Year()%100, month, p.born.Day())
}

// plain are the letters of a name in capitals without accents.
func plain(s string) string {
	from := []rune("àâäçéèêëîïôöùûüñåáóíœæ")
	to := []string{"a", "a", "a", "c", "e", "e", "e", "e", "i", "i", "o", "o", "u", "u", "u", "n", "a", "a", "o", "i", "oe", "ae"}
	var b strings.Builder
	for _, c := range strings.ToLower(s) {
		if i := slices.Index(from, c); i >= 0 {
			b.WriteString(to[i])
		} else if c >= 'a' && c <= 'z' {
			b.WriteRune(c)
		}
	}
	return strings.ToUpper(b.String())
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// token is a random text of n letters and digits, as Firebase gives them.
func token(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	return string(b)
}

// hash is the hex of SHA-512, as the portal's browser part makes it of passwords and of answers in capitals.
func hash(s string) string {
	sum := sha512.Sum512([]byte(s))
	return hex.EncodeToString(sum[:])
}

// twice is a text whose UTF-8 was read as latin1, as happens when a client lies about its character set.
func twice(s string) string {
	latin1, _ := source.FindCharset("latin1")
	out, _ := latin1.Decode(nil, []byte(s))
	return string(out)
}
