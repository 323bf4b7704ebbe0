package searchcheck

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Query is one search and what it must find.
type Query struct {
	Type  string
	Pairs [][2]string // name and value, as in an URL but not percent-encoded
	Must  []string    // ids that any server finds
	May   []string    // ids that a server may find besides
}

// String is the query as an URL.
func (q Query) String() string {
	var b strings.Builder
	b.WriteString(q.Type)
	for i, p := range q.Pairs {
		b.WriteString(map[bool]string{true: "?", false: "&"}[i == 0] + p[0] + "=" + url.QueryEscape(p[1]))
	}
	return b.String()
}

// Wrong compares what a server found, in any order, with what it must find: "" or what is missing and what is too much.
func (q Query) Wrong(found []string) string {
	var missing, surplus, twice []string
	for _, id := range q.Must {
		if !slices.Contains(found, id) {
			missing = append(missing, id)
		}
	}
	seen := map[string]bool{}
	for _, id := range found {
		if !slices.Contains(q.Must, id) && !slices.Contains(q.May, id) {
			surplus = append(surplus, id)
		}
		if seen[id] {
			twice = append(twice, id)
		}
		seen[id] = true
	}
	if len(missing)+len(surplus)+len(twice) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: finds %d, must find %d; missing %d %q, too much %d %q, twice %q",
		q, len(found), len(q.Must), len(missing), some(missing), len(surplus), some(surplus), some(twice))
}

func some(ids []string) []string { return ids[:min(3, len(ids))] }

// Queries makes n random queries, the same for the same seed, each of which finds at least one resource
// and at most limit of them. They go round all parameters that have a value, so that each has its share.
func (c *Corpus) Queries(seed uint64, n, limit int, now time.Time) []Query {
	g := &generator{corpus: c, rand: rand.New(rand.NewPCG(seed, seed)), now: now}
	all := c.used()
	g.rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var out []Query
	for i := 0; len(out) < n && i < 40*n; i++ {
		if q, ok := g.query(all[i%len(all)]); ok && (len(q.Must) > 0 || c.hidden != nil) && len(q.Must)+len(q.May) <= limit {
			out = append(out, q)
		}
	}
	return out
}

// used lists the parameters for which at least one resource has a value, in the order of the table.
func (c *Corpus) used() []clause {
	var out []clause
	types := make([]string, 0, len(c.params))
	for t := range c.params {
		types = append(types, t)
	}
	slices.Sort(types)
	for _, t := range types {
		for i := range c.params[t] {
			if slices.ContainsFunc(c.docs[t], func(d *doc) bool { return len(d.values[i]) > 0 }) {
				for range share(c.params[t][i].kind) {
					out = append(out, clause{param: &c.params[t][i], at: i})
				}
			}
		}
	}
	return out
}

// share is how often a parameter is asked in each round: the more ways there are to ask, the more often.
func share(k kind) int {
	switch k {
	case date, quantity, number, composite:
		return 5
	case text, uri:
		return 2
	}
	return 1
}

type generator struct {
	corpus *Corpus
	rand   *rand.Rand
	now    time.Time

	to     map[*doc][]edge // who refers to it
	byType map[string]map[*doc]bool
}

// query builds one to three clauses from one resource, which therefore is found, unless a clause is a negation.
func (g *generator) query(first clause) (Query, bool) {
	d, ok := g.docWith(first)
	if !ok {
		return Query{}, false
	}
	clauses := []clause{first}
	for g.rand.IntN(3) == 0 && len(clauses) < 3 {
		at := g.rand.IntN(len(d.values))
		clauses = append(clauses, clause{param: &g.corpus.params[first.param.typ][at], at: at})
	}
	for i := range clauses {
		if len(d.values[clauses[i].at]) == 0 || !g.fill(&clauses[i], d) {
			return Query{}, false
		}
	}
	return g.corpus.answer(first.param.typ, clauses, g.now), bareIDs(clauses) < 2
}

// bareIDs counts references without a type. Where a parameter may point anywhere, each stands for every type there is, and a
// server may say that several are too many.
func bareIDs(clauses []clause) (n int) {
	for _, c := range clauses {
		for _, t := range c.texts {
			if c.param.kind == reference && c.modifier == "" && !strings.Contains(t, "/") {
				n++
			}
		}
	}
	return n
}

func (g *generator) docWith(c clause) (*doc, bool) {
	docs := g.corpus.docs[c.param.typ]
	for range 200 {
		if d := docs[g.rand.IntN(len(docs))]; len(d.values[c.at]) > 0 {
			return d, true
		}
	}
	return nil, false
}

// fill gives the clause texts made from a value of d, and sometimes a second one from another resource.
func (g *generator) fill(c *clause, d *doc) bool {
	if g.rand.IntN(25) == 0 {
		c.modifier, c.texts = "missing", []string{g.pick("true", "false", "false")}
		return true
	}
	value := d.values[c.at][g.rand.IntN(len(d.values[c.at]))]
	modifier, t := g.text(c.param, value)
	if t == "" {
		return false
	}
	c.modifier, c.texts = modifier, []string{t}
	if g.rand.IntN(3) == 0 && modifier != "not" {
		c.texts = append(c.texts, g.alternative(*c)...)
	}
	return true
}

// alternative is a second text, from another resource; often one that is nearly right.
func (g *generator) alternative(c clause) []string {
	other, ok := g.docWith(c)
	if !ok {
		return nil
	}
	modifier, t := g.text(c.param, other.values[c.at][0])
	if modifier != c.modifier || t == "" {
		return nil
	}
	if g.rand.IntN(2) == 0 {
		t = g.spoil(c.param, t)
	}
	return []string{t}
}

// answer filters all resources of the type, one by one.
func (c *Corpus) answer(typ string, clauses []clause, now time.Time) Query {
	q := Query{Type: typ}
	for _, k := range clauses {
		name := k.param.code
		if k.modifier != "" {
			name += ":" + k.modifier
		}
		q.Pairs = append(q.Pairs, [2]string{name, strings.Join(k.texts, ",")})
	}
	for _, d := range c.docs[typ] {
		if c.hidden[d] {
			continue
		}
		worst := yes
		for _, k := range clauses {
			worst = min(worst, k.match(d, now))
		}
		switch worst {
		case yes:
			q.Must = append(q.Must, d.id)
		case maybe:
			q.May = append(q.May, d.id)
		}
	}
	return q
}

func (g *generator) pick(choices ...string) string { return choices[g.rand.IntN(len(choices))] }
