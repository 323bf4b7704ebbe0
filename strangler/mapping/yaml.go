package mapping

import (
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/ficushealth/ficus/fhir"
)

// reader reads one YAML file and notes every mistake with its place.
type reader struct {
	file string
	*problems
}

// text is a scalar and where it stands. A scalar that is not there is the zero text.
type text struct {
	s  string
	at place
}

func (t text) given() bool { return t.at.line > 0 }

// object is a mapping node, its keys checked.
type object struct {
	r       *reader
	at      place
	broken  bool // the file could not be read, which is said already
	keys    []text
	members map[string]ast.Node
}

// parse reads a file of one document whose root is a mapping.
func (r *reader) parse(src []byte, known ...string) object {
	file, err := parser.ParseBytes(src, 0)
	if err != nil {
		r.syntax(err)
		return object{r: r, broken: true}
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		r.add(place{r.file, 1, 1}, "the file must hold one YAML document")
		return object{r: r, broken: true}
	}
	return r.object(file.Docs[0].Body, known...)
}

func (r *reader) syntax(err error) {
	var s *yaml.SyntaxError
	if errors.As(err, &s) && s.Token != nil {
		r.add(r.tokenPlace(s.Token), "YAML: %s", s.Message)
		return
	}
	r.add(place{file: r.file}, "YAML: %s", err)
}

func (r *reader) tokenPlace(t *token.Token) place {
	return place{r.file, t.Position.Line, t.Position.Column}
}

func (r *reader) place(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		return r.place(m.Values[0].Key)
	}
	if v, ok := n.(*ast.MappingValueNode); ok {
		return r.place(v.Key)
	}
	return r.tokenPlace(n.GetToken())
}

// object reads a mapping; without known keys, any key is taken.
func (r *reader) object(n ast.Node, known ...string) object {
	o := object{r: r, at: r.place(n), members: map[string]ast.Node{}}
	values, ok := pairs(n)
	if !ok {
		r.add(o.at, "a mapping of names to values is expected here")
		return o
	}
	for _, v := range values {
		o.member(v, known)
	}
	return o
}

func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func (o *object) member(v *ast.MappingValueNode, known []string) {
	key := text{v.Key.GetToken().Value, o.r.tokenPlace(v.Key.GetToken())}
	switch {
	case len(known) > 0 && !slices.Contains(known, key.s):
		o.r.add(key.at, "%q is not known here%s", key.s, near(key.s, known))
	case o.members[key.s] != nil:
		o.r.add(key.at, "%q stands here twice", key.s)
	default:
		o.keys = append(o.keys, key)
		o.members[key.s] = v.Value
	}
}

func (o object) has(key string) bool { return o.members[key] != nil }

// place is where the value of a key stands, or the object if there is no such key.
func (o object) place(key string) place {
	if n := o.members[key]; n != nil {
		return o.r.place(n)
	}
	return o.at
}

// text is the scalar under a key.
func (o object) text(key string) text {
	if n := o.members[key]; n != nil {
		return o.r.scalar(n)
	}
	return text{}
}

// need is text, and its absence a mistake.
func (o object) need(key string) text {
	t := o.text(key)
	if !o.has(key) {
		o.r.add(o.at, "%q is missing here", key)
	}
	return t
}

func (o object) flag(key string) bool {
	t := o.text(key)
	if t.given() && t.s != "true" && t.s != "false" {
		o.r.add(t.at, "%q must be true or false", key)
	}
	return t.s == "true"
}

// choice is text, one of a few.
func (o object) choice(key string, of ...string) text {
	t := o.text(key)
	if t.given() && !slices.Contains(of, t.s) {
		o.r.add(t.at, "%q cannot be %q, only one of %s%s", key, t.s, strings.Join(of, ", "), near(t.s, of))
	}
	return t
}

// nodes are the items of a list; a single value is a list of one, null an empty one.
func (o object) nodes(key string) []ast.Node {
	n := o.members[key]
	if s, ok := n.(*ast.SequenceNode); ok {
		return s.Values
	}
	if _, null := n.(*ast.NullNode); null || n == nil {
		return nil
	}
	return []ast.Node{n}
}

func (o object) texts(key string) (list []text) {
	for _, n := range o.nodes(key) {
		list = append(list, o.r.scalar(n))
	}
	return list
}

// child is the mapping under a key, empty if there is none.
func (o object) child(key string, known ...string) object {
	if n := o.members[key]; n != nil {
		return o.r.object(n, known...)
	}
	return object{r: o.r, at: o.at}
}

func (r *reader) scalar(n ast.Node) text {
	at := r.place(n)
	switch n := n.(type) {
	case *ast.StringNode:
		return text{n.Value, at}
	case *ast.LiteralNode:
		return text{n.Value.Value, at}
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return text{n.GetToken().Value, at}
	}
	r.add(at, "a single value is expected here; write '' around it if it is one")
	return text{at: at}
}

// json is a node as a value that fhir.Obj takes.
func (r *reader) json(n ast.Node) any {
	if values, ok := pairs(n); ok {
		o := fhir.NewObject()
		for _, v := range values {
			o.Set(v.Key.GetToken().Value, r.json(v.Value))
		}
		return o
	}
	switch n := n.(type) {
	case *ast.SequenceNode:
		l := &fhir.List{}
		for _, v := range n.Values {
			l.Add(r.json(v))
		}
		return l
	case *ast.IntegerNode, *ast.FloatNode:
		return fhir.Num(n.GetToken().Value)
	case *ast.BoolNode:
		return n.Value
	}
	return r.scalar(n).s
}
