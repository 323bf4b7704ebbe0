package store

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// elsewhere are the edits for links to entries of the bundle that are no references: elements of type uri and url, and
// links and images of narratives (https://hl7.org/fhir/R4/http.html#trules). Canonical urls stay, as the standard says, and
// so do the uris that are names and no links: the url of a resource or an extension, and systems.
func (b *links) elsewhere(o *op) []fhir.Edit {
	if b == nil || len(b.byURL) == 0 || !b.hit(o.body.Value) {
		return nil
	}
	w := &linkWalk{links: b, root: o.body.Value}
	w.object(o.body.Value, r4.Lookup(o.typ), true)
	return w.edits
}

// hit reports whether any string might be or hold such a link. It knows no types and so is quick.
func (b *links) hit(v fhir.Value) bool {
	for c := v.Cursor(); ; {
		m := c.Next()
		switch m.Kind() {
		case fhir.Absent:
			return false
		case fhir.Object, fhir.Array:
			if b.hit(m) {
				return true
			}
		case fhir.String:
			if name := m.Name(); name != "reference" && (name == "div" && b.narrative(m.Str()) != "" || b.target(m.Str()) != nil) {
				return true
			}
		}
	}
}

// target is the entry that a url means, with or without a fragment.
func (b *links) target(url string) *op {
	plain, _, _ := strings.Cut(url, "#")
	return b.byURL[plain]
}

// moved is the url with the place that the entry has now.
func (b *links) moved(url string) string {
	o := b.target(url)
	if o == nil {
		return ""
	}
	_, fragment, has := strings.Cut(url, "#")
	text := o.answer(true).text()
	if has {
		text += "#" + fragment
	}
	return text
}

// linkWalk goes through a resource by its types.
type linkWalk struct {
	*links
	root  fhir.Value
	edits []fhir.Edit
}

func (w *linkWalk) object(v fhir.Value, t *r4.TypeInfo, resource bool) {
	if inner := v.Get("resourceType"); inner.Kind() == fhir.String {
		t, resource = r4.Lookup(inner.Str()), true
	}
	if t == nil || resource && !v.Same(w.root) && ownWorld(t.Name) {
		return
	}
	for name, m := range v.Members() {
		e := t.Find(strings.TrimPrefix(name, "_"))
		if e == nil || resource && name == "url" || resource && name == innerWorld(t.Name) {
			continue
		}
		for item := range m.Items() {
			w.element(item, name, t, e)
		}
	}
}

func ownWorld(typ string) bool { return innerWorld(typ) != "" }

func (w *linkWalk) element(v fhir.Value, name string, of *r4.TypeInfo, e *r4.Element) {
	t := r4.ByID(e.Type)
	if e.ContentRef != "" {
		t = r4.Lookup(e.ContentRef)
	}
	switch {
	case v.Kind() == fhir.Object && name[0] == '_':
		w.object(v, r4.Lookup("Element"), false)
	case v.Kind() == fhir.Object:
		w.object(v, t, false)
	case v.Kind() != fhir.String || t == nil:
	case t.Name == "xhtml":
		w.change(v, w.narrative(v.Str()))
	case (t.Name == "uri" || t.Name == "url") && name != "system" && of.Name != "Extension" || of.Name == "Extension" && (name == "valueUri" || name == "valueUrl"):
		w.change(v, w.moved(v.Str()))
	}
}

func (w *linkWalk) change(v fhir.Value, text string) {
	if text != "" {
		start, end := v.Span(w.root)
		w.edits = append(w.edits, fhir.Edit{Start: start, End: end, New: fhir.AppendString(nil, text)})
	}
}
