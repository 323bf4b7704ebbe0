package validate

import (
	"sync"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// rule is an invariant made ready. Those of R4 that stand on nearly every element are written in Go.
type rule struct {
	r4.Rule
	warning bool
	native  native // nil: the expression is evaluated
	expr    *path.Expr
	broken  error // the expression cannot be compiled
}

func newRule(r r4.Rule, compile func(string) (*path.Expr, error)) *rule {
	if mended, ok := errata[r.Key]; ok {
		r.Expression = mended
	}
	out := &rule{Rule: r, warning: r.Severity == "warning"}
	out.expr, out.broken = compile(r.Expression)
	return out
}

// ruleBook holds the invariants of R4, those of types by type id.
type ruleBook struct {
	types    [][]*rule
	elements map[string]*rule // by expression: few elements have invariants of their own
}

var r4Rules = sync.OnceValue(func() *ruleBook {
	b := &ruleBook{types: make([][]*rule, len(r4.Types())+1), elements: map[string]*rule{}}
	for _, t := range r4.Types() {
		for _, r := range t.Rules {
			if !structural[r.Key] {
				b.types[t.ID] = append(b.types[t.ID], b.rule(r))
			}
		}
		for _, e := range t.Elements {
			for _, r := range e.Rules {
				b.rule(r)
			}
		}
	}
	return b
})

func (b *ruleBook) rule(r r4.Rule) *rule {
	known := b.elements[r.Expression+r.Key]
	if known == nil {
		known = newRule(r, path.CompileR4)
		known.native = natives[r.Key]
		b.elements[r.Expression+r.Key] = known
	}
	return known
}

// structural are the invariants that the walk itself checks: an empty object or a second level of contained resources is
// refused by it, and references into contained resources are counted on the way.
var structural = map[string]bool{
	"ele-1": true, "ext-1": true, "dom-2": true, "dom-3": true, "ref-1": true, "txt-1": true, "txt-2": true,
}

// errata are invariants whose published expression does not say what their text says.
var errata = map[string]string{
	"que-12": "enableWhen.count() > 1 implies enableBehavior.exists()", // published: > 2, for "more than one"
}

// whose is what the invariants inside one resource refer to.
type whose struct {
	outer *whose // the resource around it, nil for the root
	typ   *r4.TypeInfo
	node  path.Node
	ctx   *path.Context     // made when first asked for
	ids   map[string]string // of what it contains, with its type
	used  names             // ids that references point to, and "" for the container
}

func (w *walk) enter(t *r4.TypeInfo, v fhir.Value) {
	w.at = &whose{outer: w.at, typ: t, node: path.At(v, fhir.Value{}, t, nil)}
	if !w.contained {
		w.containedIDs(v)
	}
}

func (w *walk) leave(t *r4.TypeInfo, v fhir.Value) {
	w.invariants(r4Rules().types[t.ID], v, fhir.Value{}, t, nil)
	if !w.contained {
		w.unreferenced(v)
	}
	if t.Name == "Bundle" {
		w.bundle(v)
	}
	w.at = w.at.outer
}

func (w *walk) context() *path.Context {
	if w.at.ctx != nil {
		return w.at.ctx
	}
	ctx := &path.Context{Resource: w.at.node, Outer: w.at.node, MaxSteps: ruleSteps, Done: w.Done()}
	if w.contained && w.at.outer != nil {
		ctx.Outer = w.at.outer.node
	}
	w.at.ctx = ctx
	return ctx
}

// ruleSteps bounds one evaluation of one invariant, so that no resource keeps a write busy.
const ruleSteps = 2_000_000

// stepsOfRule is what an evaluation counts beside the steps of the walk.
const stepsOfRule = 16

// elementRules checks the invariants of a type and of one element.
func (w *walk) elementRules(e *r4.Element, t *r4.TypeInfo, v, beside fhir.Value) {
	book := r4Rules()
	if rules := book.types[t.ID]; len(rules) > 0 {
		w.invariants(rules, v, beside, t, e)
	}
	for _, r := range e.Rules {
		if !structural[r.Key] {
			w.invariants([]*rule{book.rule(r)}, v, beside, t, e)
		}
	}
}

func (w *walk) invariants(rules []*rule, v, beside fhir.Value, t *r4.TypeInfo, e *r4.Element) {
	for _, r := range rules {
		if r.warning && w.terse {
			continue
		}
		if !w.meets(r, v, beside, t, e) {
			w.broken(r, v)
		}
	}
}

func (w *walk) meets(r *rule, v, beside fhir.Value, t *r4.TypeInfo, e *r4.Element) bool {
	if r.native != nil {
		if holds, sure := r.native(v); sure {
			return holds
		}
	}
	return w.evaluate(r, path.At(v, beside, t, e))
}

func (w *walk) broken(r *rule, v fhir.Value) {
	if r.warning {
		w.warn("invariant", v, "%s: %s", r.Key, r.Human)
		return
	}
	w.say("invariant", v, "%s: %s", r.Key, r.Human)
}

// evaluate reports whether an invariant holds; one that gives nothing does.
func (w *walk) evaluate(r *rule, n path.Node) bool {
	if w.Late(stepsOfRule) {
		return true
	}
	holds, err := r.holds(w.context(), n)
	if err != nil {
		w.unevaluated(r, n.Value(), err)
	}
	return holds || err != nil
}

// unevaluated tells that an invariant could not be evaluated: one that would take too long refuses the resource, since
// nobody knows whether it is valid.
func (w *walk) unevaluated(r *rule, v fhir.Value, err error) {
	if fault.Is(err, fault.TooCostly) || fault.Is(err, fault.TimedOut) {
		w.say("too-costly", v, "%s: gave up, it takes too many steps on this resource", r.Key)
		return
	}
	w.warn("processing", v, "%s: could not be evaluated here and was not checked", r.Key)
}

func (r *rule) holds(ctx *path.Context, n path.Node) (bool, error) {
	if r.broken != nil {
		return false, r.broken
	}
	var room [8]path.Node
	out, err := r.expr.EvalInto(ctx, n, room[:0])
	if err != nil || len(out) != 1 {
		return len(out) != 1, err
	}
	value, isBool := out[0].Bool()
	return value || !isBool, nil
}
