package access

import (
	"slices"
	"strings"
)

// Scopes is what a token allows. The zero value allows nothing; a value is immutable.
type Scopes struct {
	every  letters // of system/* and user/* that nothing narrows, looked at first
	grants []grant // sorted by level, type and query
	other  []string
	text   string // as String writes them
}

type grant struct {
	level   level
	typ     string // a resource type or "*"
	allowed letters
	query   string // parameters of a search that finds what is allowed; "": nothing narrows it
}

type level uint8

const (
	system level = iota
	user
	patient
)

var levelNames = [...]string{"system", "user", "patient"}

// whole reports whether the grant is of all resources of its type.
func (g *grant) whole() bool { return g.level != patient && g.query == "" }

// Allow reports whether the scopes allow op on all resources of the type. An empty type is the whole server (a search or
// history over all types), which only a scope for every type allows.
func (s Scopes) Allow(op Op, resourceType string) bool {
	need := op.needs()
	have := s.every
	for i := range s.grants {
		if g := &s.grants[i]; g.whole() && g.typ == resourceType {
			have |= g.allowed
		}
	}
	return have&need == need
}

// covers reports whether the grant is about op on the type.
func (g *grant) covers(op Op, resourceType string) bool {
	need := op.needs()
	return (g.typ == "*" || g.typ == resourceType) && g.allowed&need == need
}

// Empty reports whether the scopes name no resource type at all.
func (s Scopes) Empty() bool { return len(s.grants) == 0 }

// String writes the scopes in the form of SMART 2, sorted, separated by spaces; ParseScopes reads it back.
func (s Scopes) String() string { return s.text }

func (s Scopes) words() string {
	words := make([]string, 0, len(s.grants)+len(s.other))
	for _, g := range s.grants {
		words = append(words, g.String())
	}
	return strings.Join(append(words, s.other...), " ")
}

// String is the grant as a scope of SMART 2.
func (g grant) String() string {
	text := levelNames[g.level] + "/" + g.typ + "." + g.allowed.String()
	if g.query != "" {
		text += "?" + g.query
	}
	return text
}

// add merges a grant into those of the same level, type and query.
func (s *Scopes) add(g grant) {
	at, found := slices.BinarySearchFunc(s.grants, g, compareGrants)
	if found {
		s.grants[at].allowed |= g.allowed
	} else {
		s.grants = slices.Insert(s.grants, at, g)
	}
	if g.typ == "*" && g.whole() {
		s.every |= g.allowed
	}
}

func compareGrants(a, b grant) int {
	if a.level != b.level {
		return int(a.level) - int(b.level)
	}
	if a.typ != b.typ {
		return strings.Compare(a.typ, b.typ)
	}
	return strings.Compare(a.query, b.query)
}
