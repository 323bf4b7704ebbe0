package index

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

func emitReference(e *emitter, p *param, n path.Node) {
	switch v := n.Value(); shapeOf(n) {
	case reference:
		e.refer(p, v.Get("reference").Str())
		e.logical(p, v.Get("identifier"))
	case uriText, plainText:
		e.canonical(p, v.Str())
	case resource:
		e.inline(p, n)
	}
}

// refer adds a literal reference; one to something contained is a value without a row.
func (e *emitter) refer(p *param, text string) {
	ref := fhir.ParseRef(text)
	switch {
	case text == "":
	case ref.Kind == fhir.RefFragment:
		e.rowless = true
	case (ref.Kind == fhir.RefRelative || ref.Kind == fhir.RefAbsolute) && isResource(ref.Type):
		e.addRef(p, ref, false)
	case p.emit != nil: // in a composite it could not be found
		e.add(e.h.key(p.prefix, "u", text))
	}
}

func isResource(name string) bool {
	_, ok := r4.ResourceIndex(name)
	return ok
}

func (e *emitter) addRef(p *param, ref fhir.Ref, inline bool) {
	if p.narrow {
		e.rowless = true
		return
	}
	for _, k := range e.keys {
		e.rows.Ref = append(e.rows.Ref, RefRow{Hash: k, Target: ref, Inline: inline})
	}
}

// logical adds Reference.identifier.
func (e *emitter) logical(p *param, v fhir.Value) {
	if v.Kind() == fhir.Object {
		for _, t := range appendToken(nil, v.Get("system").Str(), v.Get("value").Str()) {
			e.token(p.ident, t, false)
		}
	}
}

// canonical adds a canonical url, with and without its version.
func (e *emitter) canonical(p *param, text string) {
	if text == "" {
		return
	}
	e.add(e.h.key(p.prefix, "u", text))
	if url, _, versioned := strings.Cut(text, "|"); versioned {
		e.add(e.h.key(p.prefix, "u", url))
	}
}

// inline adds a resource that stands where a reference could (Bundle.entry[0].resource), if the parameter may point to it.
func (e *emitter) inline(p *param, n path.Node) {
	r := fhir.Resource{Value: n.Value()}
	if p.target[r.Type()] && fhir.IsID(r.ID()) {
		e.addRef(p, fhir.ParseRef(r.Type()+"/"+r.ID()), true)
	}
}
