package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// against checks an item against a profile. A profile that is not loaded is told, as an error where the caller named it.
func (p *pass) against(it item, url string, named bool) {
	if t := baseType(url); t != nil {
		if it.t != nil && !r4.IsA(it.t.Name, t.Name) {
			p.tell(failure, "structure", it.at(), "%s is asked for here", fault.A(t.Name))
		}
		return
	}
	def := p.profile(url)
	switch {
	case def == nil && named:
		p.tell(failure, "not-found", it.at(), "the profile %s: add the package that has it", p.notLoaded(url))
		return
	case def == nil:
		p.tell(information, "informational", it.at(), "the profile %s, so this was not checked against it", p.notLoaded(url))
		return
	case !p.step():
		return
	}
	if it.t != nil && def.typ != "" && !r4.IsA(it.t.Name, def.typ) {
		p.tell(failure, "structure", it.at(), "the profile %s is for %s, not for %s", shown(url), def.typ, it.t.Name)
		return
	}
	if !p.claim(it.at(), def.url) {
		return
	}
	if def.base != "" && baseType(def.base) == nil {
		p.against(it, def.base, false)
		p.inherit(def)
	}
	p.one(def.root, it)
	p.busy = p.busy[:len(p.busy)-1]
}

// claim begins a check of a value against a profile, unless it is already under way further out.
func (p *pass) claim(v fhir.Value, url string) bool {
	c := claim{v, url}
	for _, b := range p.busy {
		if b == c {
			return false
		}
	}
	if len(p.busy) > 100 {
		return false
	}
	p.busy = append(p.busy, c)
	return true
}

// shown is a url as it may be repeated in an issue: canonical urls name definitions, but one that came with a resource may
// be anything.
func shown(url string) string {
	if len(url) > 200 || strings.ContainsAny(url, " \t\r\n\"<>") || !isAbsolute(url) {
		return "named here"
	}
	return url
}

// one checks one item against one node.
func (p *pass) one(n *node, it item) {
	if n.max == 0 || !p.step() {
		return
	}
	p.ofType(n, it)
	p.value(n, it)
	if n.binding != "" {
		p.bind(n.strength, n.binding, it)
	}
	if n.largest != "" {
		p.atMost(n.largest, it)
	}
	for _, r := range n.rules {
		p.obey(r, it)
	}
	p.children(n, it)
	if n.from != nil {
		p.children(n.from, it)
	}
}

func (p *pass) children(n *node, it item) {
	for _, c := range n.children {
		items := p.items(it, c.name)
		p.counted(c, it, items)
		p.all(c, items)
	}
}

// counted checks how often an element is there.
func (p *pass) counted(c *node, in item, items []item) {
	name := strings.TrimSuffix(c.name, "[x]")
	label := name
	if c.slice != "" {
		label = name + ":" + c.slice
	}
	p.push(name)
	switch {
	case c.min > len(items) && len(items) == 0:
		p.tell(failure, "required", in.at(), "%s is required here", label)
	case c.min > len(items):
		p.tell(failure, "required", in.at(), "%s is required here %d times", label, c.min)
	case c.max >= 0 && len(items) > c.max && c.max == 0:
		p.tell(failure, "structure", items[0].at(), "%s must not be there", label)
	case c.max >= 0 && len(items) > c.max:
		p.tell(failure, "structure", items[c.max].at(), "%s may be there at most %d times", label, c.max)
	}
	p.pop()
}

// all checks the items of an element, each by itself and then by the slices.
func (p *pass) all(n *node, items []item) {
	for _, it := range items {
		p.under(it)
		p.one(n, it)
		p.pop()
	}
	if n.sliced && len(n.slices) > 0 {
		p.slice(n, items)
	}
}

func (p *pass) value(n *node, it item) {
	switch {
	case n.fixed.Exists() && !same(n.fixed, it.v):
		p.tell(failure, "value", it.at(), "the value is not the one that is fixed here")
	case n.pattern.Exists() && !fits(n.pattern, it.v):
		p.tell(failure, "value", it.at(), "the value lacks what is asked for here")
	}
	if n.length > 0 && len([]rune(it.v.Str())) > n.length {
		p.tell(failure, "value", it.at(), "the text may have at most %d characters here", n.length)
	}
	p.between(n, it)
}

var below, above = mustRule("$this >= %least"), mustRule("$this <= %most")

func mustRule(src string) *rule {
	return newRule(r4.Rule{Expression: src}, path.Compile)
}

// between checks minValue and maxValue; what cannot be compared is not outside.
func (p *pass) between(n *node, it item) {
	if it.t == nil || !n.least.Exists() && !n.most.Exists() {
		return
	}
	ctx := &path.Context{Vars: map[string][]path.Node{"least": {path.Of(n.least, it.t.Name)}, "most": {path.Of(n.most, it.t.Name)}}}
	if n.least.Exists() {
		if ok, err := below.holds(ctx, it.node()); err == nil && !ok {
			p.tell(failure, "value", it.at(), "the value is below the least that is allowed here")
		}
	}
	if n.most.Exists() {
		if ok, err := above.holds(ctx, it.node()); err == nil && !ok {
			p.tell(failure, "value", it.at(), "the value is above the most that is allowed here")
		}
	}
}

// ofType checks the type of an item, and the profiles that its type must meet: one of them is enough.
func (p *pass) ofType(n *node, it item) {
	if len(n.types) == 0 || it.t == nil {
		return
	}
	var names []string
	for i := range n.types {
		a := &n.types[i]
		names = append(names, a.code)
		if !p.isType(it.t, a.code) {
			continue
		}
		if len(a.profiles) > 0 && it.at().Exists() {
			p.meetsOne(it, a.profiles)
		}
		if len(a.targets) > 0 {
			p.target(it, a.targets)
		}
		return
	}
	p.tell(failure, "structure", it.at(), "the type must be %s here", strings.Join(names, " or "))
}

// isType compares a type of R4 with one that a profile names; those of ids and urls are System types there.
func (p *pass) isType(t *r4.TypeInfo, code string) bool {
	if r4.IsA(t.Name, code) || code == "Element" || code == "BackboneElement" || t.Kind == r4.Backbone {
		return true
	}
	return r4.Lookup(code) == nil || t.Kind == r4.Primitive && code == "string" && (t.Name == "id" || t.Name == "uri")
}

// meetsOne checks an item against profiles of which one is enough. Where there is one, what it finds is told.
func (p *pass) meetsOne(it item, profiles []string) {
	if len(profiles) == 1 {
		p.against(it, profiles[0], false)
		return
	}
	var reasons []string
	for _, url := range profiles {
		ok, why := p.because(func() { p.against(it, url, false) })
		if ok {
			return
		}
		reasons = append(reasons, shown(url)+" ("+why+")")
	}
	p.tell(failure, "structure", it.at(), "the value meets none of the profiles that are allowed here: %s", strings.Join(reasons, "; "))
}

// obey checks an invariant of a profile.
func (p *pass) obey(r *rule, it item) {
	holds, err := r.holds(p.expressions(), it.node())
	switch {
	case err != nil && r.broken == nil:
		p.tell(information, "processing", it.at(), "%s: could not be evaluated here and was not checked", r.Key)
	case err != nil:
		p.tell(information, "processing", it.at(), "%s: the expression of this invariant cannot be read, so it was not checked", r.Key)
	case !holds && r.warning:
		p.tell(warning, "invariant", it.at(), "%s: %s", r.Key, r.Human)
	case !holds:
		p.tell(failure, "invariant", it.at(), "%s: %s", r.Key, r.Human)
	}
}
