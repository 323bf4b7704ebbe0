package ucum

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

const (
	maxLength   = 200 // bytes of a unit
	maxExponent = 32
	maxDepth    = 8    // of brackets
	maxBits     = 4000 // of the factor to base units, above and below the line
)

// Parse reads a unit. Faults: Invalid with the column.
func Parse(code string) (Unit, error) {
	if code == "" || len(code) > maxLength {
		return Unit{}, malformed(1, "a unit has 1 to 200 characters")
	}
	p := parser{text: code, atom: knownAtom}
	u, err := p.term(0)
	if err == nil && p.i < len(code) {
		err = p.fail("something follows the end of the unit")
	}
	if err == nil && slices.ContainsFunc(u.dims, func(d dim) bool { return d.exp > maxExponent || d.exp < -maxExponent }) {
		err = malformed(1, "the unit is beyond all measure")
	}
	if err != nil {
		return Unit{}, err
	}
	return u, nil
}

func malformed(col int, text string) error {
	return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "not a UCUM unit: " + text, Line: 1, Col: col})
}

type parser struct {
	text string
	i    int
	atom func(code string) (atom, bool)
}

func (p *parser) fail(text string) error { return malformed(p.i+1, text) }

func (p *parser) at(c byte) bool { return p.i < len(p.text) && p.text[p.i] == c }

// term reads components joined by . and /, from left to right; a leading / divides 1.
func (p *parser) term(depth int) (Unit, error) {
	var out Unit
	var err error
	if p.at('/') {
		out = One()
	} else if out, err = p.component(depth); err != nil {
		return Unit{}, err
	}
	for p.at('.') || p.at('/') {
		join := Unit.Mul
		if p.at('/') {
			join = Unit.Div
		}
		p.i++
		next, err := p.component(depth)
		if err != nil {
			return Unit{}, err
		}
		if out = join(out, next); out.tooLarge() {
			return Unit{}, p.fail("the unit is beyond all measure")
		}
	}
	return out, nil
}

func (u Unit) tooLarge() bool {
	return u.factor.Num().BitLen() > maxBits || u.factor.Denom().BitLen() > maxBits
}

func (p *parser) component(depth int) (Unit, error) {
	var u Unit
	var err error
	switch {
	case p.at('('):
		u, err = p.bracket(depth)
	case p.at('{'):
		u = One()
	default:
		u, err = p.simple()
	}
	if err != nil {
		return Unit{}, err
	}
	return u, p.annotation()
}

func (p *parser) bracket(depth int) (Unit, error) {
	if depth == maxDepth {
		return Unit{}, p.fail("brackets are nested too deep")
	}
	p.i++
	u, err := p.term(depth + 1)
	if err != nil {
		return Unit{}, err
	}
	if !p.at(')') {
		return Unit{}, p.fail("expected ')'")
	}
	p.i++
	return u, nil
}

// annotation steps over {...}, which means nothing.
func (p *parser) annotation() error {
	for p.at('{') {
		n := strings.IndexByte(p.text[p.i:], '}')
		if n < 0 {
			return p.fail("'{' without '}'")
		}
		p.i += n + 1
	}
	return nil
}

// simple reads a number, or an atom with its prefix and exponent.
func (p *parser) simple() (Unit, error) {
	start := p.i
	word := p.word()
	symbol, exp, ok := splitExponent(word)
	if !ok {
		return Unit{}, malformed(start+1, "an exponent lies between -32 and 32")
	}
	if n, ok := number(symbol); ok && exp == 1 {
		return Unit{factor: n}, nil
	}
	u, ok := p.unit(symbol)
	if !ok {
		return Unit{}, malformed(start+1, "unknown symbol")
	}
	if exp == 1 {
		return u, nil
	}
	return u.pow(exp), nil
}

// word reads up to the next operator, bracket or annotation; what stands in square brackets belongs to it.
func (p *parser) word() string {
	start, square := p.i, false
	for ; p.i < len(p.text); p.i++ {
		switch c := p.text[p.i]; {
		case c == '[':
			square = true
		case c == ']':
			square = false
		case !square && strings.IndexByte("./(){}", c) >= 0:
			return p.text[start:p.i]
		}
	}
	return p.text[start:]
}

// splitExponent cuts the exponent off a symbol: m2, s-1, 10*3. A word of digits alone is a symbol.
func splitExponent(word string) (symbol string, exp int, ok bool) {
	i := len(word)
	for i > 0 && word[i-1] >= '0' && word[i-1] <= '9' {
		i--
	}
	if i == 0 || i == len(word) {
		return word, 1, true
	}
	digits := i
	if word[i-1] == '-' || word[i-1] == '+' {
		i--
	}
	exp, err := strconv.Atoi(word[digits:])
	if word[i] == '-' {
		exp = -exp
	}
	return word[:i], exp, i > 0 && err == nil && exp >= -maxExponent && exp <= maxExponent
}

func number(s string) (*big.Rat, bool) {
	if s == "" || len(s) > 20 || strings.Trim(s, "0123456789") != "" {
		return nil, false
	}
	n, ok := new(big.Rat).SetString(s)
	return n, ok && n.Sign() > 0
}

// unit finds an atom, else a metric atom behind a prefix.
func (p *parser) unit(symbol string) (Unit, bool) {
	if a, ok := p.atom(symbol); ok {
		return a.unit, true
	}
	for n := 1; n <= 2 && n < len(symbol); n++ {
		factor, ok := prefix(symbol[:n])
		if !ok {
			continue
		}
		if a, ok := p.atom(symbol[n:]); ok && a.metric {
			return Unit{factor: new(big.Rat).Mul(factor, a.unit.factor), offset: scaledOffset(a.unit.offset, factor), dims: a.unit.dims}, true
		}
	}
	return Unit{}, false
}

// scaledOffset is the offset of a unit behind a prefix: mCel counts thousandths of a degree.
func scaledOffset(offset, factor *big.Rat) *big.Rat {
	if offset == nil {
		return nil
	}
	return new(big.Rat).Quo(offset, factor)
}
