package index

import (
	"fmt"
	"sync"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// plan is how the resources of one type are indexed: each expression once, with the parameters that use it.
type plan struct {
	info       *r4.TypeInfo
	own        bool // of one parameter of a tenant, whose expressions are not trusted
	params     []param
	sources    []source
	composites []composite

	looks   []look
	instead map[string][]r4.Param // parameters without rows of their own, by code
	through map[string]through    // reference parameters without rows of their own, by code
}

// param is a search parameter as its rows need it.
type param struct {
	id     uint16
	code   string // key of the definition
	prefix []byte // type and code, as Key writes them
	ident  []byte // the same for IdentifierParam(code)
	emit   func(e *emitter, p *param, n path.Node)
	target map[string]bool
	refers bool // of type reference
	closed bool // ClosedSystem knows its codes
	shared bool // SharesURI
	listed bool // Listed
	narrow bool // Through

	covered bool // others have the rows
}

// source is an expression and who uses its result.
type source struct {
	expr  *path.Expr
	heads uint64 // elements of the resource (bit r4.Element.Index) of which one has to be there; 0: evaluate always
	users []int
}

type composite struct {
	param
	focus []source
	parts []part
}

type part struct {
	kind string
	expr *path.Expr
}

// plans are made when the first resource of a type is indexed.
var plans = sync.OnceValue(func() []func() (*plan, error) {
	all := make([]func() (*plan, error), len(r4.Resources()))
	for i, name := range r4.Resources() {
		all[i] = sync.OnceValues(func() (*plan, error) { return newPlan(name) })
	}
	return all
})

func planFor(resourceType string) (*plan, error) {
	i, ok := r4.ResourceIndex(resourceType)
	if !ok {
		return nil, fault.New(fault.Invalid, "there is no resource type of this name in FHIR R4")
	}
	return plans()[i]()
}

func newPlan(resourceType string) (*plan, error) {
	p := &plan{info: r4.Lookup(resourceType)}
	known := map[string]int{}
	for _, def := range r4.Params(resourceType) {
		if err := p.add(def, known); err != nil {
			return nil, fmt.Errorf("index %s.%s: %w", resourceType, def.Code, err)
		}
	}
	p.cover()
	p.narrow()
	return p, nil
}

func (p *plan) add(def r4.Param, known map[string]int) error {
	own := newParam(p.info.Name, def)
	if def.Type == "composite" {
		return p.addComposite(own, def)
	}
	if def.Expression == "" || def.Code == "_id" || def.Code == "_lastUpdated" || own.emit == nil {
		return nil
	}
	branches, err := compile(def.On(p.info.Name))
	if err != nil {
		return err
	}
	p.params = append(p.params, own)
	p.addLook(def, texts(branches))
	for _, b := range branches {
		i, ok := known[b.String()]
		if !ok {
			i = len(p.sources)
			known[b.String()] = i
			p.sources = append(p.sources, source{expr: b, heads: p.heads(b)})
		}
		p.sources[i].users = append(p.sources[i].users, len(p.params)-1)
	}
	return nil
}

func compile(expression string) ([]*path.Expr, error) {
	e, err := path.CompileR4(expression)
	if err != nil {
		return nil, err
	}
	return e.Branches(), nil
}

func texts(list []*path.Expr) []string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = e.String()
	}
	return out
}

func newParam(t string, def r4.Param) param {
	p := param{id: def.ID, code: def.Key(), emit: emitters[def.Type], refers: def.Type == "reference"}
	p.prefix = appendPart(appendPart(nil, t), def.Key())
	p.ident = appendPart(appendPart(nil, t), IdentifierParam(def.Key()))
	p.target = map[string]bool{}
	for _, name := range def.Targets {
		p.target[name] = true
	}
	p.closed, p.shared, p.listed = len(closedCodes(t, def)) > 0, SharesURI(t, def), listable(t, def)
	return p
}

// heads is the bit of the element with which an expression begins, 0 if there is none.
func (p *plan) heads(e *path.Expr) uint64 {
	head := e.Head()
	for i := range p.info.Elements {
		if p.info.Elements[i].Name == head {
			return 1 << i
		}
	}
	return 0
}

// repaired are the components that R4 publishes wrong: DocumentReference-relationship has the expressions of its two
// parts swapped.
func repaired(def r4.Param) []r4.Component {
	c := def.Components
	if def.Code == "relationship" && len(c) == 2 && c[0].Type == "reference" && c[0].Expression == "code" {
		c = []r4.Component{c[0], c[1]}
		c[0].Expression, c[1].Expression = c[1].Expression, c[0].Expression
	}
	return c
}

func (p *plan) addComposite(own param, def r4.Param) error {
	focus, err := compile(def.On(p.info.Name))
	if err != nil {
		return err
	}
	c := composite{param: own}
	p.addLook(def, texts(focus))
	for _, f := range focus {
		c.focus = append(c.focus, source{expr: f, heads: p.heads(f)})
	}
	for _, component := range repaired(def) {
		e, err := path.CompileR4(component.Expression)
		if err != nil {
			return err
		}
		c.parts = append(c.parts, part{component.Type, e})
	}
	p.composites = append(p.composites, c)
	return nil
}

// key is Hasher.Key with the first two parts written already.
func (h Hasher) key(prefix []byte, parts ...string) int64 {
	var room [512]byte
	b := append(room[:0], prefix...)
	for _, p := range parts {
		b = appendPart(b, p)
	}
	return h.sum(b)
}
