package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// definitions is what the tables are made from.
type definitions struct {
	structures   []*structure            // sorted by name
	params       []*searchParameter      // sorted by url
	compartments []*compartment          // sorted by code
	valueSets    map[string]*valueSet    // by url
	codeSystems  map[string]*codeSystem  // by url
	expansions   map[string]*expandedSet // by url
	canonicals
}

// bundles of the examples package that hold definitions.
var bundles = []string{
	"Bundle-types.json", "Bundle-resources.json", "Bundle-searchParams.json",
	"Bundle-valuesets.json", "Bundle-v2-valuesets.json", "Bundle-v3-valuesets.json",
	"Bundle-extensions.json", "Bundle-profiles-others.json",
}

func load(data string) (*definitions, error) {
	d := &definitions{valueSets: map[string]*valueSet{}, codeSystems: map[string]*codeSystem{}, expansions: map[string]*expandedSet{}}
	d.canonicals = canonicals{map[string]json.RawMessage{}, map[string]json.RawMessage{}}
	err := errors.Join(
		eachFile(filepath.Join(data, "fhir-r4-examples", "hl7.fhir.r4.examples-4.0.1.tgz"), d.examplesFile),
		eachFile(filepath.Join(data, "fhir-r4-definitions", "hl7.fhir.r4.expansions-4.0.1.tgz"), d.expansionsFile),
	)
	if err != nil {
		return nil, err
	}
	d.currencies()
	slices.SortFunc(d.structures, func(a, b *structure) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(d.params, func(a, b *searchParameter) int { return strings.Compare(a.URL, b.URL) })
	slices.SortFunc(d.compartments, func(a, b *compartment) int { return strings.Compare(a.Code, b.Code) })
	return d, nil
}

// eachFile calls take for each file of a gzipped tar.
func eachFile(name string, take func(name string, r io.Reader) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	zipped, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for t := tar.NewReader(zipped); ; {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = take(path.Base(h.Name), t)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// isMap matches the concept maps of the standard itself (cm-: to codes of HL7 version 2 and 3, sc-: to resource-status); the
// others in that folder are examples.
func isMap(name string) bool {
	return strings.HasPrefix(name, "ConceptMap-cm-") || strings.HasPrefix(name, "ConceptMap-sc-")
}

func (d *definitions) examplesFile(name string, r io.Reader) error {
	if isMap(name) {
		return d.one(name, r)
	}
	if !slices.Contains(bundles, name) {
		return nil
	}
	var b struct {
		Entry []struct{ Resource json.RawMessage }
	}
	if err := json.NewDecoder(r).Decode(&b); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for i, e := range b.Entry {
		if err := d.resource(e.Resource); err != nil {
			return fmt.Errorf("%s: entry %d: %w", name, i, err)
		}
	}
	return nil
}

// one reads a file that holds a single definition.
func (d *definitions) one(name string, r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err == nil {
		err = d.resource(raw)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (d *definitions) expansionsFile(name string, r io.Reader) error {
	if !strings.HasPrefix(name, "ValueSet-") || !strings.HasSuffix(name, ".json") {
		return nil
	}
	var v expandedSet
	if err := json.NewDecoder(r).Decode(&v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	d.expansions[v.URL] = &v
	return nil
}

func (d *definitions) resource(raw json.RawMessage) error {
	var head struct{ ResourceType, URL string }
	if err := json.Unmarshal(raw, &head); err != nil {
		return err
	}
	if err := d.take(head.ResourceType, head.URL, raw); err != nil {
		return err
	}
	switch head.ResourceType {
	case "StructureDefinition":
		return appendTo(&d.structures, raw)
	case "SearchParameter":
		return appendTo(&d.params, raw)
	case "CompartmentDefinition":
		return appendTo(&d.compartments, raw)
	case "ValueSet":
		return putIn(d.valueSets, head.URL, raw)
	case "CodeSystem":
		return putIn(d.codeSystems, head.URL, raw)
	}
	return nil
}

func appendTo[T any](list *[]*T, raw json.RawMessage) error {
	v := new(T)
	*list = append(*list, v)
	return json.Unmarshal(raw, v)
}

func putIn[T any](m map[string]*T, key string, raw json.RawMessage) error {
	v := new(T)
	m[key] = v
	return json.Unmarshal(raw, v)
}
