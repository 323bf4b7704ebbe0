package validate

import (
	"strconv"

	"github.com/ficushealth/ficus/fhir"
)

// documentLinks are the references of a Composition whose targets must be in its document
// (https://hl7.org/fhir/R4/documents.html#content), messageLinks those of a MessageHeader
// (https://hl7.org/fhir/R4/messaging.html).
var (
	documentLinks = []string{
		"subject", "encounter", "author", "custodian", "attester.party", "event.detail",
		"section.author", "section.focus", "section.entry",
	}
	messageLinks = []string{"focus"}
)

// linked checks that what the first resource of a document or message refers to is in the bundle, and that every entry of a
// document can be reached from its composition or reaches it.
func (w *walk) linked(b *bundled, names []string) {
	if len(b.entries) == 0 {
		return
	}
	w.push("entry")
	w.index(0)
	w.push("resource")
	head := b.entries[0].body
	for _, name := range names {
		w.linksAt(b, head, name)
	}
	w.pop()
	w.pop()
	if b.kind == "document" {
		w.reachable(b)
	}
}

// linksAt follows a path of element names to its references; sections hold sections.
func (w *walk) linksAt(b *bundled, v fhir.Value, name string) {
	first, rest := cutDot(name)
	i := 0
	for item := range w.each(v.Get(first)) {
		w.push(first)
		if v.Get(first).Kind() == fhir.Array {
			w.index(i)
		}
		if rest == "" {
			w.inside(b, item)
		} else {
			w.linksAt(b, item, rest)
		}
		if first == "section" && w.depth < 60 {
			w.linksAt(b, item, name)
		}
		w.pop()
		i++
	}
}

func cutDot(s string) (first, rest string) {
	for i := range len(s) {
		if s[i] == '.' {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// inside checks one reference that must point to an entry of the bundle.
func (w *walk) inside(b *bundled, v fhir.Value) {
	text := v.Get("reference").Str()
	if text == "" || text[0] == '#' {
		return
	}
	at, several := b.find(0, text, &w.Watch)
	switch ref := fhir.ParseRef(text); {
	case several:
		w.say("forbidden", v, "more than one entry of the bundle is meant by this reference: name the version, or keep one")
	case at >= 0:
	case ref.ID != "" && len(b.byName[ref.Type+"/"+ref.ID]) > 0:
		w.say("not-found", v, "no entry of the bundle is meant by this reference; one has the type and id, but another fullUrl or version: the reference must fit its fullUrl")
	default:
		w.say("not-found", v, "no entry of the bundle is meant by this reference: put its target into the bundle")
	}
}

// reachable tells of entries of a document that no chain of references, taken in either direction, joins to the composition.
func (w *walk) reachable(b *bundled) {
	near := make([][]int, len(b.entries))
	for i := range b.entries {
		if w.Late(1) {
			return
		}
		eachReference(b.entries[i].body, func(text string) {
			if j, _ := b.find(i, text, &w.Watch); j >= 0 && j != i {
				near[i], near[j] = append(near[i], j), append(near[j], i)
			}
		})
	}
	seen, queue := make([]bool, len(b.entries)), []int{0}
	for seen[0] = true; len(queue) > 0; queue = queue[1:] {
		for _, j := range near[queue[0]] {
			if !seen[j] {
				seen[j], queue = true, append(queue, j)
			}
		}
	}
	for i, ok := range seen {
		if !ok {
			w.unreached(&b.entries[i], i)
		}
	}
}

func (w *walk) unreached(e *bundledEntry, i int) {
	w.push("entry[" + strconv.Itoa(i) + "]")
	w.strict("informational", e.value, "nothing joins this entry to the composition of the document: refer to it, or leave it out")
	w.pop()
}

// eachReference yields the literal references in a value.
func eachReference(v fhir.Value, yield func(string)) {
	c := v.Cursor()
	for m := c.Next(); m.Exists(); m = c.Next() {
		switch m.Kind() {
		case fhir.String:
			if m.Name() == "reference" {
				yield(m.Str())
			}
		case fhir.Object, fhir.Array:
			eachReference(m, yield)
		}
	}
}
