package path

import (
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// machine is one evaluation. Every expr pushes its result on the stack; what it worked with is gone then.
type machine struct {
	ctx   *Context
	src   string
	root  Node
	stack []Node
	scope scope
	left  int       // steps until the budget is used up
	at    time.Time // now(), once it was asked for
}

// scope is what $this, $index and $total mean.
type scope struct {
	this  Node
	index int
	inner bool // inside the argument of a function that goes through items
	total []Node
}

func (m *machine) fail(pos int, text string) error { return failure(m.src, pos, text) }

// charge takes steps off the budget.
func (m *machine) charge(steps, pos int) error {
	before := m.left
	m.left -= steps
	if m.left < 0 || len(m.stack) > m.ctx.items() {
		return m.giveUp(fault.TooCostly, pos, "the expression takes too many steps or items")
	}
	if m.left>>stepsToLook != before>>stepsToLook && m.late() {
		return m.giveUp(fault.TimedOut, pos, "the expression takes too long")
	}
	return nil
}

// stepsToLook says after how many steps (a power of two) the time is looked at: a millisecond or so.
const stepsToLook = 13

// late reports whether the time that the caller gave is over.
func (m *machine) late() bool {
	select {
	case <-m.ctx.Done:
		return true
	default:
		return false
	}
}

func (m *machine) giveUp(k fault.Kind, pos int, why string) error {
	err := failure(m.src, pos, "gave up: "+why)
	f := fault.Find(err)
	f.Kind, f.Issues[0].Code = k, "too-costly"
	return err
}

// read takes what it costs to read texts off the budget.
func (m *machine) read(a, b string) { m.left -= (len(a) + len(b)) / bytesPerStep }

// look takes what it costs to take a single item by its value off the budget.
func (m *machine) look(n Node) {
	size := len(n.v.Raw())
	if n.v.Kind() != fhir.String {
		size = 0
	}
	if s, ok := n.sys.(str); ok {
		size = len(s)
	}
	m.left -= size / bytesPerStep
}

// A step is worth so much.
const (
	bytesPerStep = 64
	itemsPerStep = 8
)

// weigh takes what it costs to read two units off the budget.
func (m *machine) weigh(a, b literal) {
	if a != nil && b != nil && (a.kind() == kQuantity || b.kind() == kQuantity) {
		m.left -= 50
	}
}

func (m *machine) push(l literal) {
	if l != nil {
		m.stack = append(m.stack, Node{sys: l})
	}
}

// settle moves the result above top down to base.
func (m *machine) settle(base, top int) {
	n := copy(m.stack[base:], m.stack[top:])
	m.stack = m.stack[:base+n]
}

// give makes l the only result above base; nil is the empty result.
func (m *machine) give(base int, l literal) error {
	m.stack = m.stack[:base]
	m.push(l)
	return nil
}

// replaceOne puts a function of the single item above base in its place; of nothing comes nothing.
func (m *machine) replaceOne(base, pos int, name string, f func(Node) literal) error {
	switch len(m.stack) - base {
	case 0:
		return nil
	case 1:
		return m.give(base, f(m.stack[base]))
	}
	return m.fail(pos, name+" takes a single item")
}

// truth is a value of three-valued logic.
type truth uint8

const (
	no truth = iota
	yes
	empty
)

func truthFor(b bool) truth {
	if b {
		return yes
	}
	return no
}

func (t truth) literal() literal {
	if t == empty {
		return nil
	}
	return boolean(t == yes)
}

// truthOfNode is a boolean's value; any other item stands for true (http://hl7.org/fhirpath/N1/#singleton-evaluation-of-collections).
func truthOfNode(n Node) truth {
	if n.kind() != kBoolean {
		return yes
	}
	b, ok := n.Bool()
	if !ok {
		return empty
	}
	return truthFor(b)
}

// truth evaluates e and takes its result off the stack.
func (m *machine) truth(e expr) (truth, error) {
	base := len(m.stack)
	if err := e.eval(m); err != nil {
		return empty, err
	}
	t, err := m.truthAbove(base, e.at())
	m.stack = m.stack[:base]
	return t, err
}

func (m *machine) truthAbove(base, pos int) (truth, error) {
	switch len(m.stack) - base {
	case 0:
		return empty, nil
	case 1:
		return truthOfNode(m.stack[base]), nil
	}
	return empty, m.fail(pos, "a single truth value is expected, not a collection")
}

// one evaluates e to a single item and takes it off the stack; ok is false if there is none.
func (m *machine) one(e expr) (n Node, ok bool, err error) {
	base := len(m.stack)
	if err := e.eval(m); err != nil {
		return Node{}, false, err
	}
	switch len(m.stack) - base {
	case 0:
		return Node{}, false, nil
	case 1:
		n, m.stack = m.stack[base], m.stack[:base]
		m.look(n)
		return n, true, nil
	}
	return Node{}, false, m.fail(e.at(), "a single item is expected, not a collection")
}
