package index

import (
	"cmp"
	"slices"

	"github.com/ficushealth/ficus/fhir/r4"
)

// A parameter that looks at nothing but what others of its kind look at has no
// rows of its own: combo-code of an Observation looks where code and
// component-code do, so whoever asks for it is answered from the rows of these two.

// Instead lists the parameters whose rows, taken together, are those of a parameter; nil if it has its own. Parameters of
// type reference always have their own, because a step along a reference goes by one key.
func Instead(resourceType, code string) []r4.Param {
	p, err := planFor(resourceType)
	if err != nil {
		return nil
	}
	return p.instead[code]
}

// look is where a parameter looks: its expressions, and what must be alike for rows to be alike.
type look struct {
	def      r4.Param
	kind     string
	branches []string
}

func (p *plan) addLook(def r4.Param, branches []string) {
	kind := def.Type
	for _, c := range repaired(def) {
		kind += "\x00" + c.Type + "\x00" + c.Expression
	}
	slices.Sort(branches)
	p.looks = append(p.looks, look{def, kind, slices.Compact(branches)})
}

// cover finds out which parameters need no rows. Of two that look at the same the one with the shorter code has them.
func (p *plan) cover() {
	slices.SortFunc(p.looks, func(a, b look) int {
		return cmp.Or(len(a.branches)-len(b.branches), len(a.def.Code)-len(b.def.Code), cmp.Compare(a.def.Code, b.def.Code))
	})
	p.instead = map[string][]r4.Param{}
	for i, l := range p.looks {
		if parts := p.parts(l, p.looks[:i]); parts != nil {
			p.instead[l.def.Code] = parts
		}
	}
	p.spare()
}

// spare marks what is not to be indexed.
func (p *plan) spare() {
	for i := range p.params {
		_, p.params[i].covered = p.instead[p.params[i].code]
	}
	for i := range p.composites {
		_, p.composites[i].covered = p.instead[p.composites[i].code]
	}
}

// parts are those of the list that look at nothing but what l looks at, if they leave nothing out.
func (p *plan) parts(l look, list []look) (parts []r4.Param) {
	left := slices.Clone(l.branches)
	for _, q := range list {
		if q.kind != l.kind || q.def.Type == "reference" || p.instead[q.def.Code] != nil || !within(q.branches, l.branches) {
			continue
		}
		before := len(left)
		left = slices.DeleteFunc(left, func(b string) bool { return slices.Contains(q.branches, b) })
		if len(left) < before {
			parts = append(parts, q.def)
		}
	}
	if len(left) > 0 {
		return nil
	}
	return parts
}

func within(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// covered adds the parameters without rows to those that have a value, where one that stands for them has one.
func (e *emitter) covered(p *plan) {
	for _, l := range p.looks {
		parts := p.instead[l.def.Code]
		if slices.ContainsFunc(parts, func(q r4.Param) bool { return slices.Contains(e.rows.Params, q.ID) }) {
			e.rows.Params = append(e.rows.Params, l.def.ID)
		}
	}
}
