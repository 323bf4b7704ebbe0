package index

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/path"
)

// A composite has a row for each pair of its parts, so their number grows with the square of the codes. A resource may have
// fewPairs, and one more for each bytesPerPair of its size: that is far more than what is meant, and makes indexing cost no
// more than the size of what was sent.
const (
	fewPairs     = 10_000
	bytesPerPair = 8
)

// composites gives the rows of the composite parameters.
func (e *emitter) composites(p *plan, present uint64) error {
	e.pairsLeft = fewPairs + len(e.root.Value().Raw())/bytesPerPair
	for i := range p.composites {
		c := &p.composites[i]
		if c.covered {
			continue
		}
		before := e.rows.size()
		for j := range c.focus {
			if err := e.composite(c, &c.focus[j], present); err != nil {
				return err
			}
		}
		if e.rows.size() > before {
			e.rows.Params = append(e.rows.Params, c.id)
		}
	}
	return nil
}

func (e *emitter) composite(c *composite, s *source, present uint64) error {
	if s.heads != 0 && s.heads&present == 0 {
		return nil
	}
	focus, err := evaluate(s.expr, &e.ctx, e.root, e.focus[:0])
	if err != nil {
		return err
	}
	e.focus = focus
	for _, n := range focus {
		if e.watch.Late(1) {
			return e.watch.Err()
		}
		if err := e.combine(c, n); err != nil {
			return err
		}
	}
	return nil
}

// combine joins the parts of one value: a token is the key, the other part the row.
func (e *emitter) combine(c *composite, n path.Node) error {
	keys, rest := -1, [2]int{-1, -1}
	for i := range c.parts {
		switch {
		case c.parts[i].kind == "token" && keys < 0:
			keys = i
		case rest[0] < 0:
			rest[0] = i
		default:
			rest[1] = i
		}
	}
	first, err := evaluate(c.parts[keys].expr, &e.ctx, n, e.nodes[:0])
	if err != nil || len(first) == 0 {
		return err
	}
	e.nodes, e.pairs[0] = first, e.pairs[0][:0]
	for _, x := range first {
		e.pairs[0] = tokensOf(x, e.pairs[0])
	}
	return e.others(c, n, rest)
}

// others gives the rows of the parts that are not the key.
func (e *emitter) others(c *composite, n path.Node, rest [2]int) error {
	part := c.parts[rest[0]]
	nodes, err := evaluate(part.expr, &e.ctx, n, e.nodes[:0])
	if err != nil {
		return err
	}
	e.nodes = nodes
	e.tokenKeys(c.prefix)
	switch {
	case rest[1] >= 0:
		return e.interval(c, n, rest[1])
	case part.kind == "token":
		return e.tokenPairs(c)
	case part.kind == "string":
		return e.tokenStrings(c)
	}
	if err := e.afford(c, len(e.keys), len(nodes)); err != nil {
		return err
	}
	for _, x := range nodes {
		emitters[part.kind](e, &c.param, x)
	}
	return nil
}

// afford refuses what has too many pairs, before any of them is made. Faults: Unprocessable.
func (e *emitter) afford(c *composite, keys, values int) error {
	if e.watch.Late(1 + keys*values) {
		return e.watch.Err()
	}
	if e.pairsLeft -= keys * values; e.pairsLeft >= 0 {
		return nil
	}
	return fault.At(fault.Unprocessable, fault.Issue{Code: "too-costly", Expression: e.root.Value().Get("resourceType").Str(),
		Text: "the codes and values of this resource make too many pairs for the search parameter " + c.code + "; split it into several resources"})
}

// tokenKeys makes the two forms of each code of the first part the keys of what follows.
func (e *emitter) tokenKeys(prefix []byte) {
	e.keys = e.keys[:0]
	for _, t := range e.pairs[0] {
		if t.code == "" {
			continue
		}
		e.keys = append(e.keys, e.h.key(prefix, "c", t.code))
		if !t.bare {
			e.keys = append(e.keys, e.h.key(prefix, "sc", t.system, t.code))
		}
	}
}

func (e *emitter) tokenPairs(c *composite) error {
	e.pairs[1] = e.pairs[1][:0]
	for _, x := range e.nodes {
		e.pairs[1] = tokensOf(x, e.pairs[1])
	}
	if err := e.afford(c, len(e.pairs[0]), len(e.pairs[1])); err != nil {
		return err
	}
	for _, a := range e.pairs[0] {
		for _, b := range e.pairs[1] {
			e.tokenPair(c.prefix, a, b)
		}
	}
	return nil
}

func (e *emitter) tokenPair(prefix []byte, a, b token) {
	if a.code == "" || b.code == "" {
		return
	}
	e.add(e.h.key(prefix, "cc", a.code, b.code))
	if !a.bare && !b.bare {
		e.add(e.h.key(prefix, "scsc", a.system, a.code, b.system, b.code))
	}
	if !b.bare {
		e.add(e.h.key(prefix, "csc", a.code, b.system, b.code))
	}
	if !a.bare {
		e.add(e.h.key(prefix, "scc", a.system, a.code, b.code))
	}
}

func (e *emitter) tokenStrings(c *composite) error {
	e.texts = e.texts[:0]
	for _, x := range e.nodes {
		e.texts = textsOf(x, e.texts)
	}
	if err := e.afford(c, len(e.keys), len(e.texts)); err != nil {
		return err
	}
	for _, s := range e.texts {
		e.addString(Cut(Normalize(s)), e.h.Unit(s))
	}
	return nil
}

// interval is token$number$number: the second and third part are the ends of one row.
func (e *emitter) interval(c *composite, n path.Node, last int) error {
	from, hasFrom := e.firstAmount()
	nodes, err := evaluate(c.parts[last].expr, &e.ctx, n, e.nodes[:0])
	if err != nil {
		return err
	}
	e.nodes = nodes
	to, hasTo := e.firstAmount()
	if hasFrom && hasTo {
		e.addNumber(NumberRow{Lo: from.lo, Hi: to.hi})
	}
	return nil
}

func (e *emitter) firstAmount() (amount, bool) {
	if len(e.nodes) == 0 {
		return amount{}, false
	}
	return amountOf(e.nodes[0])
}
