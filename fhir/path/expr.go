package path

import (
	"strings"
	"sync"
)

// Expr is a compiled expression.
type Expr struct {
	src        string // all that was compiled, in which places are counted
	start, end int    // the part of it that this expression is
	tree       expr
}

type options struct {
	r4 bool // an expression that R4 publishes
}

// Compile reads an expression. Faults: Invalid with the line and column in it, TooLarge.
func Compile(src string) (*Expr, error) { return compile(src, options{}) }

// CompileR4 reads an expression that R4 itself publishes, of a search parameter or an invariant. Some of them are not quite
// FHIRPath: there, as takes several items and keeps those of the type (dom-3), and the name of a System type also stands
// for the primitive (Observation-code-value-date, que-7). Of a choice the name that it has in JSON counts too (valueDateTime in
// asserted-date of US Core 6.1).
func CompileR4(src string) (*Expr, error) { return compile(src, options{r4: true}) }

func compile(src string, opt options) (*Expr, error) {
	tree, err := parse(src, opt)
	if err != nil {
		return nil, err
	}
	return &Expr{src, 0, len(src), tree}, nil
}

// String is the text that was compiled; of a branch its part of it.
func (e *Expr) String() string { return strings.TrimSpace(e.src[e.start:e.end]) }

// Branches are the operands of the unions at the top of an expression ("a | b | c" has three), itself if there are none.
// Their results together hold what the expression gives, though an item may come twice.
func (e *Expr) Branches() []*Expr {
	b, ok := e.tree.(*binary)
	if !ok || b.op != "|" {
		return []*Expr{e}
	}
	left, right := &Expr{e.src, e.start, b.pos, b.left}, &Expr{e.src, b.pos + 1, e.end, b.right}
	return append(left.Branches(), right.Branches()...)
}

// Head is the element with which an expression begins that is plain navigation from a resource or through it: "name" of
// Patient.name.given, of name.given and of Patient.name.where(use = 'usual').given; "" of all others.
func (e *Expr) Head() string { return head(e.tree) }

func head(e expr) string {
	switch e := e.(type) {
	case *navigate:
		if e.base != nil {
			return head(e.base)
		}
		if e.steps[0].root == nil {
			return e.steps[0].name
		}
		if len(e.steps) > 1 {
			return e.steps[1].name
		}
	case *call:
		if e.input != nil && e.f.strict {
			return head(e.input)
		}
	case *ofTypeExpr:
		return head(e.left)
	case *asExpr:
		return head(e.left)
	case *indexExpr:
		return head(e.left)
	}
	return ""
}

// Eval gives the collection that the expression yields for root. Faults: Invalid for what the expression must not do with
// this input, with the line and column in the expression; TooCostly beyond the budget; TimedOut after Done; Internal if ctx lacks what it needs.
func (e *Expr) Eval(ctx *Context, root Node) ([]Node, error) { return e.EvalInto(ctx, root, nil) }

// EvalInto is Eval that appends to dst, whose spare capacity serves as working space.
func (e *Expr) EvalInto(ctx *Context, root Node, dst []Node) ([]Node, error) {
	m := machines.Get().(*machine)
	*m = machine{ctx: ctx.orNothing(), src: e.src, root: root, stack: dst, left: ctx.budget()}
	m.scope.this = root
	err := e.tree.eval(m)
	out := m.stack
	if m.ctx.Budget != nil {
		*m.ctx.Budget = m.left
	}
	*m = machine{}
	machines.Put(m)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// machines are kept between evaluations; they hold nothing then.
var machines = sync.Pool{New: func() any { return new(machine) }}

// Test evaluates an invariant or filter: true, false, or false for an empty result. Faults as Eval, and Invalid for more
// than one item.
func (e *Expr) Test(ctx *Context, root Node) (bool, error) {
	var room [4]Node
	out, err := e.EvalInto(ctx, root, room[:0])
	if err != nil {
		return false, err
	}
	if len(out) > 1 {
		return false, failure(e.src, e.tree.at(), "a single truth value is expected, not a collection")
	}
	return len(out) == 1 && truthOfNode(out[0]) == yes, nil
}
