package store

import "strconv"

// claims are the names that the member's conditions look for and its writes bear (names.go). Under the empty name stands
// the type as a whole: a condition that looks for no name has it to itself, everyone else shares it.
func (m *member) claims() map[identity]touch {
	if len(m.conditions) == 0 {
		return nil
	}
	out := map[identity]touch{}
	for _, c := range m.conditions {
		if !c.guards {
			continue
		}
		if len(c.keys) == 0 {
			out[m.claim(c.index, "")] |= searches
		}
		for _, key := range c.keys {
			out[m.claim(c.index, "")] |= fills
			out[m.claim(c.index, strconv.FormatInt(key, 36))] |= searches
		}
	}
	if len(out) == 0 {
		return nil
	}
	for _, o := range m.ops {
		if o.method == Delete {
			continue
		}
		out[m.claim(o.index, "")] |= fills
		for _, key := range o.names(m) {
			out[m.claim(o.index, strconv.FormatInt(key, 36))] |= fills
		}
	}
	return out
}

func (m *member) claim(index int16, name string) identity {
	return identity{m.p.Tenant, index, "?" + name}
}

func (o *op) names(m *member) []int64 { return namesOf(m.keys.hasher, o.body) }
