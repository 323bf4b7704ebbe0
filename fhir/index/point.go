package index

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
)

// Pointer is what a search parameter of type reference finds in a resource: a reference, or a canonical URL.
type Pointer struct {
	Code      string // key of the parameter
	Ref       fhir.Ref
	Canonical string // url or url|version; then Ref is empty
}

// Pointers lists what those parameters of type reference point at that want accepts by
// their code, in the order of the parameters, those to something contained too. Logical references
// point at nothing. Faults: as Extract.
func Pointers(r fhir.Resource, want func(code string) bool) (list []Pointer, err error) {
	p, err := planFor(r.Type())
	if err != nil {
		return nil, err
	}
	return p.pointers(r, want)
}

func (p *plan) pointers(r fhir.Resource, want func(code string) bool) (list []Pointer, err error) {
	root, present := path.Root(r), p.present(r)
	ctx := p.context(root)
	for i := range p.sources {
		s := &p.sources[i]
		if s.heads != 0 && s.heads&present == 0 || !p.anyReference(s.users, want) {
			continue
		}
		nodes, err := evaluate(s.expr, &ctx, root, nil)
		if err != nil {
			return nil, err
		}
		for _, user := range s.users {
			if q := &p.params[user]; q.refers && want(q.code) {
				list = appendPointers(list, q, nodes)
			}
		}
	}
	return list, nil
}

func (p *plan) anyReference(users []int, want func(string) bool) bool {
	for _, u := range users {
		if p.params[u].refers && want(p.params[u].code) {
			return true
		}
	}
	return false
}

func appendPointers(list []Pointer, p *param, nodes []path.Node) []Pointer {
	for _, n := range nodes {
		v := n.Value()
		switch shapeOf(n) {
		case reference:
			ref := fhir.ParseRef(v.Get("reference").Str())
			if ref.Kind == fhir.RefRelative || ref.Kind == fhir.RefAbsolute || ref.Kind == fhir.RefFragment {
				list = append(list, Pointer{Code: p.code, Ref: ref})
			}
		case uriText, plainText:
			if url := v.Str(); url != "" && !strings.HasPrefix(url, "#") {
				list = append(list, Pointer{Code: p.code, Canonical: url})
			}
		}
	}
	return list
}
