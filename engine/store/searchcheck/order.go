package searchcheck

import (
	"cmp"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Order is a search over a whole type, with the order in which its resources must come
// (https://hl7.org/fhir/R4/search.html#sort).
type Order struct {
	Type, Sort string
	corpus     *Corpus
	keys       []sortKey
}

// sortKey gives what a resource is ordered by; nil if it has nothing.
type sortKey struct {
	desc bool
	of   func(d *doc) any
}

// Orders makes n random orders by parameters that have a value, some of them through a reference. The least value of a
// resource counts, or the greatest if descending; what has none comes last both ways.
func (c *Corpus) Orders(seed uint64, n, limit int) []Order {
	g := &generator{corpus: c, rand: rand.New(rand.NewPCG(seed, seed+2))}
	all := slices.DeleteFunc(c.used(), func(k clause) bool {
		return k.param.kind == composite || k.param.code == "_id" || len(c.docs[k.param.typ]) > limit || c.open(k)
	})
	var out []Order
	for i := 0; len(out) < n && i < 20*n && len(all) > 0; i++ {
		first := all[g.rand.IntN(len(all))]
		o := Order{Type: first.param.typ, corpus: c}
		o.add(c, first.param.code, g.rand.IntN(2) == 0, c.valueKey(first))
		if k, name, ok := g.afar(o.Type, all); ok && g.rand.IntN(2) == 0 {
			o.add(c, name, g.rand.IntN(2) == 0, k)
		}
		if g.rand.IntN(3) == 0 {
			slices.Reverse(o.keys)
			names := strings.Split(o.Sort, ",")
			slices.Reverse(names)
			o.Sort = strings.Join(names, ",")
		}
		out = append(out, o)
	}
	return out
}

// open reports whether some resource has sampled data, more or less than a number, or a period without a beginning: where
// such a value stands in an order is open (quantityMatch).
func (c *Corpus) open(k clause) bool {
	for _, d := range c.docs[k.param.typ] {
		for _, v := range d.values[k.at] {
			unbegun := member(v, "end") != nil && member(v, "start") == nil
			if unbegun || member(v, "origin") != nil || member(v, "comparator") != nil {
				return true
			}
		}
	}
	return false
}

func (o *Order) add(c *Corpus, name string, desc bool, of func(d *doc, desc bool) any) {
	if o.Sort != "" {
		o.Sort += ","
	}
	if desc {
		o.Sort += "-"
	}
	o.Sort += name
	o.keys = append(o.keys, sortKey{desc, func(d *doc) any { return of(d, desc) }})
}

// afar is a key of a resource that one of the type refers to.
func (g *generator) afar(typ string, all []clause) (func(*doc, bool) any, string, bool) {
	c := g.corpus
	for range 30 {
		k := all[g.rand.IntN(len(all))]
		at := g.rand.IntN(len(c.params[typ]))
		by := c.params[typ][at]
		if len(c.docs[typ]) == 0 || by.kind != reference || !g.leads(by, at, typ, k.param.typ) {
			continue
		}
		inside, of := g.inside(k.param.typ), c.valueKey(k)
		return func(d *doc, desc bool) any {
			var best any
			for _, x := range c.targets(by, d, at) {
				if inside[x] {
					best = better(best, of(x, desc), desc)
				}
			}
			return best
		}, by.code + ":" + k.param.typ + "." + k.param.code, true
	}
	return nil, "", false
}

func (g *generator) leads(by param, at int, from, to string) bool {
	for _, d := range g.corpus.docs[from] {
		for _, x := range g.corpus.targets(by, d, at) {
			return g.inside(to)[x]
		}
	}
	return false
}

// valueKey is what a resource is ordered by under one parameter.
func (c *Corpus) valueKey(k clause) func(d *doc, desc bool) any {
	return func(d *doc, desc bool) any {
		var best any
		for _, v := range d.values[k.at] {
			for _, x := range k.param.sortables(v) {
				best = better(best, x, desc)
			}
		}
		return best
	}
}

func (p *param) sortables(v any) (out []any) {
	switch p.kind {
	case token, contact:
		for _, c := range p.codes(v) {
			if c.code != "" {
				out = append(out, c.code)
			}
		}
	case text:
		for _, s := range stringsOf(v) {
			s = plain(s)
			out = append(out, s[:min(len(s), indexed)])
		}
	case uri:
		s, _ := v.(string)
		out = append(out, s)
	case date:
		if s, ok := valueSpan(v); ok {
			out = append(out, s.start())
		}
	case number, quantity:
		if n, ok := numberOf(v); ok {
			out = append(out, n)
		}
	case reference:
		target, _ := member(v, "reference").(string)
		target, _, _ = strings.Cut(target, "/_history/")
		if strings.Count(target, "/") == 1 && !strings.Contains(target, ":") {
			out = append(out, target)
		}
	}
	return out
}

// better is the one of two values that counts; a missing one never does.
func better(a, b any, desc bool) any {
	switch c := compareValues(a, b); {
	case a == nil:
		return b
	case b == nil || (c < 0) != desc || c == 0:
		return a
	}
	return b
}

func compareValues(a, b any) int {
	switch a := a.(type) {
	case string:
		b, _ := b.(string)
		return cmp.Compare(a, b)
	case time.Time:
		b, _ := b.(time.Time)
		return a.Compare(b)
	case *big.Rat:
		if b, ok := b.(*big.Rat); ok {
			return a.Cmp(b)
		}
	}
	return 0
}

// Wrong says what of a server's order is wrong: "" if nothing.
func (o Order) Wrong(found []string) string {
	n := 0
	for _, d := range o.corpus.docs[o.Type] {
		if !o.corpus.hidden[d] {
			n++
		}
	}
	if len(found) != n {
		return fmt.Sprintf("%s?_sort=%s: finds %d of %d", o.Type, o.Sort, len(found), n)
	}
	for i := 1; i < len(found); i++ {
		a, b := o.corpus.byKey[o.Type+"/"+found[i-1]], o.corpus.byKey[o.Type+"/"+found[i]]
		if a == nil || b == nil || a == b || o.corpus.hidden[a] || o.corpus.hidden[b] {
			return fmt.Sprintf("%s?_sort=%s: finds what is not there, or twice", o.Type, o.Sort)
		}
		if o.before(b, a) {
			return fmt.Sprintf("%s?_sort=%s: %s comes before %s", o.Type, o.Sort, found[i-1], found[i])
		}
	}
	return ""
}

// before reports whether a must come before b.
func (o Order) before(a, b *doc) bool {
	for _, k := range o.keys {
		x, y := k.of(a), k.of(b)
		c := compareValues(x, y)
		switch {
		case x == nil && y == nil:
			continue
		case x == nil || y == nil:
			return y == nil
		case k.desc:
			c = -c
		}
		if c != 0 {
			return c < 0
		}
	}
	return false
}
