package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// bundle checks what a bundle asks of its entries beyond invariants (https://hl7.org/fhir/R4/bundle.html): the form of
// fullUrl, the references inside, and what hangs together in documents and messages.
func (w *walk) bundle(v fhir.Value) {
	b := w.readBundle(v)
	w.push("entry")
	for i := range b.entries {
		if w.Late(1) {
			break
		}
		w.index(i)
		w.fullURL(b, &b.entries[i])
		w.searched(b, &b.entries[i])
	}
	w.pop()
	switch b.kind {
	case "document":
		w.linked(b, documentLinks)
	case "message":
		w.linked(b, messageLinks)
	}
}

// bundled is one bundle, its entries found by what references may call them.
type bundled struct {
	kind    string
	self    fhir.Value // Bundle.link[self].url
	entries []bundledEntry
	byURL   map[string][]int
	byName  map[string][]int // Patient/1
}

type bundledEntry struct {
	value, body, full fhir.Value
	url, typ, id      string
}

func (w *walk) readBundle(v fhir.Value) *bundled {
	b := &bundled{kind: v.Get("type").Str(), byURL: map[string][]int{}, byName: map[string][]int{}}
	for l := range w.each(v.Get("link")) {
		if l.Get("relation").Str() == "self" {
			b.self = l.Get("url")
		}
	}
	for e := range w.each(v.Get("entry")) {
		body := e.Get("resource")
		x := bundledEntry{e, body, e.Get("fullUrl"), e.Get("fullUrl").Str(), body.Get("resourceType").Str(), body.Get("id").Str()}
		b.byURL[x.url] = append(b.byURL[x.url], len(b.entries))
		if x.id != "" {
			b.byName[x.typ+"/"+x.id] = append(b.byName[x.typ+"/"+x.id], len(b.entries))
		}
		b.entries = append(b.entries, x)
	}
	return b
}

// fullURL checks that an entry has a URL, but for what is yet to be created or was never identified
// (https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.fullUrl), that it is absolute, and that it says the type and
// id that the resource says.
func (w *walk) fullURL(b *bundled, e *bundledEntry) {
	if e.url == "" {
		if e.body.Exists() && e.typ != "OperationOutcome" && !strings.HasPrefix(b.kind, "batch") && !strings.HasPrefix(b.kind, "transaction") {
			w.strict("invalid", e.value, "an entry of a bundle needs a fullUrl, which says what resource it is")
		}
		return
	}
	if !isAbsolute(e.url) {
		w.say("invalid", e.full, "fullUrl must be an absolute URL or a urn:uuid")
		return
	}
	ref := fhir.ParseRef(e.url)
	if _, known := r4.ResourceIndex(ref.Type); ref.Kind != fhir.RefAbsolute || !known || !e.body.Exists() {
		return
	}
	switch {
	case e.id == "" && !strings.Contains(b.kind, "batch") && !strings.Contains(b.kind, "transaction"):
		w.say("invalid", e.full, "fullUrl names a resource on a server, but the resource has no id")
	case e.id != "" && (e.id != ref.ID || e.typ != ref.Type):
		w.say("invalid", e.full, "fullUrl must end with the type and the id of the resource")
	}
}

func isAbsolute(url string) bool {
	scheme, rest, found := strings.Cut(url, ":")
	return found && rest != "" && scheme != "" && !strings.ContainsAny(scheme, "/?#")
}

// searched checks an entry of search results: it has an id, and the type that was searched for.
func (w *walk) searched(b *bundled, e *bundledEntry) {
	if b.kind != "searchset" || !e.body.Exists() || e.typ == "OperationOutcome" {
		return
	}
	w.push("resource")
	defer w.pop()
	if e.id == "" {
		w.say("invalid", e.body, "a resource among search results must have its id")
	}
	if mode := e.value.Get("search").Get("mode").Str(); mode != "match" && mode != "" {
		return
	}
	if want := searchedType(b.self.Str()); want != "" && want != e.typ {
		w.strict("invalid", e.body, "the search asked for another type of resource: mark what was included with search.mode")
	}
}

// searchedType is the type at the end of the path of a search's URL.
func searchedType(url string) string {
	path, _, _ := strings.Cut(url, "?")
	path = strings.TrimSuffix(path, "/_search")
	name := path[strings.LastIndexByte(path, '/')+1:]
	if _, known := r4.ResourceIndex(name); known {
		return name
	}
	return ""
}

// find is the entry that a reference made inside entry from means (https://hl7.org/fhir/R4/bundle.html#references), -1 if
// there is none; several says that more than one can be meant.
func (b *bundled) find(from int, text string, watch *fhir.Watch) (at int, several bool) {
	ref := fhir.ParseRef(text)
	url := text
	if ref.Kind == fhir.RefRelative {
		base := fhir.ParseRef(b.entries[from].url)
		if base.Kind != fhir.RefAbsolute {
			return -1, false
		}
		url = base.Base + "/" + text
	}
	url, _, _ = strings.Cut(url, "#")
	url, version, _ := strings.Cut(url, "/_history/")
	var hits []int
	for _, i := range b.byURL[url] {
		if len(hits) > 1 || watch.Late(1) {
			break
		}
		if version == "" || b.entries[i].body.Get("meta").Get("versionId").Str() == version {
			hits = append(hits, i)
		}
	}
	if len(hits) == 0 {
		return -1, false
	}
	return hits[0], len(hits) > 1
}

// byUUID is the entry whose fullUrl is the urn of the id in a relative reference, as those write it who turned urns into
// ids halfway; -1 if there is none.
func (b *bundled) byUUID(text string) int {
	ref := fhir.ParseRef(text)
	if hits := b.byURL["urn:uuid:"+ref.ID]; ref.Kind == fhir.RefRelative && len(hits) > 0 {
		return hits[0]
	}
	return -1
}
