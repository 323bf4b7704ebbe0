package patch

import (
	"slices"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// JSON reads a JSON Patch document (RFC 6902 section 3). Faults: Invalid with line and column for anything that is not a
// list of its six operations, TooLarge for too many of them. doc must not be changed afterwards.
func JSON(doc []byte) (Patch, error) {
	v, err := fhir.ParseValue(doc, fhir.Limits{Bytes: maxSize, Depth: maxDepth})
	if err != nil {
		return Patch{}, err
	}
	if v.Kind() != fhir.Array {
		line, col := v.Pos()
		return Patch{}, fault.At(fault.Invalid, fault.Issue{Code: "structure", Text: "a JSON Patch is a list of operations", Line: line, Col: col})
	}
	var p Patch
	for item := range v.Items() {
		if len(p.ops) == maxOperations {
			return Patch{}, fault.New(fault.TooLarge, "a patch may have %d operations at most", maxOperations)
		}
		op, err := readStep(item, len(p.ops))
		if err != nil {
			return Patch{}, err
		}
		p.ops = append(p.ops, op)
	}
	return p, nil
}

// step is one operation of a JSON Patch.
type step struct {
	verb       string
	path, from pointer
	value      fhir.Value
	where      place
}

func (s *step) at() place { return s.where }

// readStep reads one operation; members that it does not know are left alone, as the RFC asks.
func readStep(v fhir.Value, i int) (*step, error) {
	line, col := v.Pos()
	s := &step{where: place{name: numbered(i, ""), line: line, col: col}}
	if v.Kind() != fhir.Object {
		return nil, s.where.malformed("an operation is an object")
	}
	s.verb = v.Get("op").Str()
	if _, known := verbs[s.verb]; !known || v.Get("op").Kind() != fhir.String {
		return nil, s.where.malformed("op must be add, remove, replace, move, copy or test")
	}
	s.where.name = numbered(i, s.verb)
	return s, s.operands(v)
}

func (s *step) operands(v fhir.Value) (err error) {
	if s.path, err = s.pointer(v, "path"); err != nil {
		return err
	}
	switch s.verb {
	case "move", "copy":
		s.from, err = s.pointer(v, "from")
	case "add", "replace", "test":
		if s.value = v.Get("value"); !s.value.Exists() {
			err = s.where.malformed("the operation needs a value")
		}
	}
	return err
}

func (s *step) pointer(v fhir.Value, name string) (pointer, error) {
	p, ok := readPointer(v.Get(name).Str())
	if !ok || v.Get(name).Kind() != fhir.String {
		return nil, s.where.malformed(name + " must be a JSON Pointer, such as /name/0/family")
	}
	return p, nil
}

// verbs are what an operation may be.
var verbs = map[string]func(*step, *document) error{
	"add": (*step).add, "remove": (*step).remove, "replace": (*step).replace, "move": (*step).move, "copy": (*step).copy, "test": (*step).test,
}

func (s *step) apply(d *document) error { return verbs[s.verb](s, d) }

func (s *step) add(d *document) error { return d.insert(s.path, untouched(s.value)) }

func (s *step) remove(d *document) error {
	_, err := d.take(s.path)
	return err
}

func (s *step) replace(d *document) error {
	target, err := d.root.look(s.path)
	if err != nil {
		return err
	}
	fresh := untouched(s.value)
	if err := d.charge(fresh, len(s.path)); err != nil {
		return err
	}
	*target = *fresh
	return nil
}

func (s *step) move(d *document) error {
	if s.from.leads(s.path) {
		return refusal("a value cannot be moved into itself")
	}
	moved, err := d.take(s.from)
	if err != nil {
		return err
	}
	d.size += moved.weight() // nothing is added
	return d.insert(s.path, moved)
}

func (s *step) copy(d *document) error {
	source, err := d.root.look(s.from)
	if err != nil {
		return err
	}
	if source.weight() > d.size {
		return tooLarge()
	}
	return d.insert(s.path, source.clone())
}

func (s *step) test(d *document) error {
	found, err := d.root.look(s.path)
	if err != nil {
		return err
	}
	if d.work -= found.weight(); d.work < 0 {
		return tooLarge()
	}
	if !found.clone().equal(untouched(s.value)) { // the clone, so that looking changes no bytes
		return refusal("the value in the document is another one")
	}
	return nil
}

// insert puts a value in its place: as a member, before an item, or, behind "-", at the end of a list.
func (d *document) insert(p pointer, fresh *node) error {
	if err := d.charge(fresh, len(p)); err != nil {
		return err
	}
	if len(p) == 0 {
		d.root = fresh
		return nil
	}
	into, err := d.root.look(p[:len(p)-1])
	if err != nil {
		return err
	}
	last := p[len(p)-1]
	switch into.kind {
	case fhir.Object:
		into.set(last, fresh)
		return nil
	case fhir.Array:
		return into.place(last, fresh)
	}
	return refusal("the path leads into a value that has no members")
}

func (n *node) place(token string, fresh *node) error {
	i := len(n.open().kids)
	if token != "-" {
		var err error
		if i, err = position(token, i+1); err != nil {
			return err
		}
	}
	n.kids = slices.Insert(n.kids, i, fresh)
	return nil
}

// take removes the value at the pointer and gives it.
func (d *document) take(p pointer) (*node, error) {
	if len(p) == 0 {
		return nil, refusal("the document as a whole cannot be taken away")
	}
	from, err := d.root.look(p[:len(p)-1])
	if err != nil {
		return nil, err
	}
	last := p[len(p)-1]
	taken, err := from.child(last)
	if err != nil {
		return nil, err
	}
	if from.kind == fhir.Object {
		from.drop(last)
		return taken, nil
	}
	i := slices.Index(from.kids, taken)
	from.kids = slices.Delete(from.kids, i, i+1)
	return taken, nil
}
