package index

import (
	"html"
	"slices"
	"strings"
	"unicode"

	"github.com/ficushealth/ficus/fhir"
)

// Words are the words of a text in the form in which they are compared: runs of letters and digits, folded as Normalize
// folds them.
func Words(text string) []string {
	return strings.FieldsFunc(Normalize(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// Phrase is what a full text search looks for: words that stand side by side, of the last one only the beginning if it was
// written with * behind it.
type Phrase struct {
	words []string
	open  bool
}

// NewPhrase reads a word or several. ok is false if there is none.
func NewPhrase(text string) (p Phrase, ok bool) {
	p.words, p.open = Words(text), strings.HasSuffix(strings.TrimSpace(text), "*")
	return p, len(p.words) > 0
}

// In reports whether the phrase stands in one of the texts.
func (p Phrase) In(texts [][]string) bool {
	return slices.ContainsFunc(texts, func(words []string) bool {
		for i := 0; i+len(p.words) <= len(words); i++ {
			if p.at(words[i:]) {
				return true
			}
		}
		return false
	})
}

func (p Phrase) at(words []string) bool {
	last := len(p.words) - 1
	return slices.Equal(words[:last], p.words[:last]) &&
		(words[last] == p.words[last] || p.open && strings.HasPrefix(words[last], p.words[last]))
}

// Narrative are the words of a resource's text, for _text.
func Narrative(r fhir.Resource) [][]string {
	if div := r.Get("text").Get("div").Str(); div != "" {
		return [][]string{Words(untagged(div))}
	}
	return nil
}

// Content are the words of all strings of a resource, its narrative and contained resources included, for _content. Data
// in base64 are left out.
func Content(r fhir.Resource) (texts [][]string) {
	for name, v := range r.Members() {
		if name == "text" && v.Get("div").Exists() {
			texts = append(texts, Narrative(r)...)
			continue
		}
		texts = appendContent(texts, name, v)
	}
	return texts
}

func appendContent(texts [][]string, name string, v fhir.Value) [][]string {
	switch v.Kind() {
	case fhir.Object:
		for name, m := range v.Members() {
			texts = appendContent(texts, name, m)
		}
	case fhir.Array:
		for item := range v.Items() {
			texts = appendContent(texts, name, item)
		}
	case fhir.String:
		if name == "data" {
			return texts
		}
		text := v.Str()
		if name == "div" {
			text = untagged(text)
		}
		if words := Words(text); len(words) > 0 {
			texts = append(texts, words)
		}
	}
	return texts
}

// untagged is the text of XHTML: each tag is a blank.
func untagged(xhtml string) string {
	var b strings.Builder
	for xhtml != "" {
		text, rest, tag := strings.Cut(xhtml, "<")
		b.WriteString(text)
		if !tag {
			break
		}
		b.WriteByte(' ')
		_, xhtml, _ = strings.Cut(rest, ">")
	}
	return html.UnescapeString(b.String())
}
