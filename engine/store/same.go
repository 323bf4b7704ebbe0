package store

import (
	"bytes"

	"github.com/ficushealth/ficus/fhir"
)

// SameContent reports whether a new body says what the old one says: the same members in any order, numbers digit by digit.
// The id and what the server itself writes into meta do not count.
func SameContent(a, b fhir.Resource) bool {
	return sameMembers(a.Value, b.Value, "id", "meta") && sameMembers(a.Get("meta"), b.Get("meta"), "versionId", "lastUpdated")
}

// sameMembers compares objects but for two members; an object that is absent is one without members.
func sameMembers(a, b fhir.Value, without ...string) bool {
	if !objectOrAbsent(a) || !objectOrAbsent(b) || counted(a, without) != counted(b, without) {
		return false
	}
	next := b.Cursor() // members mostly stand in the same order
	for c := a.Cursor(); ; {
		x := c.Next()
		if !x.Exists() {
			return true
		}
		if left(x.Name(), without) {
			continue
		}
		y := next.Next()
		for y.Exists() && left(y.Name(), without) {
			y = next.Next()
		}
		if y.Name() != x.Name() {
			y = b.Get(x.Name())
		}
		if !same(x, y) {
			return false
		}
	}
}

func objectOrAbsent(v fhir.Value) bool { return !v.Exists() || v.Kind() == fhir.Object }

func left(name string, without []string) bool {
	for _, w := range without {
		if name == w {
			return true
		}
	}
	return false
}

func counted(v fhir.Value, without []string) int {
	n := v.Len()
	for _, w := range without {
		if v.Get(w).Exists() {
			n--
		}
	}
	return n
}

func same(a, b fhir.Value) bool {
	if a.Kind() != b.Kind() {
		return false
	}
	if bytes.Equal(a.Raw(), b.Raw()) {
		return true
	}
	switch a.Kind() {
	case fhir.Object:
		return sameMembers(a, b)
	case fhir.Array:
		return sameItems(a, b)
	case fhir.String:
		return a.Str() == b.Str()
	}
	return false
}

func sameItems(a, b fhir.Value) bool {
	x, y := a.Cursor(), b.Cursor()
	for {
		i, j := x.Next(), y.Next()
		if !i.Exists() || !j.Exists() {
			return !i.Exists() && !j.Exists()
		}
		if !same(i, j) {
			return false
		}
	}
}
