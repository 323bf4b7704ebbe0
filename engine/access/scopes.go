package access

import (
	"slices"
	"strings"
)

// Scopes is what a token allows. The zero value allows nothing; a value is immutable.
type Scopes struct {
	every  letters // of system/* and user/*, looked at first
	grants []grant // sorted by level and type
	other  []string
}

type grant struct {
	level   level
	typ     string // a resource type or "*"
	allowed letters
}

type level uint8

const (
	system level = iota
	user
	patient
)

var levelNames = [...]string{"system", "user", "patient"}

// Allow reports whether the scopes allow op on the resource type. An empty type is the whole server (a search or history
// over all types), which only a scope for every type allows.
func (s Scopes) Allow(op Op, resourceType string) bool {
	need := op.needs()
	have := s.every
	for i := range s.grants {
		if g := &s.grants[i]; g.level != patient && g.typ == resourceType {
			have |= g.allowed
		}
	}
	return have&need == need
}

// Empty reports whether the scopes name no resource type at all.
func (s Scopes) Empty() bool { return len(s.grants) == 0 }

// String writes the scopes in the form of SMART 2, sorted, separated by spaces; ParseScopes reads it back.
func (s Scopes) String() string {
	words := make([]string, 0, len(s.grants)+len(s.other))
	for _, g := range s.grants {
		words = append(words, levelNames[g.level]+"/"+g.typ+"."+g.allowed.String())
	}
	return strings.Join(append(words, s.other...), " ")
}

// add merges a grant into those of the same level and type.
func (s *Scopes) add(g grant) {
	at, found := slices.BinarySearchFunc(s.grants, g, compareGrants)
	if found {
		s.grants[at].allowed |= g.allowed
	} else {
		s.grants = slices.Insert(s.grants, at, g)
	}
	if g.typ == "*" && g.level != patient {
		s.every |= g.allowed
	}
}

func compareGrants(a, b grant) int {
	if a.level != b.level {
		return int(a.level) - int(b.level)
	}
	return strings.Compare(a.typ, b.typ)
}
