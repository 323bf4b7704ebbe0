package term

import (
	"strings"
	"sync"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Base is the library of what R4 itself publishes. Each definition is read when first asked for, and kept.
func Base() *BaseLibrary { return base() }

var base = sync.OnceValue(func() *BaseLibrary { return &BaseLibrary{} })

// BaseLibrary is safe for concurrent use. Its definitions share the tables of the program.
type BaseLibrary struct{ systems, sets, maps sync.Map }

// CodeSystem implements Library.
func (b *BaseLibrary) CodeSystem(canonical string) (*CodeSystem, error) {
	cs, err := kept(&b.systems, "CodeSystem", canonical, ReadCodeSystem)
	if cs == nil || !names(canonical, cs.URL, cs.Version) {
		return nil, err
	}
	return cs, err
}

// ValueSet implements Library.
func (b *BaseLibrary) ValueSet(canonical string) (*ValueSet, error) {
	vs, err := kept(&b.sets, "ValueSet", canonical, b.readSet)
	if vs == nil || !names(canonical, vs.URL, vs.Version) {
		return nil, err
	}
	return vs, err
}

// ConceptMap is a map that R4 publishes, nil if there is none of that url.
func (b *BaseLibrary) ConceptMap(canonical string) (*ConceptMap, error) {
	m, err := kept(&b.maps, "ConceptMap", canonical, readMap)
	if m == nil || !names(canonical, m.URL, m.Version) {
		return nil, err
	}
	return m, err
}

// ConceptMaps are all maps that R4 publishes, by their url.
func (b *BaseLibrary) ConceptMaps() (out []*ConceptMap, err error) {
	for url := range r4.Canonicals("ConceptMap") {
		m, err := b.ConceptMap(url)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func readMap(r fhir.Resource) (*ConceptMap, error) { return ReadConceptMap(r), nil }

// readSet reads a value set of R4. One of them names a version of a code system that R4 publishes in another: that one is meant.
func (b *BaseLibrary) readSet(r fhir.Resource) (*ValueSet, error) {
	vs, err := ReadValueSet(r)
	if err != nil {
		return nil, err
	}
	for i := range vs.Include {
		c := &vs.Include[i]
		if c.Version == "" {
			continue
		}
		cs, err := b.CodeSystem(c.System)
		if err != nil {
			return nil, err
		}
		if cs != nil && cs.Whole() {
			c.Version = ""
		}
	}
	return vs, nil
}

// names reports whether a canonical url, which leads to a definition, asks for no version or for that of the definition
// (https://hl7.org/fhir/R4/references.html#canonical).
func names(canonical, url, version string) bool {
	asked, found := strings.CutPrefix(canonical, url+"|")
	return !found || asked == version
}

func kept[T any](all *sync.Map, kind, canonical string, read func(fhir.Resource) (*T, error)) (*T, error) {
	raw, ok := r4.Canonical(kind, canonical)
	if !ok {
		return nil, nil
	}
	if v, ok := all.Load(&raw[0]); ok {
		return v.(*T), nil
	}
	r, err := fhir.Parse(raw, fhir.Limits{})
	if err != nil {
		return nil, err
	}
	v, err := read(r)
	if err == nil {
		all.Store(&raw[0], v)
	}
	return v, err
}

// Both asks the first library, then the second.
func Both(first, second Library) Library { return both{first, second} }

type both struct{ first, second Library }

func (b both) CodeSystem(canonical string) (*CodeSystem, error) {
	if cs, err := b.first.CodeSystem(canonical); cs != nil || err != nil {
		return cs, err
	}
	return b.second.CodeSystem(canonical)
}

func (b both) ValueSet(canonical string) (*ValueSet, error) {
	if vs, err := b.first.ValueSet(canonical); vs != nil || err != nil {
		return vs, err
	}
	return b.second.ValueSet(canonical)
}
