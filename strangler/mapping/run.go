package mapping

import (
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/ficushealth/ficus/strangler/source"
)

// run is the work on one row. It is also what the variables of an expression are looked up in.
type run struct {
	m        *Map
	in       *Input
	slots    []slot
	children []span // of the target at work, one for each of its each
	findings []Finding
	refused  *Refusal
	codes    int // looked up in terminology maps

	row, item rowValue
	lists     []ref.Val // rows of the joins, made when asked for
	value     string    // of an inverse
	out       []byte    // the JSON at work
}

// span is where the slots of the rows of a child begin.
type span struct{ base, rows int }

func (r *run) start(m *Map, in *Input) {
	*r = run{m: m, in: in, slots: r.slots[:0], children: r.children[:0], lists: r.lists[:0], out: r.out}
	r.row = rowValue{m.rowType, in.Row.Cells}
	for range m.joins {
		r.lists = append(r.lists, nil)
	}
}

// refuse notes why the row cannot be taken; the first reason counts.
func (r *run) refuse(at place, path, code, text string) {
	if r.refused == nil {
		r.refused = &Refusal{Rule: at.String(), Path: path, Code: code, Text: text}
	}
}

func (r *run) find(at place, path, code string) {
	r.findings = append(r.findings, Finding{Rule: at.String(), Path: path, Code: code})
}

// ResolveName is part of interpreter.Activation.
func (r *run) ResolveName(name string) (any, bool) {
	switch name {
	case "row":
		return &r.row, true
	case "item":
		return &r.item, r.item.typ != nil
	case "value":
		return types.String(r.value), true
	}
	for i := range r.m.joins {
		if r.m.joins[i].name == name {
			return r.list(i), true
		}
	}
	return nil, false
}

// Parent is part of interpreter.Activation.
func (r *run) Parent() interpreter.Activation { return nil }

func (r *run) list(i int) ref.Val {
	if r.lists[i] == nil {
		rows := make([]ref.Val, 0, 4)
		for _, row := range r.joined(i) {
			rows = append(rows, &rowValue{r.m.joins[i].rowType, row.Cells})
		}
		r.lists[i] = types.NewRefValList(types.DefaultTypeAdapter, rows)
	}
	return r.lists[i]
}

func (r *run) joined(i int) []source.Row {
	if i >= len(r.in.Joined) {
		return nil
	}
	return r.in.Joined[i]
}
