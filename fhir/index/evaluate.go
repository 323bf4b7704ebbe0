package index

import "github.com/ficushealth/ficus/fhir/path"

// evaluate appends to dst what an expression yields. What it computed (a count, a part of a text) is indexed like an element.
func evaluate(x *path.Expr, ctx *path.Context, focus path.Node, dst []path.Node) ([]path.Node, error) {
	before := len(dst)
	nodes, err := x.EvalInto(ctx, focus, dst)
	if err != nil {
		return nodes, err
	}
	for i := before; i < len(nodes); i++ {
		nodes[i] = nodes[i].AsElement()
	}
	return nodes, nil
}
