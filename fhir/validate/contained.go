package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// containedIDs remembers the ids of what a resource contains, before its references are met.
func (w *walk) containedIDs(v fhir.Value) {
	i := 0
	w.push("contained")
	for c := range w.each(v.Get("contained")) {
		w.index(i)
		w.containedID(c)
		i++
	}
	w.pop()
}

func (w *walk) containedID(c fhir.Value) {
	id := c.Get("id")
	_, taken := w.at.ids[id.Str()]
	switch {
	case !id.Exists() && c.Kind() == fhir.Object:
		w.strict("required", c, "a contained resource needs an id, by which it can be referred to")
	case id.Kind() == fhir.String && taken:
		w.say("invalid", id, "two contained resources have this id")
	case id.Kind() == fhir.String:
		w.at.contain(id.Str(), c.Get("resourceType").Str())
	}
}

// container is the resource that contains the one where the walk is, or that one itself.
func (w *walk) container() *whose {
	if w.contained && w.at.outer != nil {
		return w.at.outer
	}
	return w.at
}

// pointsInside notes that something refers to a contained resource, or to the container by "#" alone.
func (w *walk) pointsInside(id string) {
	if c := w.container(); len(c.ids) > 0 {
		c.used.add(id)
		if id == "" && w.contained {
			c.used.add(w.at.node.Value().Get("id").Str())
		}
	}
}

// fragment checks a reference to a contained resource: it is there (ref-1), and of a type that the element may refer to.
func (w *walk) fragment(e *r4.Element, v fhir.Value, id string) {
	w.pointsInside(id)
	if id == "" {
		return
	}
	name, there := w.container().ids[id]
	switch {
	case !there:
		w.say("invariant", v, "ref-1: the resource contains nothing with this id: put it into contained, or refer to it by its url")
	case r4.Lookup(name) != nil && !targets(e, name):
		w.say("value", v, "%s cannot refer to %s, only to %s", e.JSON, name, strings.Join(e.Targets, ", "))
	}
}

// contain notes the id of something contained, with its type.
func (x *whose) contain(id, typ string) {
	if x.ids == nil {
		x.ids = map[string]string{}
	}
	x.ids[id] = typ
}

// names are a set. It is empty until something is added, because most resources contain nothing.
type names map[string]struct{}

func (n names) has(name string) bool {
	_, has := n[name]
	return has
}

func (n *names) add(name string) {
	if *n == nil {
		*n = names{}
	}
	(*n)[name] = struct{}{}
}

// unreferenced tells of contained resources that nothing refers to, and that refer to nothing around them (dom-3).
func (w *walk) unreferenced(v fhir.Value) {
	if len(w.at.ids) == 0 || w.noContained {
		return
	}
	i := 0
	w.push("contained")
	for c := range w.each(v.Get("contained")) {
		w.index(i)
		if id := c.Get("id"); id.Kind() == fhir.String && !w.at.used.has(id.Str()) {
			w.say("invariant", c, "dom-3: nothing refers to this contained resource: refer to it by # and its id, or leave it out")
		}
		i++
	}
	w.pop()
}
