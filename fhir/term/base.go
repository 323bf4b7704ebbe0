package term

import (
	"sync"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Base is the library of what R4 itself publishes. Each definition is read when first asked for, and kept.
func Base() *BaseLibrary { return base() }

var base = sync.OnceValue(func() *BaseLibrary { return &BaseLibrary{} })

// BaseLibrary is safe for concurrent use. Its definitions share the tables of the program.
type BaseLibrary struct{ systems, sets sync.Map }

// CodeSystem implements Library.
func (b *BaseLibrary) CodeSystem(canonical string) (*CodeSystem, error) {
	return kept(&b.systems, "CodeSystem", canonical, ReadCodeSystem)
}

// ValueSet implements Library.
func (b *BaseLibrary) ValueSet(canonical string) (*ValueSet, error) {
	return kept(&b.sets, "ValueSet", canonical, ReadValueSet)
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
