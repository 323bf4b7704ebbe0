package mapping

import "github.com/ficushealth/ficus/fhir"

// coded turns a code through a terminology map into a code, a Coding or a CodeableConcept.
type coded struct {
	terms    *terms
	kind     codedKind
	json     map[*term][]byte // what each term becomes
	back     map[string]*term // by system and code; of a code, the system is ""
	freeText bool             // a code that the map lacks becomes the text of a CodeableConcept
}

type codedKind uint8

const (
	asCode codedKind = iota
	asCoding
	asConcept
)

func newCoded(t *terms, kind codedKind, freeText bool) *coded {
	c := &coded{terms: t, kind: kind, freeText: freeText, json: map[*term][]byte{}, back: t.back}
	if kind == asCode {
		c.back = map[string]*term{}
	}
	for _, n := range t.list {
		if kind == asCode && !n.alike {
			c.back["|"+n.code] = n
		}
		switch kind {
		case asCode:
			c.json[n] = []byte(n.code)
		case asCoding:
			c.json[n] = n.coding().JSON()
		case asConcept:
			c.json[n] = n.concept().JSON()
		}
	}
	return c
}

func (c *coded) to(r *run, b []byte) value {
	r.codes++
	n := c.terms.source[string(b)]
	if n == nil {
		return c.unmapped(b)
	}
	v := literal(c.json[n])
	if c.kind == asCode {
		v = quoted(c.json[n])
	}
	if n.alike {
		v.fit = inexact
	}
	return v
}

func (c *coded) unmapped(b []byte) value {
	if !c.freeText || !validText(b) {
		return value{fit: unfit, code: Unmapped}
	}
	text := append(appendQuoted([]byte(`{"text":`), b), '}')
	return value{form: raw, text: text, code: Unmapped}
}

func (c *coded) from(_ *run, v fhir.Value) ([]byte, bool) {
	switch c.kind {
	case asCode:
		return c.source("", v.Str())
	case asCoding:
		return c.source(v.Get("system").Str(), v.Get("code").Str())
	}
	for coding := range v.Get("coding").Items() {
		if b, ok := c.source(coding.Get("system").Str(), coding.Get("code").Str()); ok {
			return b, true
		}
	}
	text := v.Get("text")
	return []byte(text.Str()), c.freeText && text.Exists()
}

func (c *coded) source(system, code string) ([]byte, bool) {
	if t := c.back[system+"|"+code]; t != nil {
		return []byte(t.source), true
	}
	return nil, false
}

// holds reports whether v is what to made of b.
func (c *coded) holds(b []byte, v fhir.Value) bool {
	n := c.terms.source[string(b)]
	if n == nil {
		return false
	}
	switch c.kind {
	case asCode:
		return v.Str() == n.code
	case asConcept:
		v = v.Get("coding").At(0)
	}
	return v.Get("system").Str() == n.system && v.Get("code").Str() == n.code
}
