package r4

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed tables/structures.ndjson.gz
var structuresPacked []byte

//go:embed tables/terms.ndjson.gz
var termsPacked []byte

// Canonical is a definition that R4 publishes, as JSON without what only people read: a "StructureDefinition" that is a
// profile or an extension (with its snapshot), a "CodeSystem", a "ValueSet" (its compose) or a "ConceptMap". A version behind | is
// ignored where it is no part of the url. The bytes must not be changed. The first call for a kind unpacks a few megabytes, which stay.
func Canonical(kind, url string) (raw []byte, ok bool) {
	all := canonicalsOf(kind)
	if raw, ok = all[url]; ok {
		return raw, true // a few tables of version 2 have their version in their url
	}
	url, _, _ = strings.Cut(url, "|")
	raw, ok = all[url]
	return raw, ok
}

// Canonicals yields the url of each definition of that kind, sorted.
func Canonicals(kind string) iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(canonicalsOf(kind))))
}

func canonicalsOf(kind string) map[string][]byte {
	switch kind {
	case "StructureDefinition":
		return structureLines()
	case "CodeSystem":
		return termLines().codeSystems
	case "ValueSet":
		return termLines().valueSets
	case "ConceptMap":
		return termLines().conceptMaps
	}
	return nil
}

var structureLines = sync.OnceValue(func() map[string][]byte { return byURL(unpack(structuresPacked), "StructureDefinition") })

type termTables struct{ codeSystems, valueSets, conceptMaps map[string][]byte }

var termLines = sync.OnceValue(func() termTables {
	text := unpack(termsPacked)
	return termTables{byURL(text, "CodeSystem"), byURL(text, "ValueSet"), byURL(text, "ConceptMap")}
})

// unpack reads a table of the program: that it can be read is shown by the tests of the package.
func unpack(packed []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil
	}
	return text
}

// byURL finds the definitions of one kind.
func byURL(text []byte, kind string) map[string][]byte {
	all := map[string][]byte{}
	for line := range bytes.Lines(text) {
		rest, found := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\n")), []byte(kind+"\t"))
		if url, raw, ok := bytes.Cut(rest, []byte("\t")); found && ok {
			all[string(url)] = raw
		}
	}
	return all
}
