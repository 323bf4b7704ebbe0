package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
)

// canonicals are the profiles, extensions, code systems, value sets and concept maps of R4 as they are, each without what only people
// read: one resource a line, sorted by url.
type canonicals struct {
	structures, terms map[string]json.RawMessage // by kind and url
}

func (c *canonicals) take(kind, url string, raw json.RawMessage) error {
	var full map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&full); err != nil {
		return err
	}
	switch kind {
	case "StructureDefinition":
		if full["derivation"] == "constraint" {
			c.structures[kind+"\t"+url] = mustJSON(slimStructure(full))
		}
	case "CodeSystem":
		c.terms[kind+"\t"+url] = mustJSON(slimCodeSystem(full))
	case "ValueSet":
		c.terms[kind+"\t"+url] = mustJSON(slimValueSet(full))
	case "ConceptMap":
		c.terms[kind+"\t"+url] = mustJSON(slimConceptMap(full))
	}
	return nil
}

// mustJSON writes what was read as JSON: it cannot fail.
func mustJSON(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

func lines(all map[string]json.RawMessage) []byte {
	var b bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(all)) {
		b.WriteString(key + "\t")
		b.Write(all[key])
		b.WriteByte('\n')
	}
	return b.Bytes()
}

// only keeps the named members.
func only(o map[string]any, names ...string) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		if v, ok := o[n]; ok {
			out[n] = v
		}
	}
	return out
}

// each slims the objects of an array.
func each(v any, slim func(map[string]any) map[string]any) []any {
	list, _ := v.([]any)
	out := make([]any, 0, len(list))
	for _, item := range list {
		if o, ok := item.(map[string]any); ok {
			out = append(out, slim(o))
		}
	}
	return out
}

func slimStructure(o map[string]any) map[string]any {
	out := only(o, "resourceType", "url", "version", "name", "status", "kind", "abstract", "context", "contextInvariant", "type", "baseDefinition", "derivation")
	snapshot, _ := o["snapshot"].(map[string]any)
	out["snapshot"] = map[string]any{"element": each(snapshot["element"], slimElement)}
	return out
}

func slimElement(o map[string]any) map[string]any {
	out := only(o, "id", "path", "sliceName", "slicing", "min", "max", "contentReference", "maxLength", "isModifier")
	for name, v := range o {
		if strings.HasPrefix(name, "fixed") || strings.HasPrefix(name, "pattern") || strings.HasPrefix(name, "minValue") || strings.HasPrefix(name, "maxValue") {
			out[name] = v
		}
	}
	if types := each(o["type"], slimType); len(types) > 0 {
		out["type"] = types
	}
	if s, ok := out["slicing"].(map[string]any); ok {
		out["slicing"] = only(s, "discriminator", "ordered", "rules")
	}
	if b, ok := o["binding"].(map[string]any); ok && b["strength"] != "example" {
		out["binding"] = only(b, "strength", "valueSet")
	}
	if own := slices.DeleteFunc(each(o["constraint"], slimConstraint), everywhere); len(own) > 0 {
		out["constraint"] = own
	}
	return out
}

func slimType(o map[string]any) map[string]any {
	return only(o, "code", "profile", "targetProfile", "aggregation")
}

func slimConstraint(o map[string]any) map[string]any {
	return only(o, "key", "severity", "human", "expression")
}

// everywhere are the invariants that every element or resource has: the table of types has them.
func everywhere(v any) bool {
	key, _ := v.(map[string]any)["key"].(string)
	return key == "ele-1" || key == "ext-1" || strings.HasPrefix(key, "dom-")
}

func slimCodeSystem(o map[string]any) map[string]any {
	out := only(o, "resourceType", "url", "version", "name", "status", "caseSensitive", "valueSet", "hierarchyMeaning", "content", "filter")
	if p := each(o["property"], func(o map[string]any) map[string]any { return only(o, "code", "uri", "type") }); len(p) > 0 {
		out["property"] = p
	}
	if c := each(o["concept"], slimConcept); len(c) > 0 {
		out["concept"] = c
	}
	return out
}

// currencies makes a code system of those that the published expansion has: R4 binds to ISO 4217 and publishes no more of it. It
// is a fragment, because ISO adds to the list.
func (d *definitions) currencies() {
	const url = "urn:iso:std:iso:4217"
	var concepts []any
	for _, c := range d.expansions["http://hl7.org/fhir/ValueSet/currencies"].Expansion.Contains {
		concepts = append(concepts, map[string]any{"code": c.Code, "display": c.Display})
	}
	d.terms["CodeSystem\t"+url] = mustJSON(map[string]any{
		"resourceType": "CodeSystem", "url": url, "name": "ISO4217", "status": "active", "caseSensitive": true, "content": "fragment", "concept": concepts,
	})
}

func slimConcept(o map[string]any) map[string]any {
	out := only(o, "code", "display", "property")
	if c := each(o["concept"], slimConcept); len(c) > 0 {
		out["concept"] = c
	}
	return out
}

func slimValueSet(o map[string]any) map[string]any {
	out := only(o, "resourceType", "url", "version", "name", "status", "immutable")
	if c, ok := o["compose"].(map[string]any); ok {
		slim := only(c, "lockedDate", "inactive")
		for _, part := range []string{"include", "exclude"} {
			if list := each(c[part], slimInclude); len(list) > 0 {
				slim[part] = list
			}
		}
		out["compose"] = slim
	}
	return out
}

func slimInclude(o map[string]any) map[string]any {
	out := only(o, "system", "version", "filter", "valueSet")
	if c := each(o["concept"], func(o map[string]any) map[string]any { return only(o, "code", "display") }); len(c) > 0 {
		out["concept"] = c
	}
	return out
}

func slimConceptMap(o map[string]any) map[string]any {
	out := only(o, "resourceType", "url", "version", "name", "status", "sourceUri", "sourceCanonical", "targetUri", "targetCanonical")
	out["group"] = each(o["group"], func(g map[string]any) map[string]any {
		slim := only(g, "source", "sourceVersion", "target", "targetVersion", "unmapped")
		slim["element"] = each(g["element"], slimMapping)
		return slim
	})
	return out
}

func slimMapping(o map[string]any) map[string]any {
	out := only(o, "code", "display")
	if t := each(o["target"], func(o map[string]any) map[string]any {
		return only(o, "code", "display", "equivalence", "dependsOn", "product")
	}); len(t) > 0 {
		out["target"] = t
	}
	return out
}

// packed compresses; the same text gives the same bytes with the same release of Go.
func packed(text []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(text)
	}
	if err = cmp.Or(err, z.Close()); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

// unpacked undoes packed, so that another release of Go, which may compress otherwise, shows no difference.
func unpacked(b []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return b
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return b
	}
	return text
}
