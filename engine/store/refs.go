package store

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// ref is a literal reference in a resource, with its place.
type ref struct {
	fhir.Ref
	value fhir.Value // the JSON string
}

// refsOf finds every Reference.reference in the resource, contained resources
// included. No other element of R4 that is called "reference" holds a string of
// the forms that count here (relative, absolute to this server, urn, conditional).
// What a stored bundle or a Parameters holds are resources of their own world,
// whose references mean each other; they are left alone.
func refsOf(r fhir.Resource, own string) []ref {
	inner := innerWorld(r.Type())
	var out []ref
	for name, m := range r.Members() {
		if inner == "" || name != inner {
			out = appendRefs(out, m, own)
		}
	}
	return out
}

// innerWorld is the member of a resource that holds resources of their own.
func innerWorld(typ string) string {
	return map[string]string{"Bundle": "entry", "Parameters": "parameter"}[typ]
}

func appendRefs(out []ref, v fhir.Value, own string) []ref {
	switch v.Kind() {
	case fhir.Object:
		for name, m := range v.Members() {
			if name == "reference" && m.Kind() == fhir.String {
				out = append(out, ref{localRef(m.Str(), own), m})
				continue
			}
			out = appendRefs(out, m, own)
		}
	case fhir.Array:
		for item := range v.Items() {
			out = appendRefs(out, item, own)
		}
	}
	return out
}

// localRef reads a reference and takes one that is absolute to this server for a relative one.
func localRef(s, own string) fhir.Ref {
	r := fhir.ParseRef(s)
	if r.Kind == fhir.RefAbsolute && own != "" && r.Base == own {
		r.Kind = fhir.RefRelative
	}
	return r
}

// targetForm is the one form in which what a reference means is compared and stored: Type/id for a resource of this
// server, however it was written; the text as it came for anything else.
func targetForm(r fhir.Ref, own string) fhir.Ref {
	if r = localRef(r.Text, own); r.Kind != fhir.RefRelative {
		return r
	}
	return fhir.Ref{Kind: fhir.RefRelative, Type: r.Type, ID: r.ID, Text: r.Type + "/" + r.ID}
}

// here reports whether a row points at a resource of this server. It is a row of ix_ref then; else a token (foreign) of the
// target's text: so it is written, dropped, checked and searched for.
func here(r index.RefRow) bool {
	_, known := typeIndex(r.Target.Type)
	return known && r.Target.Kind == fhir.RefRelative && !r.Inline
}

// identityOf names the resource of this server that a row points at.
func identityOf(tenant int32, r index.RefRow) identity {
	i, _ := typeIndex(r.Target.Type)
	return identity{tenant, i, r.Target.ID}
}
