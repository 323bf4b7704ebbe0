package proof

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/strangler/mapping"
)

// differingPath is the first element in which a resource, given the id, number and instant of a stored version, is not
// that version; "" if it is.
func differingPath(made fhir.Resource, v store.Version) string {
	want, err := fhir.Stamp(made, v.ID, strconv.FormatInt(v.Number, 10), v.Updated)
	if err != nil {
		return "meta"
	}
	if bytes.Equal(want, v.Body) {
		return ""
	}
	a, err1 := fhir.Parse(want, fhir.Limits{})
	b, err2 := fhir.Parse(v.Body, fhir.Limits{})
	if err1 != nil || err2 != nil {
		return "it is no resource"
	}
	if path := firstDifference(a.Value, b.Value, ""); path != "" {
		return path
	}
	return "the order or the spelling of its members"
}

// firstDifference is the path of the first value that differs, "" if none does.
func firstDifference(a, b fhir.Value, path string) string {
	switch {
	case a.Kind() != b.Kind():
		return at(path)
	case a.Kind() == fhir.Array:
		return firstInArray(a, b, path)
	case a.Kind() == fhir.Object:
		return firstInObject(a, b, path)
	case !bytes.Equal(a.Raw(), b.Raw()):
		return at(path)
	}
	return ""
}

func at(path string) string {
	if path == "" {
		return "the resource"
	}
	return path
}

func firstInArray(a, b fhir.Value, path string) string {
	for i := range min(a.Len(), b.Len()) {
		if p := firstDifference(a.At(i), b.At(i), fmt.Sprintf("%s[%d]", path, i)); p != "" {
			return p
		}
	}
	if a.Len() != b.Len() {
		return at(path)
	}
	return ""
}

func firstInObject(a, b fhir.Value, path string) string {
	for name, v := range a.Members() {
		if p := firstDifference(v, b.Get(name), join(path, name)); p != "" {
			return p
		}
	}
	for name := range b.Members() {
		if !a.Get(name).Exists() {
			return join(path, name)
		}
	}
	return ""
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// differingFields names the fields in which two records differ; a field that is not given is NULL.
func differingFields(a, b *mapping.Record) (names []string) {
	for name, v := range a.Values {
		if !equal(v, b.Values[name]) {
			names = append(names, name)
		}
	}
	for name, v := range b.Values {
		if _, both := a.Values[name]; !both && v != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func equal(a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// keyText shows a key of which no row is at hand, as it was shown when there was one; in hex what is none of the table's.
func (p *prover) keyText(table string, key []byte) string {
	if t := p.tables[table]; t != nil {
		if text, ok := t.KeyText(key); ok {
			return text
		}
	}
	return "0x" + hex.EncodeToString(key)
}
