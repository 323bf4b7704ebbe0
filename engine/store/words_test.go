package store

import (
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// That there was no time to read all bodies for words is the fault of the parameter that asks for them.
func TestTheParameterOfWordsIsNamed(t *testing.T) {
	narrative := reader{form: search.Any, sub: []reader{{}, {}}}
	content := reader{form: search.None, sub: []reader{{}, {content: true}}}
	for name, words := range map[string][]reader{"http._text": {narrative}, "http._content": {narrative, content}} {
		f := &finder{words: words}
		if got := fault.Find(f.late()); got == nil || got.Issues[0].Expression != name {
			t.Errorf("%+v, want %s", got, name)
		}
	}
}
