package ucum

import (
	_ "embed"
	"math/big"
	"strings"
	"sync"
)

// atoms.txt has one atom a line: code, kind, value, unit. The kinds: b base, m metric, n not metric, a arbitrary or
// logarithmic (a base of its own), A the same and metric, o with an offset (value: factor, offset).
//
//go:embed atoms.txt
var atomsText string

type atom struct {
	unit   Unit
	metric bool
}

func knownAtom(code string) (atom, bool) {
	a, ok := atoms()[code]
	return a, ok
}

// atoms reads the table; a line refers to lines above it only.
var atoms = sync.OnceValue(func() map[string]atom {
	all := make(map[string]atom, 400)
	known := func(code string) (atom, bool) { a, ok := all[code]; return a, ok }
	for line := range strings.Lines(atomsText) {
		f := strings.Fields(line)
		if len(f) < 2 || f[0] == "#" {
			continue
		}
		all[f[0]] = define(f, known)
	}
	return all
})

// define makes the atom of one line. A line that cannot be read is a mistake in the table, which a test would show.
func define(f []string, known func(string) (atom, bool)) atom {
	switch f[1] {
	case "b", "A":
		return atom{base(f[0]), true}
	case "a":
		return atom{base(f[0]), false}
	}
	p := parser{text: f[len(f)-1], atom: known}
	u, err := p.term(0)
	if err != nil || p.i < len(p.text) {
		panic("ucum: the table's line for " + f[0] + " cannot be read")
	}
	u.factor = new(big.Rat).Mul(u.factor, rational(f[2]))
	if f[1] == "o" {
		u.offset = rational(f[3])
	}
	return atom{u, f[1] != "n"}
}

func base(code string) Unit { return Unit{factor: big.NewRat(1, 1), dims: []dim{{code, 1}}} }

func rational(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("ucum: the table has a value that is no number: " + s)
	}
	return r
}
