package fhir

import (
	"iter"
	"strconv"
)

// Bundle reads a resource of type Bundle.
type Bundle struct{ Resource }

// Entry is one entry of a bundle.
type Entry struct {
	Value
	Index   int
	FullURL string
	Body    Value // the resource; absent where there is none
	Request Request
}

// Request is Bundle.entry.request; empty fields were absent.
type Request struct {
	Method, URL, IfMatch, IfNoneMatch, IfNoneExist, IfModifiedSince string
}

// Kind is Bundle.type.
func (b Bundle) Kind() string { return b.Get("type").Str() }

// Entries yields the entries in order.
func (b Bundle) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		i := 0
		for v := range b.Get("entry").Items() {
			if !yield(entry(v, i)) {
				return
			}
			i++
		}
	}
}

func entry(v Value, i int) Entry {
	q := v.Get("request")
	return Entry{v, i, v.Get("fullUrl").Str(), v.Get("resource"), Request{
		q.Get("method").Str(), q.Get("url").Str(), q.Get("ifMatch").Str(), q.Get("ifNoneMatch").Str(),
		q.Get("ifNoneExist").Str(), q.Get("ifModifiedSince").Str(),
	}}
}

// Place is the FHIRPath of the entry.
func (e Entry) Place() string { return "Bundle.entry[" + strconv.Itoa(e.Index) + "]" }
