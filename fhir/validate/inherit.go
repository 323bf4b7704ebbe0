package validate

// inherit notes for the slices of a profile without snapshot what their base says of how they are told apart: a
// differential need not repeat it (https://hl7.org/fhir/R4/profiling.html#slicing).
func (p *pass) inherit(def *profile) {
	base := p.profile(def.base)
	if base == nil || p.heirs[def] {
		return
	}
	p.heirs[def] = true
	p.inheritBelow(def.root, base.root)
}

func (p *pass) inheritBelow(n, base *node) {
	for _, c := range n.children {
		b := base.child(c.name)
		if b == nil {
			continue
		}
		if c.sliced && len(c.discriminators) == 0 && b.sliced {
			p.slicing[c] = b
		}
		p.inheritBelow(c, b)
		for _, s := range c.slices {
			if same := b.named(s.slice); same != nil {
				p.inheritBelow(s, same)
			}
		}
	}
}

// named is the slice of that name, nil if there is none.
func (n *node) named(slice string) *node {
	for _, s := range n.slices {
		if s.slice == slice {
			return s
		}
	}
	return nil
}

// matchesInherited asks the base whether an item is of a slice; one that the base does not have goes by the discriminators
// of the base.
func (p *pass) matchesInherited(base, s *node, it item) bool {
	if same := base.named(s.slice); same != nil {
		return p.matches(base, same, it)
	}
	return p.matches(base, s, it)
}
