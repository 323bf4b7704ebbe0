package index

import (
	"encoding/hex"
	"regexp"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/fhir/r4"
)

// Codes are stored hashed, so their rows have no order. Those of a token parameter that looks at codes alone are listed
// (Rows.Codes), once for all resources that have them: whoever wants its order goes through the list, and looks up who has each.
// Identifiers, telephone numbers and addresses of mail are not listed. Nearly each of them is another, so the list would
// be as long as the resources are many, and would show in the clear what the rows show as hashes only.

// Listed reports whether the codes of a parameter are listed.
func Listed(resourceType string, p r4.Param) bool {
	return listable(resourceType, p) && Instead(resourceType, p.Key()) == nil
}

// listable leaves out what is walked by its closed list.
func listable(resourceType string, p r4.Param) bool {
	if p.Type != "token" || ClosedCodes(resourceType, p) != nil {
		return false
	}
	branches, err := compile(p.On(resourceType))
	return err == nil && len(branches) > 0 && !slices.ContainsFunc(texts(branches), func(b string) bool { return !coded(resourceType, b) })
}

var (
	codedTypes = []string{"code", "Coding", "CodeableConcept"}
	cast       = regexp.MustCompile(`^(?:\(([A-Za-z.]+) as ([A-Za-z]+)\)|([A-Za-z.]+)\.(?:as|ofType)\(([A-Za-z]+)\))$`)
)

// coded reports whether an expression leads to nothing but codes.
func coded(resourceType, expression string) bool {
	if m := cast.FindStringSubmatch(expression); m != nil {
		return slices.Contains(codedTypes, m[2]+m[4])
	}
	way := along(resourceType, expression)
	return len(way) > 0 && !slices.ContainsFunc(way[len(way)-1].Types, func(t string) bool { return !slices.Contains(codedTypes, t) })
}

// list notes a code that has the key.
func (e *emitter) list(p *param, key int64, code string) {
	e.coded = true
	e.rows.Codes = append(e.rows.Codes, Value{e.h.key(p.prefix, "c"), key, listedText(code)})
}

// unlisted adds the row of a resource that has a value but no code, like a text alone.
func (e *emitter) unlisted(p *param) {
	if p.listed && !e.coded {
		e.add(e.h.key(p.prefix, "c", ""))
	}
}

// Codes is the key of the list of a parameter's codes.
func (h Hasher) Codes(resourceType, paramCode string) int64 {
	return h.Key(resourceType, paramCode, "c")
}

// NoCode is the key of the rows of those that have a value under a listed parameter but no code.
func (h Hasher) NoCode(resourceType, paramCode string) int64 {
	return h.Key(resourceType, paramCode, "c", "")
}

// listedText stands for a code in its list. Of a long one it is the beginning, and a sum that tells it from others.
func listedText(code string) string {
	if len(code) <= MaxString {
		return code
	}
	sum := xxh3.HashString128(code).Bytes()
	return cut(code, MaxString-2*len(sum)) + hex.EncodeToString(sum[:])
}
