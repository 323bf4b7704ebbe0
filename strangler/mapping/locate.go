package mapping

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// pattern is what every item of a slice holds.
type pattern struct {
	at    place
	value any
	used  bool
}

// location is an element of a target, and the entry of the tree for it.
type location struct {
	path  string // "Patient.identifier.value"
	elem  *r4.Element
	entry *entry
	route route
	at    place
}

// items is the route to the array that the entry stands in, with the pattern of its items as last step.
func (l *location) items() route { return l.route }

// locate finds the place that a rule names, and makes the tree up to it.
func (b *builder) locate(s *ruleSpec) (location, bool) {
	if s.extension.given() {
		return b.extension(s)
	}
	at, ok := b.walkPath(s.to, b.scope.root, nil, b.prefix, b.path)
	if ok && s.lang.given() {
		return b.translation(s, at)
	}
	return at, ok
}

// segment is a part of a path: a name, and the slice of it in brackets.
type segment struct{ name, slice, upto string }

func segments(path string) (list []segment) {
	upto := ""
	for part := range strings.SplitSeq(path, ".") {
		name, slice, _ := strings.Cut(strings.TrimSuffix(part, ")"), "(")
		upto += part
		list = append(list, segment{name, slice, upto})
		upto += "."
	}
	return list
}

// walkPath goes along a path such as "identifier(ramq).value".
func (b *builder) walkPath(path text, from *branch, steps []step, prefix, shown string) (location, bool) {
	at := location{path: shown, at: path.at}
	list := segments(path.s)
	for i, seg := range list {
		elem := from.typ.Find(seg.name)
		if elem == nil || elem.Choice && !strings.HasPrefix(elem.JSON, elem.Name) {
			b.noElement(path, from.typ, seg.name, at.path)
			return at, false
		}
		at.path += "." + seg.name
		e, step, ok := b.enter(path, from, elem, seg, prefix)
		if !ok {
			return at, false
		}
		at.elem, at.entry = elem, e
		at.route = route{steps: steps, name: seg.name, under: "_" + seg.name, many: elem.Many()}
		if i == len(list)-1 {
			at.route.steps = slices.Clone(steps)
			if at.route.whole = r4.ByID(elem.Type).Kind != r4.Primitive; at.route.whole {
				at.route.steps = append(at.route.steps, step)
			}
			return at, true
		}
		if e.branch == nil {
			b.add(path.at, "%s has no parts that a path could name", at.path)
			return at, false
		}
		steps, from = append(slices.Clone(steps), step), e.branch
	}
	return at, false
}

func (b *builder) noElement(path text, t *r4.TypeInfo, name, shown string) {
	var known []string
	for i := range t.Elements {
		if e := &t.Elements[i]; !e.Choice {
			known = append(known, e.JSON)
		}
		for _, c := range t.Choices(t.Elements[i].Name) {
			known = append(known, c.JSON)
		}
	}
	b.add(path.at, "%s has no element %q%s", shown, name, near(name, known))
}

// enter finds or makes the entry of a segment.
func (b *builder) enter(path text, from *branch, elem *r4.Element, seg segment, prefix string) (*entry, step, bool) {
	m := from.member(seg.name, elem)
	step := step{name: seg.name, many: elem.Many()}
	p := b.patterns[prefix+seg.upto]
	if seg.slice != "" && (p == nil || !elem.Many()) {
		b.add(path.at, "slice %q is not described: slices: {%s: {...}} says what its items hold", seg.slice, quoteName(prefix+seg.upto))
		return nil, step, false
	}
	e := m.slice(seg.slice)
	if e == nil {
		if e = b.newEntry(path, m, elem, seg, p); e == nil {
			return nil, step, false
		}
	}
	if p != nil {
		p.used = true
		step.pattern = b.patternValue(p)
	}
	return e, step, true
}

func (b *builder) newEntry(path text, m *member, elem *r4.Element, seg segment, p *pattern) *entry {
	if len(m.entries) > 0 && (!m.many || m.entries[0].fixed != nil || seg.slice == "" || m.entries[0].slice == "") {
		b.add(path.at, "%q has other rules already; give each its slice", seg.upto)
		return nil
	}
	e := &entry{slice: seg.slice}
	t := r4.ByID(elem.Type)
	if t == nil {
		b.add(path.at, "%q can be of several types; name one: %s", seg.upto, strings.Join(elem.Types, ", "))
		return nil
	}
	if t.Kind == r4.Primitive {
		e.leaf = &leaf{slot: -1}
	} else {
		e.branch = &branch{typ: t}
		b.demand(e.branch, p)
	}
	m.entries = append(m.entries, e)
	return e
}

// demand puts what a pattern demands into the tree: objects as branches, so that rules can add to them, all else as it is.
func (b *builder) demand(to *branch, p *pattern) {
	if p == nil {
		return
	}
	o, ok := p.value.(*fhir.Obj)
	if !ok {
		b.add(p.at, "a slice is described by the members that its items hold")
		return
	}
	for _, name := range o.Names() {
		elem := to.typ.Find(name)
		if elem == nil {
			b.add(p.at, "%s has no element %q", to.typ.Name, name)
			continue
		}
		to.member(name, elem).entries = []*entry{b.demanded(elem, o.Get(name), p.at)}
	}
}

func (b *builder) demanded(elem *r4.Element, v any, at place) *entry {
	inner := v
	if list, ok := v.(*fhir.List); ok && len(list.Items) == 1 && elem.Many() {
		inner = list.Items[0]
	}
	t := r4.ByID(elem.Type)
	if _, ok := inner.(*fhir.Obj); !ok || t == nil || t.Kind == r4.Primitive {
		return &entry{fixed: jsonOf(v)}
	}
	e := &entry{branch: &branch{typ: t}, demanded: true}
	b.demand(e.branch, &pattern{at: at, value: inner})
	return e
}

// jsonOf is a value that fhir.Obj takes, as JSON.
func jsonOf(v any) []byte {
	b := fhir.NewObject().Set("v", v).JSON()
	return b[len(`{"v":`) : len(b)-1]
}

func (b *builder) patternValue(p *pattern) fhir.Value {
	v, err := fhir.ParseValue(jsonOf(p.value), fhir.Limits{})
	if err != nil {
		b.add(p.at, "the slice's description is no JSON: %s", err)
	}
	return v
}

// checkedJSON is a constant as JSON, if it fits the element.
func (b *builder) checkedJSON(v any, at location, where place) []byte {
	raw := jsonOf(v)
	parsed, err := fhir.ParseValue(raw, fhir.Limits{})
	if err != nil {
		b.add(where, "the value is no JSON: %s", err)
		return raw
	}
	primitive := r4.ByID(at.elem.Type).Kind == r4.Primitive
	if primitive == (parsed.Kind() == fhir.Object) {
		b.add(where, "%s is %s, which this value is not", at.path, fault.A(at.elem.Types[0]))
	}
	if set := at.elem.Codes(); set != nil && primitive && !set.Has(parsed.Str()) {
		b.add(where, "%s cannot be %q: the value set %s does not have it", at.path, parsed.Str(), set.URL)
	}
	return raw
}

// claim makes an element the one of a rule; a second rule for it is a mistake.
func (b *builder) claim(at location, where place) *leaf {
	e := at.entry
	if e.branch != nil && (len(e.branch.members) > 0 || e.leaf != nil) || e.each != nil || e.leaf != nil && e.leaf.slot >= 0 {
		b.add(where, "%s has a rule already", at.path)
	}
	if e.leaf == nil || e.branch != nil {
		e.leaf, e.branch = &leaf{whole: true}, nil
	}
	e.leaf.slot = b.newSlot()
	return e.leaf
}
