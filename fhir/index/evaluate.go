package index

import (
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/path"
)

// evaluate appends to dst what an expression yields. What it computed (a count, a part of a text) is indexed like an element.
func evaluate(x *path.Expr, ctx *path.Context, focus path.Node, dst []path.Node) ([]path.Node, error) {
	before := len(dst)
	nodes, err := x.EvalInto(ctx, focus, dst)
	if err != nil {
		return nodes, err
	}
	size := 0
	for i := before; i < len(nodes); i++ {
		nodes[i] = nodes[i].AsElement()
		size += len(nodes[i].Value().Raw())
	}
	return nodes, spend(ctx.Budget, size/bytesPerStep)
}

// bytesPerStep is how much of what an expression yields it takes a step to index.
const bytesPerStep = 64

// spend takes steps off a budget. Faults: TooCostly.
func spend(budget *int, steps int) error {
	if budget == nil {
		return nil
	}
	if *budget -= steps; *budget < 0 {
		return fault.New(fault.TooCostly, "the expression yields too much to be indexed")
	}
	return nil
}

// context is that in which the expressions of the plan are evaluated on a resource.
func (p *plan) context(root path.Node) path.Context {
	ctx := path.Context{Resource: root} // the parts of a composite begin elsewhere
	if p.own {
		budget := ownSteps + len(root.Value().Raw())/bytesPerOwnStep
		ctx.Budget, ctx.MaxResult = &budget, ownItems
	}
	return ctx
}
