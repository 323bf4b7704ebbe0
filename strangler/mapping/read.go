package mapping

import (
	"bytes"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/source"
)

// read gives back the cell. root is the target, or the item of a child; absent if the target does not exist.
func (l *lens) read(r *run, root fhir.Value) (source.Cell, error) {
	if l.markURL != "" {
		if m := extension(root, l.markURL); m.Exists() {
			return l.stateCell(m.Get("valueCode").Str())
		}
	}
	var failed error
	for _, p := range l.spots {
		v, beside := p.route.find(root)
		c, found, err := l.readSpot(r, p, v, beside)
		if found {
			return c, nil
		}
		if err != nil {
			failed = err // another rule may have written the element: see builder.conditional
		}
	}
	if failed != nil {
		return source.Cell{}, failed
	}
	return l.nothing(r)
}

func (l *lens) readSpot(r *run, p *spot, v, beside fhir.Value) (c source.Cell, found bool, err error) {
	if c, found = l.readBeside(r, p, v, beside); found {
		return c, true, nil
	}
	if !v.Exists() {
		return c, false, nil
	}
	b, ok := p.conv.from(r, v)
	if !ok {
		return c, false, l.noWay("the element holds a value that the column cannot hold")
	}
	return source.Cell{State: source.Value, Bytes: b}, true, nil
}

// readBeside reads what stands beside a value. The text of the source counts as long as the element says what was made of it.
func (l *lens) readBeside(r *run, p *spot, v, beside fhir.Value) (c source.Cell, found bool) {
	if p.leaf == nil || !beside.Get("extension").Exists() {
		return c, false
	}
	if e := extension(beside, p.leaf.asIs); e.Exists() {
		b, ok := original(e)
		return source.Cell{State: source.Value, Bytes: b}, ok && l.stillSays(r, p, v, b)
	}
	if e := extension(beside, p.leaf.damaged); e.Exists() {
		b, ok := original(e)
		return source.Cell{State: source.Damaged, Bytes: bytes.ToValidUTF8(b, []byte("\uFFFD")), Raw: b}, ok
	}
	if e := extension(beside, absentReasonURL); e.Exists() && !v.Exists() || e.Exists() && p.route.whole {
		return l.unknownCell()
	}
	return c, false
}

// stillSays reports whether an element holds what was made of b.
func (l *lens) stillSays(r *run, p *spot, v fhir.Value, b []byte) bool {
	if c, ok := p.conv.(*coded); ok && v.Kind() == fhir.Object && v.Len() > 1 {
		return c.holds(b, v)
	}
	if !v.Exists() || p.route.whole {
		return true
	}
	made := p.conv.to(r, b)
	return made.form != nothing && string(made.text) == v.Str()
}

func (l *lens) unknownCell() (source.Cell, bool) {
	state := ""
	switch unknownIt {
	case l.special.null:
		state = "null"
	case l.special.empty:
		state = "empty"
	case l.special.zero:
		state = "zero"
	}
	c, err := l.stateCell(state)
	return c, err == nil
}

func (l *lens) stateCell(state string) (source.Cell, error) {
	switch state {
	case "null":
		return source.NullCell(), nil
	case "empty":
		return source.Cell{State: source.Value, Bytes: []byte{}}, nil
	case "zero":
		return source.Text(l.special.zeroText), nil
	}
	return source.Cell{}, l.noWay("the mark of the column names no state")
}

// nothing is the cell for which nothing is written.
func (l *lens) nothing(r *run) (source.Cell, error) {
	switch l.special.absent {
	case isNull:
		return source.NullCell(), nil
	case isEmpty:
		return source.Cell{State: source.Value, Bytes: []byte{}}, nil
	case isZero:
		return source.Text(l.special.zeroText), nil
	case isLiteral:
		return source.Text(*l.special.literal), nil
	case isDefault:
		return l.defaultCell(r)
	}
	return source.Cell{}, l.noWay("the element is missing, and the column has no value for that")
}

func (l *lens) defaultCell(r *run) (source.Cell, error) {
	f, text, err := l.special.dflt.eval(r)
	if err != nil {
		return source.Cell{}, l.noWay("the expression for the default fails")
	}
	if f == nothing {
		return source.NullCell(), nil
	}
	return source.Cell{State: source.Value, Bytes: text}, nil
}

func (l *lens) noWay(why string) error {
	return fault.At(fault.Unprocessable, fault.Issue{Code: "processing", Text: l.at.String() + ": no way back to " + l.path + ": " + why})
}
