package search

import (
	"strings"

	"github.com/ficushealth/ficus/fhir/r4"
)

const (
	maxTerms = 50 // words and phrases of one full text search
	maxDepth = 20 // parentheses inside one another
)

// words reads a full text search: words, "phrases", AND (also by standing side by side), OR (also a comma), NOT and
// parentheses, NOT binding closest and OR least (https://hl7.org/fhir/R4/search.html#text, whose examples these are).
func words(name, value, typ string) (Clause, *problem) {
	param, _ := r4.FindParam("DomainResource", name)
	w := wording{leaf: Clause{Name: name, Type: named(typ), Param: param, Code: name}, rest: lexWords(value)}
	c, bad := w.any(0)
	switch {
	case bad != nil:
		return c, bad
	case len(w.rest) > 0:
		return c, malformed("has a parenthesis without its other half")
	}
	return c, nil
}

// term is a word, a phrase, or one of AND OR NOT ( ).
type term struct {
	text   string
	quoted bool
}

func (t term) is(operator string) bool { return !t.quoted && strings.EqualFold(t.text, operator) }

// lexWords takes the text apart. A quote that is not closed reaches to the end.
func lexWords(s string) (out []term) {
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		end := strings.IndexAny(s, " \t\r\n(),\"")
		switch {
		case s[0] == '"':
			phrase, rest, _ := strings.Cut(s[1:], `"`)
			out, s = append(out, term{phrase, true}), rest
		case s[0] == ',':
			out, s = append(out, term{"OR", false}), s[1:]
		case end == 0:
			out, s = append(out, term{s[:1], false}), s[1:]
		case end < 0:
			return append(out, term{s, false})
		default:
			out, s = append(out, term{s[:end], false}), s[end:]
		}
	}
	return out
}

// wording is the rest of a full text search.
type wording struct {
	leaf  Clause
	rest  []term
	terms int
}

func (w *wording) next() term {
	if len(w.rest) == 0 {
		return term{}
	}
	return w.rest[0]
}

func (w *wording) any(depth int) (Clause, *problem) {
	if depth > maxDepth {
		return Clause{}, malformed("has more than %d parentheses inside one another", maxDepth)
	}
	c := Clause{Form: Any, Name: w.leaf.Name}
	for {
		sub, bad := w.all(depth)
		if bad != nil {
			return c, bad
		}
		c.Sub = append(c.Sub, sub)
		if !w.next().is("OR") {
			return either(c.Name, c.Sub), nil
		}
		w.rest = w.rest[1:]
	}
}

func (w *wording) all(depth int) (Clause, *problem) {
	c := Clause{Form: All, Name: w.leaf.Name}
	for {
		sub, bad := w.one(depth)
		if bad != nil {
			return c, bad
		}
		c.Sub = append(c.Sub, sub)
		if w.next().is("AND") {
			w.rest = w.rest[1:]
			continue
		}
		if len(w.rest) == 0 || w.next().is("OR") || w.next().is(")") {
			return only(c), nil
		}
	}
}

// only is a junction, or its one part.
func only(c Clause) Clause {
	if len(c.Sub) == 1 && c.Form != None {
		return c.Sub[0]
	}
	return c
}

func (w *wording) one(depth int) (Clause, *problem) {
	t := w.next()
	if t.is("NOT") {
		w.rest = w.rest[1:]
		sub, bad := w.one(depth)
		return Clause{Form: None, Name: w.leaf.Name, Sub: []Clause{sub}}, bad
	}
	if t.text == "" || t.is("AND") || t.is("OR") || t.is(")") {
		return Clause{}, malformed("lacks a word where one has to stand: at its beginning or end, or beside AND, OR or a parenthesis")
	}
	w.rest = w.rest[1:]
	if t.is("(") {
		return w.group(depth)
	}
	if w.terms++; w.terms > maxTerms {
		return Clause{}, malformed("has more than %d words", maxTerms)
	}
	leaf := w.leaf
	leaf.Values = []Value{{Text: t.text}}
	return leaf, nil
}

func (w *wording) group(depth int) (Clause, *problem) {
	c, bad := w.any(depth + 1)
	if bad == nil && !w.next().is(")") {
		bad = malformed("has a parenthesis without its other half")
	}
	if bad != nil {
		return c, bad
	}
	w.rest = w.rest[1:]
	return c, nil
}
