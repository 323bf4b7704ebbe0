package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// slice gives each item to the slice that it matches and checks it there
// (https://hl7.org/fhir/R4/profiling.html#slicing).
func (p *pass) slice(n *node, items []item) {
	taken := make([][]item, len(n.slices))
	last, open := -1, false // the last slice met; an item without slice was met
	for _, it := range items {
		p.under(it)
		i := p.sliceOf(n, it)
		switch {
		case i < 0:
			open = true
			if n.closed {
				p.tell(failure, "structure", it.at(), "this matches none of the slices of %s (%s), and no others are allowed here", n.name, n.sliceNames())
			}
		case open && n.atEnd:
			p.tell(failure, "structure", it.at(), "what matches no slice must stand at the end")
		case n.ordered && i < last:
			p.tell(failure, "structure", it.at(), "the slices must stand in the order of the profile: %s is too late", n.slices[i].slice)
		}
		if i >= 0 {
			taken[i], last = append(taken[i], it), max(last, i)
		}
		p.pop()
	}
	for i, s := range n.slices {
		p.sliced(n, s, taken[i], items)
	}
}

// sliceNames lists the slices, for people.
func (n *node) sliceNames() string {
	var names []string
	for _, s := range n.slices[:min(len(n.slices), 20)] {
		names = append(names, s.slice)
	}
	return strings.Join(names, ", ")
}

func (p *pass) sliced(n, s *node, taken, items []item) {
	at := item{v: p.scope.v}
	if len(items) > 0 {
		at = items[0]
	}
	p.counted(s, at, taken)
	for _, it := range taken {
		p.under(it)
		p.one(s, it)
		p.pop()
	}
	if len(s.slices) > 0 {
		inner := *s
		if len(inner.discriminators) == 0 {
			inner.discriminators = n.discriminators
		}
		p.slice(&inner, taken)
	}
}

// sliceOf is the first slice that an item matches, -1 if there is none.
func (p *pass) sliceOf(n *node, it item) int {
	for i, s := range n.slices {
		if p.matches(n, s, it) {
			return i
		}
	}
	return -1
}

// byURL is how extensions are sliced where nothing is said.
var byURL = []discriminator{{"value", "url"}}

func (p *pass) matches(n, s *node, it item) bool {
	if base := p.slicing[n]; base != nil {
		return p.matchesInherited(base, s, it)
	}
	ds := n.discriminators
	switch {
	case len(ds) == 0 && strings.HasSuffix(strings.ToLower(n.name), "extension"):
		ds = byURL
	case len(ds) == 0 && strings.HasSuffix(n.name, "[x]"):
		return p.typed(s, it)
	case len(ds) == 0:
		return p.would(func() { p.one(s, it) })
	}
	for _, d := range ds {
		if !p.discriminates(d, s, it) {
			return false
		}
	}
	return true
}

func (p *pass) typed(s *node, it item) bool {
	for _, a := range s.types {
		if it.t != nil && r4.IsA(it.t.Name, a.code) {
			return true
		}
	}
	return len(s.types) == 0
}

// discriminates says whether an item is, at the path of a discriminator, what the slice is there.
func (p *pass) discriminates(d discriminator, s *node, it item) bool {
	nodes, items := p.along(d.path, s, it)
	if len(nodes) == 0 {
		return false // the slice says nothing there: nothing tells it apart
	}
	switch d.kind {
	case "exists":
		return nodes[0].max != 0 == (len(items) > 0)
	case "type":
		return len(items) > 0 && p.hasType(nodes, items[0])
	case "profile":
		return len(items) > 0 && p.hasProfile(nodes, items[0])
	}
	return p.hasValue(nodes, items)
}

// hasValue matches where one item at the path meets all that the slice says there.
func (p *pass) hasValue(nodes []*node, items []item) bool {
	for _, it := range items {
		ok := p.would(func() {
			for _, n := range nodes {
				p.telling(n, it)
			}
		})
		if ok {
			return true
		}
	}
	return len(items) == 0 && nodes[0].max == 0
}

// telling checks what tells slices apart: a value, a pattern, a binding, or what stands below.
func (p *pass) telling(n *node, it item) {
	p.value(n, it)
	if n.binding != "" && n.strength == "required" && !n.fixed.Exists() && !n.pattern.Exists() {
		p.bind(n.strength, n.binding, it)
	}
	for _, c := range n.children {
		if !c.fixed.Exists() && !c.pattern.Exists() && len(c.children) == 0 && c.min < 1 {
			continue
		}
		items := p.items(it, c.name)
		p.counted(c, it, items)
		for _, sub := range items {
			p.telling(c, sub)
		}
		if c.sliced && len(c.slices) > 0 {
			p.slice(c, items)
		}
	}
}

func (p *pass) hasType(nodes []*node, it item) bool {
	for _, n := range nodes {
		for _, a := range n.types {
			if it.t != nil && r4.IsA(it.t.Name, a.code) {
				return true
			}
		}
	}
	return false
}

func (p *pass) hasProfile(nodes []*node, it item) bool {
	for _, n := range nodes {
		for _, a := range n.types {
			for _, url := range a.profiles {
				if p.conforms(it, url) {
					return true
				}
			}
			if len(a.profiles) == 0 && it.t != nil && a.code == it.t.Name {
				return true
			}
		}
	}
	return false
}

func (p *pass) conforms(it item, url string) bool {
	if p.profile(url) == nil && baseType(url) == nil {
		return false
	}
	return p.would(func() { p.against(it, url, false) })
}

// along goes down the path of a discriminator on both sides: in the definition of the slice and in the item. The path is
// a small part of FHIRPath: names, $this, extension(url), ofType(type) and resolve().
func (p *pass) along(way string, s *node, it item) ([]*node, []item) {
	nodes, items := []*node{s}, []item{it}
	for _, name := range steps(way) {
		switch fn, arg := call(name); fn {
		case "$this", "":
		case "resolve":
			nodes, items = p.targetsOf(nodes, items)
		case "ofType":
			items = ofType(items, arg)
		case "extension":
			nodes, items = p.extensionNodes(nodes, arg), extensionsOf(p, items, arg)
		default:
			nodes, items = p.down(nodes, name), p.downItems(items, name)
		}
	}
	return nodes, items
}

// steps are the parts of a path between its dots, but for dots in brackets.
func steps(way string) []string {
	var out []string
	depth, from := 0, 0
	for i := range len(way) {
		switch way[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '.':
			if depth == 0 {
				out = append(out, way[from:i])
				from = i + 1
			}
		}
	}
	return append(out, way[from:])
}

// call takes "ofType(Quantity)" apart; of a plain name the function is the name of a member.
func call(step string) (fn, arg string) {
	name, rest, found := strings.Cut(step, "(")
	if found || step == "$this" || step == "" {
		return name, strings.Trim(strings.TrimSuffix(rest, ")"), "'\" ")
	}
	return "member", ""
}

// down finds the elements of that name below nodes, also in the profile of their type.
func (p *pass) down(nodes []*node, name string) []*node {
	var out []*node
	for _, n := range nodes {
		found, own := named(n, name)
		if out = append(out, found...); own {
			continue
		}
		for _, a := range n.types {
			for _, url := range a.profiles {
				if def := p.profile(url); def != nil {
					more, _ := named(def.root, name)
					out = append(out, more...)
				}
			}
		}
	}
	return out
}

// named are the elements of that name below a node and the slices of them that must be there; own says that the node itself
// tells their value, so that the profile of its type need not be asked.
func named(n *node, name string) (out []*node, own bool) {
	found := n.child(name)
	if found == nil && n.from != nil {
		found = n.from.child(name)
	}
	if found != nil {
		out = append(out, found)
		for _, s := range found.slices {
			if s.min > 0 {
				out = append(out, s)
			}
		}
		own = found.fixed.Exists() || found.pattern.Exists() || len(found.children) > 0
	}
	if part := inside(n, name); part != nil && !own {
		out = append(out, part)
	}
	return out, own
}

// inside is the part of a fixed value or pattern under a name.
func inside(n *node, name string) *node {
	if v := n.fixed.Get(name); v.Exists() {
		return &node{name: name, min: 1, max: many, fixed: v}
	}
	if v := n.pattern.Get(name); v.Exists() {
		return &node{name: name, min: 1, max: many, pattern: v}
	}
	return nil
}

func (p *pass) downItems(items []item, name string) []item {
	var out []item
	for _, it := range items {
		out = append(out, p.items(it, name)...)
	}
	return out
}

func ofType(items []item, name string) []item {
	var out []item
	for _, it := range items {
		if it.t != nil && r4.IsA(it.t.Name, name) {
			out = append(out, it)
		}
	}
	return out
}

func (p *pass) extensionNodes(nodes []*node, url string) []*node {
	var out []*node
	for _, n := range nodes {
		for _, c := range n.children {
			for _, s := range c.slices {
				if c.name == "extension" && p.urlOf(s) == url {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// urlOf is the url of the extension that a slice is for.
func (p *pass) urlOf(s *node) string {
	if c := s.child("url"); c != nil && c.fixed.Exists() {
		return c.fixed.Str()
	}
	for _, a := range s.types {
		for _, url := range a.profiles {
			if def := p.profile(url); def != nil {
				return def.url
			}
			if bare, version, _ := strings.Cut(url, "|"); version != "" && p.Knows(bare) {
				return bare // a version that is not there is of the same extension
			}
		}
	}
	return ""
}

func extensionsOf(p *pass, items []item, url string) []item {
	var out []item
	for _, it := range items {
		for _, x := range p.items(it, "extension") {
			if x.v.Get("url").Str() == url {
				out = append(out, x)
			}
		}
	}
	return out
}

// targetsOf follows references on both sides: in the definition to the profiles of their targets.
func (p *pass) targetsOf(nodes []*node, items []item) ([]*node, []item) {
	var to []*node
	for _, n := range nodes {
		for _, a := range n.types {
			for _, url := range a.targets {
				if t := baseType(url); t != nil {
					to = append(to, &node{name: t.Name, min: -1, max: -1, types: []allowed{{code: t.Name}}})
				} else if def := p.profile(url); def != nil {
					to = append(to, &node{name: def.typ, min: -1, max: -1, types: []allowed{{code: def.typ, profiles: []string{url}}}, children: def.root.children})
				}
			}
		}
	}
	var at []item
	for _, it := range items {
		if found, ok := p.resolved(it.v); ok {
			at = append(at, found)
		}
	}
	return to, at
}

// resolved is what a reference points to: the resource where it can be found, else its type alone.
func (p *pass) resolved(ref fhir.Value) (item, bool) {
	text := ref.Get("reference").Str()
	if r, ok := p.find(text); ok {
		return item{v: r.Value, t: r4.Lookup(r.Type()), index: -1}, true
	}
	t := r4.Lookup(fhir.ParseRef(text).Type)
	if t == nil {
		t = r4.Lookup(ref.Get("type").Str())
	}
	return item{t: t, index: -1}, t != nil
}
