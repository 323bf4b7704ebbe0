package validate

import "slices"

// parts checks that an extension has only parts that its definition has: their urls are relative, so nothing else could define
// them, although the slicing of extensions is open to extensions from elsewhere, whose urls are absolute
// (https://hl7.org/fhir/R4/extensibility.html#Extension, Extension.url).
func (p *pass) parts(def *profile, it item) {
	for _, n := range p.lineage(def) {
		if n.child("extension") != nil {
			p.partsOf(def, n, it)
			return
		}
	}
}

// lineage is what a definition says of its extension, before what the definitions say on which it builds.
func (p *pass) lineage(def *profile) (out []*node) {
	for range 16 {
		out = append(out, def.root)
		if def.base == "" || baseType(def.base) != nil {
			break
		}
		if def = p.profile(def.base); def == nil {
			return nil // who knows what it defines
		}
	}
	slices.Reverse(out) // the first one says which parts there are
	return out
}

func (p *pass) partsOf(def *profile, n *node, it item) {
	c := n.child("extension")
	if c == nil || len(c.slices) == 0 || !p.step() {
		return
	}
	for _, part := range p.items(it, "extension") {
		at := part.v.Get("url")
		if at.Str() == "" || isAbsolute(at.Str()) {
			continue
		}
		p.under(part)
		if s := p.partNamed(c, at.Str()); s == nil {
			p.tell(failure, "extension", at, "the extension %s has no part of this url", shown(def.url))
		} else {
			p.partsOf(def, s, part)
		}
		p.pop()
	}
}

// partNamed is the slice of a part; one of which no url is known may be any.
func (p *pass) partNamed(c *node, url string) *node {
	for _, s := range c.slices {
		if u := p.urlOf(s); u == url || u == "" {
			return s
		}
	}
	return nil
}
