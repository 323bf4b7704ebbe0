package index

import (
	"slices"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
)

// OrderToken is what a resource is ordered by under a token parameter: the least of its codes, or the greatest if it is the
// last that counts; codes are compared byte by byte, whatever their systems, and listed ones as their list has them. ok is false if it has none. Faults: as Extract.
func OrderToken(r fhir.Resource, code string, last bool) (key string, ok bool, err error) {
	p, err := planFor(r.Type())
	if err != nil {
		return "", false, err
	}
	return p.orderToken(r, code, last)
}

func (p *plan) orderToken(r fhir.Resource, code string, last bool) (key string, ok bool, err error) {
	var list []token
	ctx := p.context(path.Root(r))
	for i := range p.sources {
		if !p.uses(i, code) {
			continue
		}
		nodes, err := evaluate(p.sources[i].expr, &ctx, ctx.Resource, nil)
		if err != nil {
			return "", false, err
		}
		for _, n := range nodes {
			list = tokensOf(n, list)
		}
	}
	listed := p.lists(code)
	for _, t := range list {
		if listed {
			t.code = listedText(t.code)
		}
		if t.code != "" && (!ok || (t.code > key) == last && t.code != key) {
			key, ok = t.code, true
		}
	}
	return key, ok, nil
}

// lists reports whether the codes of a parameter are listed.
func (p *plan) lists(code string) bool {
	return slices.ContainsFunc(p.params, func(x param) bool { return x.code == code && x.listed && !x.covered })
}

// uses reports whether the parameter of that code takes the values of source i.
func (p *plan) uses(i int, code string) bool {
	for _, user := range p.sources[i].users {
		if p.params[user].code == code {
			return true
		}
	}
	return false
}
