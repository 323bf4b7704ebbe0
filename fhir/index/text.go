package index

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
)

func emitString(e *emitter, p *param, n path.Node) {
	e.texts = textsOf(n, e.texts[:0])
	for _, s := range e.texts {
		e.addString(Cut(Normalize(s)), e.h.Unit(s))
	}
}

// addString adds a string under each of the keys.
func (e *emitter) addString(s string, exact int32) {
	for _, k := range e.keys {
		e.rows.String = append(e.rows.String, StringRow{k, s, exact})
	}
}

var (
	nameParts    = [...]string{"family", "given", "prefix", "suffix", "text"}
	addressParts = [...]string{"line", "city", "district", "state", "postalCode", "country", "text"}
)

// textsOf appends the strings of a value: of a name or address each part by itself.
func textsOf(n path.Node, dst []string) []string {
	v := n.Value()
	switch shapeOf(n) {
	case plainText, uriText, code:
		return appendText(dst, v)
	case humanName:
		for _, part := range nameParts {
			dst = appendTexts(dst, v.Get(part))
		}
	case address:
		for _, part := range addressParts {
			dst = appendTexts(dst, v.Get(part))
		}
	}
	return dst
}

func appendText(dst []string, v fhir.Value) []string {
	if s := v.Str(); s != "" {
		dst = append(dst, s)
	}
	return dst
}

func appendTexts(dst []string, v fhir.Value) []string {
	if v.Kind() != fhir.Array {
		return appendText(dst, v)
	}
	c := v.Cursor()
	for x := c.Next(); x.Exists(); x = c.Next() {
		dst = appendText(dst, x)
	}
	return dst
}

func emitURI(e *emitter, p *param, n path.Node) {
	s := n.Value().Str()
	if k := shapeOf(n); s == "" || k != uriText && k != plainText {
		return
	}
	if p.shared {
		e.share(e.h.key(p.prefix), e.h.key(p.prefix, "u", s), Cut(s))
		return
	}
	e.add(e.h.key(p.prefix, "u", s))
	e.addString(Cut(s), 0)
}
