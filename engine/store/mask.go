package store

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Elements that are hidden from a caller are cut out where a body leaves the desk, and searches that look at them are refused
// (sight.readable); those that he may not change are compared on each write.

// masks are the elements of a type in whatever spelling: value[x] as valueQuantity, and _valueString with what is said of it.
type masks struct {
	t        *r4.TypeInfo
	elements []string
}

func masksOf(typ string, elements []string) masks { return masks{r4.Lookup(typ), elements} }

func (m masks) has(member string) bool {
	if m.t == nil || len(m.elements) == 0 {
		return false
	}
	e := m.t.Find(strings.TrimPrefix(member, "_"))
	return e != nil && slices.Contains(m.elements, e.Name)
}

// kept refuses a new version that changes elements which are not the caller's to change.
func (o *op) kept(old, r fhir.Resource) error {
	if len(o.narrow.Keep) == 0 || !old.Exists() {
		return nil
	}
	keep := masksOf(o.typ, o.narrow.Keep)
	for _, side := range [][2]fhir.Resource{{old, r}, {r, old}} {
		for name, v := range side[0].Members() {
			if other := side[1].Get(name); keep.has(name) && (!other.Exists() || !same(v, other)) {
				return fault.New(fault.Forbidden, "the element %s of %s is not yours to change", name, o.typ)
			}
		}
	}
	return nil
}

// cut takes out of a version, and of what it contains, what is hidden from the caller, and marks it as incomplete.
func (d *Desk) cut(ctx context.Context, v Version) (Version, error) {
	if !d.p.Masked() || len(v.Body) == 0 {
		return v, nil
	}
	r, err := v.Resource()
	if err != nil {
		return v, err
	}
	sight, err := d.sight(ctx)
	if err != nil {
		return v, err
	}
	if out := sight.cut(r); out != nil {
		v.Body = out.JSON()
	}
	return v, nil
}

// cutAll is cut for a list, in place.
func (d *Desk) cutAll(ctx context.Context, list []Version) (err error) {
	for i := range list {
		if list[i], err = d.cut(ctx, list[i]); err != nil {
			return err
		}
	}
	return nil
}

// cutEach is cut for what is gone through.
func (d *Desk) cutEach(ctx context.Context, all iter.Seq2[Version, error]) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		for v, err := range all {
			if err == nil {
				v, err = d.cut(ctx, v)
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// cut is the resource less what is hidden, and less the text, which may tell it; nil if nothing is.
func (v sight) cut(r fhir.Resource) *fhir.Obj {
	hidden := masksOf(r.Type(), v.p.Roles.Hidden(r.Type()))
	out, cut := fhir.NewObject(), len(hidden.elements) > 0
	for name, x := range r.Members() {
		switch {
		case hidden.has(name) || name == "text" && len(hidden.elements) > 0:
		case name == "contained":
			list, some := v.cutContained(x)
			cut = cut || some
			out.Set(name, list)
		default:
			out.Set(name, x)
		}
	}
	if !cut {
		return nil
	}
	return out.Set("meta", Subsetted(r.Get("meta")))
}

func (v sight) cutContained(x fhir.Value) (list *fhir.List, cut bool) {
	list = &fhir.List{}
	for c := range x.Items() {
		if out := v.cut(fhir.Resource{Value: c}); out != nil {
			cut = true
			list.Add(out)
			continue
		}
		list.Add(c)
	}
	return list, cut
}

// Subsetted is meta with the tag that marks an incomplete resource.
func Subsetted(meta fhir.Value) *fhir.Obj {
	tag := fhir.NewObject().Set("system", "http://terminology.hl7.org/CodeSystem/v3-ObservationValue").Set("code", "SUBSETTED")
	tags, out := &fhir.List{}, fhir.NewObject()
	for name, v := range meta.Members() {
		out.Set(name, v)
	}
	for t := range meta.Get("tag").Items() {
		tags.Add(t)
	}
	return out.Set("tag", tags.Add(tag))
}
