package searchcheck

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// condition is one condition on resources of a type, that may lead on to others.
type condition struct {
	typ         string
	name, value string
	match       func(d *doc) verdict
}

// edge is a reference from one resource to another.
type edge struct {
	from     *doc
	fromType string
	at       int // position of the parameter in fromType's list
}

// Chains makes n random queries that follow references, forwards (https://hl7.org/fhir/R4/search.html#chaining) and
// backwards (https://hl7.org/fhir/R4/search.html#has), up to three steps in any mixture. As Queries, each finds something, and
// at most limit resources.
func (c *Corpus) Chains(seed uint64, n, limit int, now time.Time) []Query {
	g := &generator{corpus: c, rand: rand.New(rand.NewPCG(seed, seed+1)), now: now}
	g.link()
	all := c.used()
	var out []Query
	for i := 0; len(out) < n && i < 100*n && len(all) > 0; i++ {
		q, ok := g.chained(all[g.rand.IntN(len(all))])
		if ok && (len(q.Must) > 0 || c.hidden != nil) && len(q.Must)+len(q.May) <= limit {
			out = append(out, q)
		}
	}
	return out
}

// link finds who refers to whom.
func (g *generator) link() {
	g.to = map[*doc][]edge{}
	c := g.corpus
	types := make([]string, 0, len(c.params))
	for t := range c.params {
		types = append(types, t)
	}
	slices.Sort(types)
	for _, t := range types {
		for at, p := range c.params[t] {
			for _, d := range c.docs[t] {
				for _, target := range c.targets(p, d, at) {
					g.to[target] = append(g.to[target], edge{d, t, at})
				}
			}
		}
	}
}

// targets are the resources to which a parameter of one resource leads.
func (c *Corpus) targets(p param, d *doc, at int) (out []*doc) {
	if p.kind != reference {
		return nil
	}
	for _, v := range d.values[at] {
		target, _ := member(v, "reference").(string)
		target, _, _ = strings.Cut(target, "/_history/")
		if x := c.byKey[target]; x != nil {
			out = append(out, x)
		}
	}
	return out
}

// within is what a condition on the other end says of a resource that refers to something it contains itself: whoever looks
// in there may find it, and the stories of contained resources say what is found (https://hl7.org/fhir/R4/search.html#contained).
func within(p param, d *doc, at int) verdict {
	for _, v := range d.values[at] {
		if target, _ := member(v, "reference").(string); p.kind == reference && strings.HasPrefix(target, "#") {
			return maybe
		}
	}
	return no
}

// chained starts from a condition on one resource and goes on to those beside it.
func (g *generator) chained(first clause) (Query, bool) {
	d, ok := g.docWith(first)
	if !ok || !g.fill(&first, d) || first.modifier == "missing" {
		return Query{}, false
	}
	name := first.param.code
	if first.modifier != "" {
		name += ":" + first.modifier
	}
	at := condition{first.param.typ, name, strings.Join(first.texts, ","), g.remembered(func(d *doc) verdict { return first.match(d, g.now) })}
	for range 1 + g.rand.IntN(3) {
		next, beside, ok := g.step(at, d)
		if !ok {
			break
		}
		at, d = next, beside
	}
	if at.name == name || bareIDs([]clause{first}) > 0 {
		return Query{}, false
	}
	return g.ask(at), true
}

// step leads one reference further, in either direction.
func (g *generator) step(at condition, d *doc) (condition, *doc, bool) {
	if edges := g.to[d]; len(edges) > 0 && g.rand.IntN(2) == 0 {
		e := edges[g.rand.IntN(len(edges))]
		return g.forwards(at, e), e.from, true
	}
	params := g.corpus.params[at.typ]
	for tries := 0; tries < 20 && len(params) > 0; tries++ {
		i := g.rand.IntN(len(params))
		if to := g.corpus.targets(params[i], d, i); len(to) > 0 {
			if typ := g.typeOf(to[0]); typ != "" {
				return g.backwards(at, i, typ), to[0], true
			}
		}
	}
	return at, d, false
}

func (g *generator) typeOf(d *doc) string {
	for t, docs := range g.corpus.docs {
		if len(docs) > 0 && slices.Contains(docs, d) {
			return t
		}
	}
	return ""
}

// forwards asks of what e's parameter refers to what at asks.
func (g *generator) forwards(at condition, e edge) condition {
	p := g.corpus.params[e.fromType][e.at]
	name := p.code + ":" + at.typ
	if p.code == "patient" && g.rand.IntN(2) == 0 {
		name = p.code
	}
	inside := g.inside(at.typ)
	return condition{e.fromType, name + "." + at.name, at.value, g.remembered(func(d *doc) verdict {
		best := within(p, d, e.at)
		for _, x := range g.corpus.targets(p, d, e.at) {
			if inside[x] && !g.corpus.hidden[x] {
				best = max(best, at.match(x))
			}
		}
		return best
	})}
}

// backwards asks of what refers here by a parameter what at asks.
func (g *generator) backwards(at condition, by int, typ string) condition {
	p := g.corpus.params[at.typ][by]
	return condition{typ, "_has:" + at.typ + ":" + p.code + ":" + at.name, at.value, g.remembered(func(d *doc) verdict {
		best := no
		for _, e := range g.to[d] {
			if e.fromType == at.typ && e.at == by && best < yes && !g.corpus.hidden[e.from] {
				best = max(best, at.match(e.from))
			}
		}
		return best
	})}
}

func (g *generator) inside(typ string) map[*doc]bool {
	if g.byType == nil {
		g.byType = map[string]map[*doc]bool{}
	}
	if g.byType[typ] == nil {
		g.byType[typ] = map[*doc]bool{}
		for _, d := range g.corpus.docs[typ] {
			g.byType[typ][d] = true
		}
	}
	return g.byType[typ]
}

// remembered asks about each resource once.
func (g *generator) remembered(match func(*doc) verdict) func(*doc) verdict {
	known := map[*doc]verdict{}
	return func(d *doc) verdict {
		v, done := known[d]
		if !done {
			v = match(d)
			known[d] = v
		}
		return v
	}
}

func (g *generator) ask(at condition) Query {
	q := Query{Type: at.typ, Pairs: [][2]string{{at.name, at.value}}}
	for _, d := range g.corpus.docs[at.typ] {
		if g.corpus.hidden[d] {
			continue
		}
		switch at.match(d) {
		case yes:
			q.Must = append(q.Must, d.id)
		case maybe:
			q.May = append(q.May, d.id)
		}
	}
	return q
}
