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

func (w *walk) push(name string) { w.steps = append(w.steps, step{name, -1}) }

func (w *walk) pop() { w.steps = w.steps[:len(w.steps)-1] }

func (w *walk) index(i int) { w.steps[len(w.steps)-1].index = i }

// place is the FHIRPath of where the walk is: "Patient.name[0].given".
func (w *walk) place() string {
	var b strings.Builder
	for i, s := range w.steps {
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
