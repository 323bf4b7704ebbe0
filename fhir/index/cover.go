package index

import (
	"cmp"
	"regexp"
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

// through is a reference parameter that has the rows of a narrower one, and the only type to which the narrower one points.
type through struct {
	wide r4.Param
	only string
}

// Refers is the key of the rows of a reference parameter that point to resources of one type. Where the parameter is what
// another finds of that type, as patient of an Observation is what subject finds of patients, it is the key of the other. No
// row is under the parameter's own key then.
func (h Hasher) Refers(resourceType, code, to string) int64 {
	if wide, only, ok := Through(resourceType, code); ok && only == to {
		code = wide.Code
	}
	return h.Param(resourceType, code)
}

// Through is the parameter whose references to one type, the only one that it points to, are those of a narrower parameter;
// ok is false for a parameter that has rows of its own.
func Through(resourceType, code string) (wide r4.Param, only string, ok bool) {
	p, err := planFor(resourceType)
	if err != nil {
		return wide, "", false
	}
	t, ok := p.through[code]
	return t.wide, t.only, ok
}

var narrowed = regexp.MustCompile(`^(.+)\.where\(resolve\(\) is ([A-Za-z]+)\)$`)

// narrow finds the reference parameters whose rows a wider one has.
func (p *plan) narrow() {
	p.through = map[string]through{}
	for _, l := range p.looks {
		if l.def.Type != "reference" || len(l.branches) != 1 {
			continue
		}
		m := narrowed.FindStringSubmatch(l.branches[0])
		if m == nil {
			continue
		}
		i := slices.IndexFunc(p.looks, func(q look) bool { return q.def.Type == "reference" && slices.Equal(q.branches, m[1:2]) })
		if i >= 0 {
			p.through[l.def.Code] = through{p.looks[i].def, m[2]}
		}
	}
	for i := range p.params {
		_, p.params[i].narrow = p.through[p.params[i].code]
	}
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
