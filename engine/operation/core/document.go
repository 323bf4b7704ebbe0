package core

import (
	"context"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// document is $document (https://hl7.org/fhir/R4/composition-operation-document.html): the composition and what
// a document must hold of what it refers to (https://hl7.org/fhir/R4/documents.html#content), as a Bundle; with persist that
// Bundle is stored. What is on another server stays a reference; what is missing here makes no document.
func document(now func() time.Time, newID func() string) operation.Operation {
	return operation.Operation{
		Code: "document", Definition: definition("Composition-document"), On: operation.OnInstance, Types: []string{"Composition"}, Right: access.Read,
		In: []operation.Param{{Name: "persist", Type: "boolean"}},
		Do: func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
			b, err := bundleOf(ctx, desk, c, now(), newID())
			if err != nil {
				return operation.Answer{}, err
			}
			if !c.In.True("persist") {
				return operation.Resource(b), nil
			}
			return persist(ctx, desk, b)
		},
	}
}

func persist(ctx context.Context, desk *store.Desk, b *fhir.Obj) (operation.Answer, error) {
	r, err := fhir.Parse(b.JSON(), fhir.Limits{})
	if err != nil {
		return operation.Answer{}, err
	}
	made, err := desk.Create(ctx, r)
	return operation.Answer{Body: made.Body, Made: &made.Version}, err
}

func bundleOf(ctx context.Context, desk *store.Desk, c operation.Call, at time.Time, id string) (*fhir.Obj, error) {
	first, err := desk.Read(ctx, c.Type, c.ID)
	if err != nil {
		return nil, err
	}
	r, err := first.Resource()
	if err != nil {
		return nil, err
	}
	entries, err := (&fhir.List{}).Add(entryOf(c.Base, r)), error(nil)
	for _, key := range neededBy(r, c.Base) {
		v, err := desk.Read(ctx, key.Type, key.ID)
		if fault.Is(err, fault.Unknown) || fault.Is(err, fault.Gone) {
			return nil, fault.New(fault.Unprocessable, "the composition refers to %s that is not here, so there is no whole document", fault.A(key.Type))
		}
		if err != nil {
			return nil, err
		}
		r, err := v.Resource()
		if err != nil {
			return nil, err
		}
		entries.Add(entryOf(c.Base, r))
	}
	identifier := fhir.NewObject().Set("system", "urn:ietf:rfc:3986").Set("value", "urn:uuid:"+id)
	return fhir.NewObject().Set("resourceType", "Bundle").Set("identifier", identifier).Set("type", "document").
		Set("timestamp", at.UTC().Format(fhir.InstantFormat)).Set("entry", entries), err
}

func entryOf(base string, r fhir.Resource) *fhir.Obj {
	return fhir.NewObject().Set("fullUrl", base+"/"+r.Type()+"/"+r.ID()).Set("resource", r)
}

// neededBy lists the resources of this server that a document must hold, each once, in the order of the composition.
func neededBy(r fhir.Resource, base string) []store.Key {
	n := &needs{base: base, seen: map[store.Key]bool{{Type: r.Type(), ID: r.ID()}: true}}
	n.all(r.Get("subject"), r.Get("encounter"), r.Get("custodian"))
	n.each(r.Get("author"))
	for a := range r.Get("attester").Items() {
		n.all(a.Get("party"))
	}
	for e := range r.Get("event").Items() {
		n.each(e.Get("detail"))
	}
	n.sections(r.Value)
	return n.keys
}

type needs struct {
	base string
	seen map[store.Key]bool
	keys []store.Key
}

func (n *needs) all(refs ...fhir.Value) {
	for _, v := range refs {
		ref := fhir.ParseRef(v.Get("reference").Str())
		key := store.Key{Type: ref.Type, ID: ref.ID}
		here := ref.Kind == fhir.RefRelative || ref.Kind == fhir.RefAbsolute && strings.EqualFold(ref.Base, n.base)
		if here && !n.seen[key] {
			n.seen[key] = true
			n.keys = append(n.keys, key)
		}
	}
}

func (n *needs) each(list fhir.Value) { n.all(items(list)...) }

func (n *needs) sections(of fhir.Value) {
	for s := range of.Get("section").Items() {
		n.each(s.Get("author"))
		n.all(s.Get("focus"))
		n.each(s.Get("entry"))
		n.sections(s)
	}
}
