package access

import "slices"

// Contain reports whether all that o names is among s: each level, type and letter, as wide, and each scope that names no type.
func (s Scopes) Contain(o Scopes) bool {
	return !slices.ContainsFunc(o.grants, func(g grant) bool { return s.letters(g)&g.allowed != g.allowed }) &&
		!slices.ContainsFunc(o.other, func(word string) bool { return !s.Has(word) })
}

// Has reports whether a scope is there that names no resource type, such as openid.
func (s Scopes) Has(word string) bool { return slices.Contains(s.other, word) }

// letters are those that are allowed at the level and on the type of a grant, by the same search or without one.
func (s Scopes) letters(of grant) (all letters) {
	for _, g := range s.grants {
		if g.level == of.level && (g.typ == of.typ || g.typ == "*") && (g.query == "" || g.query == of.query) {
			all |= g.allowed
		}
	}
	return all
}

// Within is what is left of the scopes for a person who holds these roles: of user scopes what a permission allows, whatever its
// reach, and none of system scopes, which are no person's. Whose resources are meant says the decision, which asks the roles too.
func (s Scopes) Within(r Roles) Scopes {
	left := Scopes{other: s.other}
	for _, g := range s.grants {
		switch g.level {
		case patient:
			left.add(g)
		case user:
			for _, p := range r.list {
				left.addShared(g, p)
			}
		}
	}
	left.text = left.words()
	return left
}

// addShared adds what both a user scope and a permission allow.
func (s *Scopes) addShared(g grant, p Permission) {
	typ, allowed := g.typ, g.allowed&p.Action.letters()
	if typ == "*" {
		typ = p.Resource
	}
	if (p.Resource == "*" || p.Resource == typ) && typ != accounts && typ != Tenants && allowed != 0 {
		s.add(grant{level: user, typ: typ, allowed: allowed, query: g.query})
	}
}

// letters are those of the scopes that an action stands for.
func (a Action) letters() letters {
	switch a {
	case Reading:
		return letterR | letterS
	case Writing:
		return letterC | letterU
	case Deleting:
		return letterD
	}
	return 0
}

// OnlySystem reports whether all of the scopes are those of a program that acts for itself.
func (s Scopes) OnlySystem() bool {
	return len(s.other) == 0 && !slices.ContainsFunc(s.grants, func(g grant) bool { return g.level != system })
}

// System reports whether a scope is among them that is for programs that act for themselves.
func (s Scopes) System() bool {
	return slices.ContainsFunc(s.grants, func(g grant) bool { return g.level == system })
}
