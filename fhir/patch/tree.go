package patch

import (
	"slices"

	"github.com/ficushealth/ficus/fhir"
)

// document is a JSON document under change.
type document struct {
	watch fhir.Watch
	root  *node
	size  int // bytes that may still be added
	work  int // bytes that may still be read again
}

// node is one JSON value. What nobody has looked into is still the value of a parsed document, and keeps its bytes.
type node struct {
	v     fhir.Value // untouched, if it is there
	kind  fhir.Kind
	names []string // of an object
	kids  []*node
}

func untouched(v fhir.Value) *node { return &node{v: v, kind: v.Kind()} }

func newObject() *node { return &node{kind: fhir.Object} }

// open makes the items of a container nodes of their own.
func (n *node) open() *node {
	if !n.v.Exists() || n.kind != fhir.Object && n.kind != fhir.Array {
		return n
	}
	for c := n.v.Cursor(); ; {
		kid := c.Next()
		if !kid.Exists() {
			break
		}
		n.kids = append(n.kids, untouched(kid))
		if n.kind == fhir.Object {
			n.names = append(n.names, kid.Name())
		}
	}
	n.v = fhir.Value{}
	return n
}

// find is the position of a member, -1 if there is none.
func (n *node) find(name string) int {
	if n.kind != fhir.Object {
		return -1
	}
	return slices.Index(n.open().names, name)
}

// get is the member of that name, nil if there is none.
func (n *node) get(name string) *node {
	if i := n.find(name); i >= 0 {
		return n.kids[i]
	}
	return nil
}

// set gives an object a member, in its place if it has one of that name.
func (n *node) set(name string, kid *node) {
	if i := n.find(name); i >= 0 {
		n.kids[i] = kid
		return
	}
	n.names, n.kids = append(n.names, name), append(n.kids, kid)
}

// setAfter is set, but a new member comes behind another, if that is there.
func (n *node) setAfter(other, name string, kid *node) {
	i := n.find(other)
	if n.find(name) >= 0 || i < 0 {
		n.set(name, kid)
		return
	}
	n.names, n.kids = slices.Insert(n.names, i+1, name), slices.Insert(n.kids, i+1, kid)
}

// drop takes a member away.
func (n *node) drop(name string) {
	if i := n.find(name); i >= 0 {
		n.names, n.kids = slices.Delete(n.names, i, i+1), slices.Delete(n.kids, i, i+1)
	}
}

// rename gives a member another name, in its place.
func (n *node) rename(from, to string) {
	if i := n.find(from); i >= 0 {
		n.names[i] = to
	}
}

// clone is a copy that can be changed for itself.
func (n *node) clone() *node {
	out := &node{v: n.v, kind: n.kind, names: slices.Clone(n.names)}
	for _, kid := range n.kids {
		out.kids = append(out.kids, kid.clone())
	}
	return out
}

// weight is about how many bytes the node takes.
func (n *node) weight() int {
	if n.v.Exists() {
		return len(n.v.Raw())
	}
	sum := 2
	for i, kid := range n.kids {
		sum += kid.weight() + 1
		if i < len(n.names) {
			sum += len(n.names[i]) + 3
		}
	}
	return sum
}

// depth is how many containers are nested in the node, itself included.
func (n *node) depth() int {
	deepest := 0
	if n.v.Exists() {
		for c := n.v.Cursor(); ; {
			kid := c.Next()
			if !kid.Exists() {
				break
			}
			deepest = max(deepest, untouched(kid).depth())
		}
	}
	for _, kid := range n.kids {
		deepest = max(deepest, kid.depth())
	}
	if n.kind == fhir.Object || n.kind == fhir.Array {
		return deepest + 1
	}
	return 0
}

// charge takes the new part of a document out of the budget. Faults: TooLarge.
func (d *document) charge(n *node, above int) error {
	if d.size -= n.weight(); d.size < 0 || above+n.depth() > maxDepth {
		return tooLarge()
	}
	return nil
}

func (n *node) append(dst []byte) []byte {
	switch {
	case n.v.Exists():
		return append(dst, n.v.Raw()...)
	case n.kind == fhir.Null:
		return append(dst, "null"...)
	case n.kind == fhir.Array:
		return append(n.items(append(dst, '[')), ']')
	}
	return append(n.items(append(dst, '{')), '}')
}

func (n *node) items(dst []byte) []byte {
	for i, kid := range n.kids {
		if i > 0 {
			dst = append(dst, ',')
		}
		if n.kind == fhir.Object {
			dst = append(fhir.AppendString(dst, n.names[i]), ':')
		}
		dst = kid.append(dst)
	}
	return dst
}

// parse is the document as it stands, as a value again.
func (d *document) parse() (fhir.Value, error) {
	if d.root.v.Exists() {
		return fhir.ParseValue(d.root.v.Raw(), fhir.Limits{Bytes: maxResult, Depth: maxDepth})
	}
	return fhir.ParseValue(d.root.append(nil), fhir.Limits{Bytes: maxResult, Depth: maxDepth})
}
