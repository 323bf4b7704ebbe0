package mapping

import (
	"slices"
	"strings"

	"cel.dev/cel-go/cel"

	"github.com/ficushealth/ficus/fhir"
)

// refer builds a reference to the rows of another map; whole says whether it is a Reference or, in a record, an id.
func (b *builder) refer(s *refSpec, whole bool, shown string) conversion {
	other, spec := b.maps[s.target.s], b.specs[s.target.s]
	if other == nil {
		b.add(s.target.at, "there is no map %s%s", s.target.s, near(s.target.s, keys(b.maps)))
		return nil
	}
	if !slices.Contains(b.m.refers, other.Name) {
		b.m.refers = append(b.m.refers, other.Name)
	}
	if !whole && !b.record() {
		b.add(s.target.at, "%s is no Reference", shown)
		return nil
	}
	t, peers := targetOf(spec, s.slot.s)
	if t == nil {
		b.add(s.target.at, "the map %s yields several kinds of things; say which: ref: {map: %s, slot: ...}", other.Name, other.Name)
		return nil
	}
	c := &refer{target: &resolved{b.pack, other.Table}, typ: t.typ.s, join: -1, bare: !whole}
	if peers > 0 {
		c.slot = t.slot.s
	}
	b.identify(c, s, spec, t)
	if s.lookup.given() {
		c.join = b.findJoin(b.m, s.lookup, false)
	}
	if s.display.given() {
		c.display = b.compile(&b.problems, s.display, b.names(), cel.StringType)
	}
	return c
}

// targetOf is the target of that slot, or the only one that owns rows; peers counts those of its case with the same type
// that stand before it.
func targetOf(s *mapSpec, slot string) (t *targetSpec, peers int) {
	if slot == "" && len(s.cases) != 1 {
		return nil, 0
	}
	for i := range s.cases {
		seen := map[string]int{}
		for j := range s.cases[i].targets {
			t := &s.cases[i].targets[j]
			kind := t.typ.s + t.record.s
			if slot == "" || t.slot.s == slot || t.slot.s == "" && kind == slot {
				return t, seen[kind]
			}
			seen[kind]++
		}
	}
	return nil, 0
}

// identify finds the identifier under which a target carries the column of its id.
func (b *builder) identify(c *refer, s *refSpec, spec *mapSpec, t *targetSpec) {
	if c.bare {
		return
	}
	id := slices.Concat(spec.id, idFromKey(spec))
	if len(id) != 1 {
		b.add(s.target.at, "the rows of %s have an id of several columns, to which nothing can refer", spec.table.s)
		return
	}
	for i := range t.rules {
		row := "row." + id[0].s
		if r := &t.rules[i]; r.column.s == id[0].s || r.derive.s == row || r.derive.s == "string("+row+")" {
			c.system = systemOf(t, t.rules[i].to.s)
		}
	}
	if c.system == "" {
		b.add(s.target.at, "the target of %s does not carry %s as an identifier of a slice with a system", spec.name.s, id[0].s)
	}
}

// systemOf is the system of the slice of identifier that a path goes through.
func systemOf(t *targetSpec, path string) string {
	slice, ok := strings.CutSuffix(path, ".value")
	if !ok || !strings.HasPrefix(slice, "identifier(") {
		return ""
	}
	for _, s := range t.slices {
		if o, ok := s.pattern.(*fhir.Obj); ok && s.path.s == slice {
			system, _ := o.Get("system").(string)
			return system
		}
	}
	return ""
}
