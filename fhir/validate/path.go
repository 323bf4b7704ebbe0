package validate

import (
	"strconv"
	"strings"
)

// step is one element on the way to a place.
type step struct {
	name  string
	index int // in an array, -1 outside
}

// trail is the way to a place. The first steps stand in the trail itself, so that usual resources need no memory for it.
type trail struct {
	near  [32]step
	far   []step
	depth int
}

func (t *trail) push(name string) {
	if t.depth < len(t.near) {
		t.near[t.depth] = step{name, -1}
	} else {
		t.far = append(t.far, step{name, -1})
	}
	t.depth++
}

func (t *trail) pop() {
	t.depth--
	if t.depth >= len(t.near) {
		t.far = t.far[:t.depth-len(t.near)]
	}
}

func (t *trail) at(i int) *step {
	if i < len(t.near) {
		return &t.near[i]
	}
	return &t.far[i-len(t.near)]
}

// index says which item of an array the last step is.
func (t *trail) index(i int) { t.at(t.depth - 1).index = i }

// place is the FHIRPath of the trail: "Patient.name[0].given".
func (t *trail) place() string {
	var b strings.Builder
	for i := range t.depth {
		s := t.at(i)
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.name)
		if s.index >= 0 {
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		}
	}
	return b.String()
}
