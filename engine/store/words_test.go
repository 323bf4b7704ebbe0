package store

import (
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// Too many bodies to read for words are the fault of the parameter that asks for them.
func TestTheParameterOfWordsIsNamed(t *testing.T) {
	narrative := reader{form: search.Any, sub: []reader{{}, {}}}
	content := reader{form: search.None, sub: []reader{{}, {content: true}}}
	for name, words := range map[string][]reader{"http._text": {narrative}, "http._content": {narrative, content}} {
		f := &finder{words: words}
		if got := fault.Find(f.unread()); got == nil || got.Issues[0].Expression != name {
			t.Errorf("%+v, want %s", got, name)
		}
	}
}
