package access

import (
	"slices"
	"strings"
)

// Names are what the roles allow, as programs read it, sorted: see Permission.Name.
func (r Roles) Names() []string {
	names := make([]string, 0, len(r.list))
	for _, p := range r.list {
		names = append(names, p.Name())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Name is the permission as programs read it: patients:read is reading of all patients; what reaches less far says how far, as in
// lab_results:write:department.
func (p Permission) Name() string {
	name := plural(snake(p.Resource)) + ":" + string(p.Action)
	if p.Reach != All {
		name += ":" + p.Reach.String()
	}
	return name
}

// snake writes a resource type in small letters: CareTeam is care_team.
func snake(typ string) string {
	var b strings.Builder
	for i, c := range typ {
		if c >= 'A' && c <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}

func plural(word string) string {
	switch {
	case word == "*" || slices.Contains(things[:], word):
		return word
	case strings.HasSuffix(word, "y"):
		return strings.TrimSuffix(word, "y") + "ies"
	case strings.HasSuffix(word, "s"):
		return word + "es"
	}
	return word + "s"
}

// Gives reports whether who holds these roles may make a program with the scopes: what its scopes of the level system allow, he may do
// himself with the reach all. What it does for others is bounded by their roles.
func (r Roles) Gives(s Scopes) bool {
	return !slices.ContainsFunc(s.grants, func(g grant) bool { return g.level == system && !r.gives(g) })
}

func (r Roles) gives(g grant) bool {
	var allowed letters
	for _, p := range r.list {
		if p.Reach == All && (p.Resource == "*" || p.Resource == g.typ) {
			allowed |= p.Action.letters()
		}
	}
	return g.allowed&allowed == g.allowed
}
