package term

import "slices"

// Relation is how one concept stands to another.
type Relation string

// The relations, as $subsumes names them.
const (
	Equivalent  Relation = "equivalent"
	Subsuming   Relation = "subsumes"
	SubsumedBy  Relation = "subsumed-by"
	NotSubsumed Relation = "not-subsumed"
)

// Relate says how concept a stands to concept b; false if one of them is not in the system.
func (cs *CodeSystem) Relate(a, b string) (Relation, bool) {
	i, j := cs.place(a), cs.place(b)
	switch {
	case i < 0 || j < 0:
		return "", false
	case i == j:
		return Equivalent, true
	case cs.above(i, j):
		return Subsuming, true
	case cs.above(j, i):
		return SubsumedBy, true
	}
	return NotSubsumed, true
}

// Subsumes reports whether b is a or stands below it. Codes that are not in the system subsume nothing.
func (cs *CodeSystem) Subsumes(a, b string) bool {
	i, j := cs.place(a), cs.place(b)
	return i >= 0 && j >= 0 && (i == j || cs.above(i, j))
}

// above reports whether concept i is an ancestor of concept j. Within the document that is an interval; where properties
// name parents too, all ways up are gone, each concept once.
func (cs *CodeSystem) above(i, j int32) bool {
	if j > i && j < cs.concepts[i].end {
		return true
	}
	if len(cs.parents) == 0 {
		return false
	}
	seen, queue := map[int32]bool{j: true}, []int32{j}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, p := range cs.parentsOf(queue[0]) {
			if p == i {
				return true
			}
			if !seen[p] {
				seen[p], queue = true, append(queue, p)
			}
		}
	}
	return false
}

func (cs *CodeSystem) parentsOf(i int32) []int32 {
	var out []int32
	if p := cs.concepts[i].parent; p >= 0 {
		out = append(out, p)
	}
	at, _ := slices.BinarySearchFunc(cs.parents, i, func(pair [2]int32, i int32) int { return int(pair[0]) - int(i) })
	for ; at < len(cs.parents) && cs.parents[at][0] == i; at++ {
		out = append(out, cs.parents[at][1])
	}
	return out
}

// Parents are the codes right above a code.
func (cs *CodeSystem) Parents(code string) []string {
	var out []string
	if i := cs.place(code); i >= 0 {
		for _, p := range cs.parentsOf(i) {
			out = append(out, cs.concepts[p].Code)
		}
	}
	return out
}

// Children are the codes right below a code, in the order of the document.
func (cs *CodeSystem) Children(code string) []string {
	i := cs.place(code)
	if i < 0 {
		return nil
	}
	var out []string
	for j := i + 1; j < cs.concepts[i].end; j = cs.concepts[j].end {
		out = append(out, cs.concepts[j].Code)
	}
	for _, pair := range cs.parents {
		if c := cs.concepts[pair[0]].Code; pair[1] == i && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}
