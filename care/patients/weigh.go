package patients

import (
	"math"
	"slices"
	"strings"
)

// level is one outcome of a comparison: m is how often it comes about between two records of one person, u how often between
// records of two people. It weighs log2(m/u), as Fellegi and Sunter have it (A Theory for Record Linkage, JASA 64 (1969),
// 1183-1210); the weights of what is compared are added up as if one thing did not depend on the other.
type level struct{ m, u float64 }

func (l level) weight() float64 { return math.Log2(l.m / l.u) }

// The levels. u is how common a value is: a day of birth is one of 29,200 in 80 years, and 42 others are almost the same; the
// other figures, and m, are round ones of the size that studies of registers report. docs/decisions/0030 says where they are from.
var (
	identifierSame, identifierBare, identifierOther = level{0.95, 1e-7}, level{0.5, 1e-4}, level{0.05, 1}
	bornSame, bornAlmost, bornOther                 = level{0.95, 3.4e-5}, level{0.04, 1.5e-3}, level{0.01, 1}
	familySame, familyAlmost, familyOther           = level{0.88, 2e-3}, level{0.08, 6e-3}, level{0.04, 0.99}
	givenSame, givenAlmost, givenOther              = level{0.85, 1e-2}, level{0.11, 2e-2}, level{0.04, 0.97}
	swapped                                         = level{0.01, 2e-5}
	genderSame, genderOther                         = level{0.98, 0.5}, level{0.02, 0.5}
	telecomSame, telecomOther                       = level{0.5, 1e-3}, level{0.5, 1}
	addressSame, postalSame, citySame, addressOther = level{0.5, 1e-3}, level{0.2, 4e-3}, level{0.1, 2e-2}, level{0.2, 0.98}
)

// prior is the weight that speaks against anybody beforehand: of those whom the searches bring, about one in a thousand is meant.
const prior = -10

// The grades of http://hl7.org/fhir/ValueSet/match-grade. Who is certainly not meant is not answered.
const (
	certain  = "certain"
	probable = "probable"
	possible = "possible"
)

// gradeOf is the grade of a score: certain from 0.999, probable from 0.9, possible from 0.5; else none.
func gradeOf(score float64) string {
	switch {
	case score >= 0.999:
		return certain
	case score >= 0.9:
		return probable
	case score >= 0.5:
		return possible
	}
	return ""
}

// probability of a weight.
func probability(weight float64) float64 { return 1 / (1 + math.Exp2(-(weight + prior))) }

// comparison is what two records have in common, thing by thing; what one of them does not have weighs nothing.
type comparison struct {
	weight                  float64
	identifier, born, given level // the zero level: not compared
}

func compared(a, b traits) (c comparison) {
	c.identifier, c.born = identifiersOf(a, b), bornOf(a, b)
	for _, l := range []level{c.identifier, c.born, genderOf(a, b), contactOf(a, b)} {
		if l != (level{}) {
			c.weight += l.weight()
		}
	}
	names, given := namesOf(a, b)
	c.given, c.weight = given, c.weight+names
	return c
}

// sure reports whether what tells the members of a household apart agrees, so that a high weight is no kinship: an identifier, or
// the day of birth with a given name. An identifier that stands against both is somebody else's card.
func (c comparison) sure() bool {
	if c.identifier == identifierSame {
		return c.born != bornOther || c.given != givenOther
	}
	return c.born == bornSame && c.given != givenOther && c.given != (level{})
}

// contactOf is the better of telecom and address: who shares a home shares both, so they are no two witnesses.
func contactOf(a, b traits) level {
	x, y := telecomsOf(a, b), addressesOf(a, b)
	if x == (level{}) || y != (level{}) && y.weight() > x.weight() {
		return y
	}
	return x
}

// identifiersOf counts what is equal; only identifiers of one system can contradict each other.
func identifiersOf(a, b traits) (out level) {
	for _, x := range a.identifiers {
		for _, y := range b.identifiers {
			switch {
			case x == y && x.system != "":
				return identifierSame
			case x.value == y.value && (x.system == "" || y.system == ""):
				out = identifierBare
			case x.system == y.system && out == (level{}):
				out = identifierOther
			}
		}
	}
	return out
}

func bornOf(a, b traits) level {
	switch {
	case a.born == "" || b.born == "":
		return level{}
	case a.born == b.born:
		return bornSame
	case slices.Contains(almost(a.born), b.born):
		return bornAlmost
	}
	return bornOther
}

// genderOf compares those of male and female; other and unknown contradict nothing.
func genderOf(a, b traits) level {
	known := func(s string) bool { return s == "male" || s == "female" }
	switch {
	case !known(a.gender) || !known(b.gender):
		return level{}
	case a.gender == b.gender:
		return genderSame
	}
	return genderOther
}

func telecomsOf(a, b traits) level {
	for _, x := range a.telecoms {
		if slices.ContainsFunc(b.telecoms, func(y telecom) bool { return x.key == y.key }) {
			return telecomSame
		}
	}
	if len(a.telecoms) == 0 || len(b.telecoms) == 0 {
		return level{}
	}
	return telecomOther
}

// addressesOf is the best level that two addresses reach.
func addressesOf(a, b traits) (best level) {
	for _, x := range a.addresses {
		for _, y := range b.addresses {
			if l := addressOf(x, y); best == (level{}) || l.weight() > best.weight() {
				best = l
			}
		}
	}
	return best
}

func addressOf(x, y address) level {
	same := func(a, b string) bool { return a != "" && a == b }
	switch {
	case same(x.line, y.line) && (same(x.postal, y.postal) || same(x.city, y.city)):
		return addressSame
	case same(x.postal, y.postal):
		return postalSame
	case same(x.city, y.city):
		return citySame
	}
	return addressOther
}

// namesOf is the best weight that two names reach, and how the given names compare in it; people have several, old ones too.
func namesOf(a, b traits) (best float64, given level) {
	first := true
	for _, x := range a.names {
		for _, y := range b.names {
			if w, l := nameOf(x, y); first || w > best {
				best, given, first = w, l, false
			}
		}
	}
	return best, given
}

func nameOf(x, y name) (w float64, given level) {
	if x.family != "" && y.family != "" {
		w += closeness(x.family, y.family, familySame, familyAlmost, familyOther).weight()
	}
	if given = givenOf(x, y); given != (level{}) {
		w += given.weight()
	}
	if slices.Contains(y.given, x.family) && slices.Contains(x.given, y.family) && swapped.weight() > w {
		return swapped.weight(), swapped
	}
	return w, given
}

// givenOf is the best level that two given names reach, one of them a first one: a middle name that is the same says little.
func givenOf(x, y name) (best level) {
	for i, g := range x.given {
		for j, h := range y.given {
			l := closeness(g, h, givenSame, givenAlmost, givenOther)
			if (i == 0 || j == 0) && (best == (level{}) || l.weight() > best.weight()) {
				best = l
			}
		}
	}
	return best
}

func closeness(a, b string, same, almost, other level) level {
	switch {
	case a == b:
		return same
	case similar(a, b):
		return almost
	}
	return other
}

// similar reports whether one is the other with a slip of the pen (two in long words), a part of it, or its initial.
func similar(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	short, long := []rune(a), []rune(b)
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) == 1 || strings.Contains(" "+string(long)+" ", " "+string(short)+" ") {
		return short[0] == long[0] || len(short) > 1
	}
	slips := 1
	if len(short) >= 7 {
		slips = 2
	}
	return len(short) >= 3 && distance(short, long) <= slips
}

// distance is how many letters must be changed, put in, left out or changed over with their neighbour to make one word of the
// other (Damerau, CACM 7 (1964), 171-176; no letter twice).
func distance(a, b []rune) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			rows[i][j] = step(rows, a, b, i, j)
		}
	}
	return rows[len(a)][len(b)]
}

func step(rows [][]int, a, b []rune, i, j int) int {
	change := 1
	if a[i-1] == b[j-1] {
		change = 0
	}
	d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+change)
	if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
		d = min(d, rows[i-2][j-2]+1)
	}
	return d
}
