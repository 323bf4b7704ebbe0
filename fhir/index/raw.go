package index

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Raw is the JSON of a resource, in which the bytes of words are looked for before it is parsed.
type Raw struct {
	text  []byte // in lower case
	plain bool   // each word stands there letter by letter: no letter is escaped, and none is folded to another but by case
}

// NewRaw reads the JSON of a resource.
func NewRaw(json []byte) Raw {
	r := Raw{make([]byte, len(json)), true}
	for i, c := range json {
		switch {
		case c >= utf8.RuneSelf, c == '&', c == 'u' && i > 0 && json[i-1] == '\\':
			return Raw{}
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		r.text[i] = c
	}
	return r
}

// Within is false if the phrase stands in no text of the resource for certain.
func (p Phrase) Within(r Raw) bool {
	return !r.plain || !slices.ContainsFunc(p.words, func(word string) bool { return !bytes.Contains(r.text, []byte(word)) })
}
