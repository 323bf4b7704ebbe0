package validate

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/term"
)

// find is the resource that a reference means: one that is contained, one of the bundle, or one that the caller can get.
func (p *pass) find(text string) (fhir.Resource, bool) {
	if text == "" {
		return fhir.Resource{}, false
	}
	if id, ok := strings.CutPrefix(text, "#"); ok {
		return p.containedOne(id)
	}
	if p.scope.bundle != nil && p.scope.entry >= 0 && p.scope.entry < len(p.scope.bundle.entries) {
		if i, _ := p.scope.bundle.find(p.scope.entry, text, &p.Watch); i >= 0 {
			return fhir.Resource{Value: p.scope.bundle.entries[i].body}, p.scope.bundle.entries[i].body.Exists()
		}
	}
	if p.Resolve != nil {
		return p.Resolve(text)
	}
	return fhir.Resource{}, false
}

func (p *pass) containedOne(id string) (fhir.Resource, bool) {
	s := p.scope
	if s.inside && s.outer != nil {
		s = s.outer
	}
	if id == "" {
		return fhir.Resource{Value: s.v}, true
	}
	for c := range p.each(s.v.Get("contained")) {
		if c.Get("id").Str() == id {
			return fhir.Resource{Value: c}, true
		}
	}
	return fhir.Resource{}, false
}

// target checks that a reference points to one of the profiles that are allowed. A target that cannot be looked at is taken
// by its type.
func (p *pass) target(it item, allowed []string) {
	if it.t == nil || it.t.Name != "Reference" {
		return
	}
	to, ok := p.resolved(it.v)
	if !ok || to.t == nil {
		return
	}
	var types []string
	known := true
	for _, url := range allowed {
		switch t, def := baseType(url), p.profile(url); {
		case t != nil:
			types = append(types, t.Name)
		case def != nil:
			types = append(types, def.typ)
		default:
			known = false
		}
	}
	if known && !slices.ContainsFunc(types, func(name string) bool { return r4.IsA(to.t.Name, name) }) {
		p.tell(failure, "value", it.at(), "the reference must point to %s", strings.Join(types, " or "))
		return
	}
	if to.v.Exists() && known && len(p.busy) < 20 {
		p.targetMeets(it, to, allowed)
	}
}

func (p *pass) targetMeets(it, to item, allowed []string) {
	var reasons []string
	for _, url := range allowed {
		key := claim{to.v, url}
		if met, known := p.met[key]; known {
			if met {
				return
			}
			reasons = append(reasons, shown(url)+" ("+p.unmet[key]+")")
			continue
		}
		p.met[key] = true // whoever comes back to it on the way need not check it again
		ok, why := p.because(func() {
			leave := p.enterResource(to, strings.HasPrefix(it.v.Get("reference").Str(), "#"))
			defer leave()
			p.against(to, url, false)
		})
		if p.met[key] = ok; ok {
			return
		}
		p.unmet[key] = why
		reasons = append(reasons, shown(url)+" ("+why+")")
	}
	p.tell(failure, "structure", it.at(), "what the reference points to meets none of the profiles that are allowed here: %s", strings.Join(reasons, "; "))
}

// memberOf answers the function of that name in invariants.
func (p *pass) memberOf(n path.Node, url string) (bool, error) {
	codings := codingsOf(n.Info(), n.Value())
	for _, c := range codings {
		a, err := p.contains(url, c)
		if err != nil || a.In == term.Yes {
			return err == nil, err
		}
		if a.In == term.Unknown {
			return false, errUnknown
		}
	}
	return false, nil
}

// conformsTo answers the function of that name in invariants.
func (p *pass) conformsTo(n path.Node, url string) (bool, error) {
	if p.profile(url) == nil {
		return false, errUnknown
	}
	return p.conforms(item{v: n.Value(), beside: n.Sibling(), t: n.Info(), e: n.Element(), index: -1}, url), nil
}
