package index

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// token is a code of a system.
type token struct {
	system, code string
	bare         bool // a string or uri: it cannot have a system, so |code does not find it
}

// share adds a string that many resources have.
func (e *emitter) share(list, key int64, text string) {
	e.add(key)
	e.rows.Values = append(e.rows.Values, Value{list, key, text})
}

// emitters say how the parameters of a type are indexed.
var emitters = map[string]func(e *emitter, p *param, n path.Node){
	"token": emitToken, "string": emitString, "uri": emitURI, "reference": emitReference,
	"date": emitDate, "number": emitNumber, "quantity": emitNumber, "special": emitPlace,
}

func emitToken(e *emitter, p *param, n path.Node) {
	e.pairs[0] = tokensOf(n, e.pairs[0][:0])
	for _, t := range e.pairs[0] {
		at := len(e.rows.Token)
		if e.token(p.prefix, t, p.closed); p.listed && t.code != "" {
			e.list(p, e.rows.Token[at].Hash, t.code)
		}
	}
	e.displays(p, n)
	if shapeOf(n) == identifier {
		e.ofType(p, n.Value())
	}
}

// token adds the rows of one code: itself, with its system beside it, and its system, unless the codes that the parameter can
// have are known.
func (e *emitter) token(prefix []byte, t token, closed bool) {
	if t.code != "" {
		e.rows.Token = append(e.rows.Token, TokenRow{e.h.key(prefix, "c", t.code), e.systemOf(t)})
	}
	if t.system != "" && !closed {
		e.add(e.h.key(prefix, "s", t.system))
	}
}

func (e *emitter) systemOf(t token) int32 {
	if t.bare {
		return NoSystem
	}
	return e.h.Unit(t.system)
}

func (e *emitter) add(hash int64) { e.rows.Token = append(e.rows.Token, TokenRow{Hash: hash}) }

// tokensOf appends the codes of a value.
func tokensOf(n path.Node, dst []token) []token {
	v := n.Value()
	switch shapeOf(n) {
	case concept:
		for c := range v.Get("coding").Items() {
			dst = appendToken(dst, c.Get("system").Str(), c.Get("code").Str())
		}
	case coding:
		return appendToken(dst, v.Get("system").Str(), v.Get("code").Str())
	case identifier:
		return appendToken(dst, v.Get("system").Str(), v.Get("value").Str())
	case contact:
		return appendToken(dst, "", v.Get("value").Str())
	case code:
		return appendToken(dst, impliedSystem(n), v.Str())
	case truth:
		return appendToken(dst, SpecialValues, n.Str())
	case plainText, uriText:
		if s := v.Str(); s != "" {
			dst = append(dst, token{code: s, bare: true})
		}
	}
	return dst
}

func appendToken(dst []token, system, code string) []token {
	if system == "" && code == "" {
		return dst
	}
	return append(dst, token{system: system, code: code})
}

// impliedSystem is the system of a code by the required binding of its element.
func impliedSystem(n path.Node) string {
	el := n.Element()
	if el == nil || el.Strength != "required" {
		return ""
	}
	system, _ := r4.CodeSystemOf(el.Binding, n.Value().Str())
	return system
}

// displays adds what :text finds.
func (e *emitter) displays(p *param, n path.Node) {
	v := n.Value()
	switch shapeOf(n) {
	case concept:
		e.display(p, v.Get("text"))
		for c := range v.Get("coding").Items() {
			e.display(p, c.Get("display"))
		}
	case coding:
		e.display(p, v.Get("display"))
	case identifier:
		e.display(p, v.Get("type").Get("text"))
	}
}

func (e *emitter) display(p *param, v fhir.Value) {
	if s := Cut(Normalize(v.Str())); s != "" {
		e.share(e.h.key(p.prefix, ":text"), e.h.key(p.prefix, ":text", s), s)
	}
}

// ofType adds an identifier's value under each coding of its type.
func (e *emitter) ofType(p *param, v fhir.Value) {
	value := v.Get("value").Str()
	if value == "" {
		return
	}
	for c := range v.Get("type").Get("coding").Items() {
		if code := c.Get("code").Str(); code != "" {
			e.add(e.h.key(p.prefix, ":of-type", c.Get("system").Str(), code, value))
		}
	}
}
