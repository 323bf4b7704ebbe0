package search

import "slices"

// Link is the query string of another page of the same search: what was used, with the
// cursor given; "" is the first page.
func (q Query) Link(cursor string) string {
	pairs := slices.DeleteFunc(slices.Clone(q.Used), func(p Pair) bool { return p.Name == "_cursor" })
	if cursor != "" {
		pairs = append(pairs, Pair{"_cursor", cursor})
	}
	return Encode(pairs)
}
