package fhir

import (
	"time"

	"github.com/ficushealth/ficus/fault"
)

// Resource is a Value that is an object with a resourceType.
type Resource struct{ Value }

// Parse reads one resource. Faults: as ParseValue, and Invalid if the document
// is no object or names no resourceType. Whether the type exists is not asked.
func Parse(b []byte, lim Limits) (Resource, error) {
	v, err := ParseValue(b, lim)
	if err != nil {
		return Resource{}, err
	}
	return AsResource(v)
}

// ParseFrom is Parse for JSON that was made of another form. place tells for a byte of b where
// it stands there, and so Pos of the values does. What is no JSON is told of b.
func ParseFrom(b []byte, lim Limits, place func(at int) (line, col int)) (Resource, error) {
	r, err := Parse(b, lim)
	if err == nil {
		r.d.place = place
	}
	return r, err
}

// AsResource takes a value inside a document, such as a bundle's entry, for a resource.
func AsResource(v Value) (Resource, error) {
	if v.Kind() != Object {
		return Resource{}, misshapen(v, "invalid", "a resource must be a JSON object")
	}
	if t := v.Get("resourceType"); t.Kind() != String || t.Str() == "" {
		return Resource{}, misshapen(v, "required", "a resource must name its resourceType")
	}
	return Resource{v}, nil
}

func misshapen(v Value, code, text string) error {
	line, col := v.Pos()
	return fault.At(fault.Invalid, fault.Issue{Code: code, Text: text, Line: line, Col: col})
}

// Type is the resourceType.
func (r Resource) Type() string { return r.Get("resourceType").Str() }

// ID is the logical id, empty if there is none.
func (r Resource) ID() string { return r.Get("id").Str() }

// Meta is what the server writes into a resource.
type Meta struct{ VersionID, LastUpdated string }

// Meta reads versionId and lastUpdated, empty where absent.
func (r Resource) Meta() Meta {
	m := r.Get("meta")
	return Meta{m.Get("versionId").Str(), m.Get("lastUpdated").Str()}
}

// InstantFormat is how Ficus writes an instant: UTC, microseconds, always the same width.
const InstantFormat = "2006-01-02T15:04:05.000000Z"

// Stamp returns r's bytes with id, meta.versionId and meta.lastUpdated written
// in; every other byte stays. Faults: Invalid if meta is no object.
func Stamp(r Resource, id, version string, updated time.Time) ([]byte, error) {
	edits := make([]Edit, 0, 4)
	edits = append(edits, r.setMember(r.Value, "id", AppendString(nil, id)))
	meta := r.Get("meta")
	if meta.Exists() && meta.Kind() != Object {
		return nil, misshapen(meta, "structure", "meta must be an object")
	}
	v, t := AppendString(nil, version), AppendString(nil, updated.UTC().Format(InstantFormat))
	if meta.Len() == 0 {
		whole := append(append(append([]byte(`{"versionId":`), v...), `,"lastUpdated":`...), t...)
		edits = append(edits, r.setMember(r.Value, "meta", append(whole, '}')))
	} else {
		edits = append(edits, r.setMember(meta, "versionId", v), r.setMember(meta, "lastUpdated", t))
	}
	return Splice(r.Raw(), edits), nil
}

// setMember is the edit that gives the object the member: in place if it has
// it, else behind resourceType, or as its first member. The object has members.
func (r Resource) setMember(object Value, name string, value []byte) Edit {
	if old := object.Get(name); old.Exists() {
		start, end := old.Span(r.Value)
		return Edit{start, end, value}
	}
	member := append(append(AppendString(nil, name), ':'), value...)
	if t := object.Get("resourceType"); t.Exists() {
		_, end := t.Span(r.Value)
		return Edit{end, end, append([]byte{','}, member...)}
	}
	start, _ := object.Span(r.Value)
	return Edit{start + 1, start + 1, append(member, ',')}
}
