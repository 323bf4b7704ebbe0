package core

import (
	"context"
	"strconv"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// labels are the parts of meta that belong to whoever writes a resource; the rest is the server's.
var labels = [...]string{"profile", "security", "tag"}

// meta is $meta of one resource or version (https://hl7.org/fhir/R4/resource-operation-meta.html).
// Of a type, or of all, it tells the profiles, security labels and tags that current resources have.
func meta() operation.Operation {
	return operation.Operation{
		Code: "meta", Definition: definition("Resource-meta"), On: operation.OnSystem | operation.OnType | operation.OnInstance | operation.OnVersion,
		Types: []string{"Resource"}, Right: access.Read,
		Do: func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
			if c.ID == "" {
				return metaInUse(ctx, desk, c.Type)
			}
			v, err := read(ctx, desk, c)
			if err != nil {
				return operation.Answer{}, err
			}
			return metaOf(v.Body)
		},
	}
}

// metaInUse is what all resources of a type have, or, without one, all there are. That these are not all says an OperationOutcome beside them.
func metaInUse(ctx context.Context, desk *store.Desk, typ string) (operation.Answer, error) {
	found, err := desk.Labels(ctx, typ)
	if err != nil {
		return operation.Answer{}, err
	}
	out := &fhir.List{}
	if meta := metaWith(found.List); meta.Len() > 0 { // FHIR has no empty objects
		out.Add(fhir.NewObject().Set("name", "return").Set("valueMeta", meta))
	}
	if len(found.Warnings) > 0 {
		out.Add(fhir.NewObject().Set("name", "outcome").Set("resource", fhir.Outcome("warning", found.Warnings...)))
	}
	return parameters(out), nil
}

func metaWith(list []store.Label) *fhir.Obj {
	meta := fhir.NewObject()
	for _, name := range labels {
		part := &fhir.List{}
		for _, l := range list {
			if l.Element == name {
				part.Add(valueOf(l))
			}
		}
		if len(part.Items) > 0 {
			meta.Set(name, part)
		}
	}
	return meta
}

// valueOf is a label as it stands in meta.
func valueOf(l store.Label) any {
	if l.Element == "profile" {
		return l.Code
	}
	coding := fhir.NewObject()
	if l.System != "" {
		coding.Set("system", l.System)
	}
	return coding.Set("code", l.Code)
}

func read(ctx context.Context, desk *store.Desk, c operation.Call) (store.Version, error) {
	if c.Level == operation.OnVersion {
		return desk.VRead(ctx, c.Type, c.ID, c.Version)
	}
	return desk.Read(ctx, c.Type, c.ID)
}

func metaOf(body []byte) (operation.Answer, error) {
	r, err := fhir.Parse(body, fhir.Limits{})
	if err != nil {
		return operation.Answer{}, err
	}
	return metaAnswer(r.Get("meta"))
}

func metaAnswer(meta any) (operation.Answer, error) {
	return parameters((&fhir.List{}).Add(fhir.NewObject().Set("name", "return").Set("valueMeta", meta))), nil
}

func parameters(list *fhir.List) operation.Answer {
	out := fhir.NewObject().Set("resourceType", "Parameters")
	if len(list.Items) > 0 {
		out.Set("parameter", list)
	}
	return operation.Resource(out)
}

// metaAdd is $meta-add (https://hl7.org/fhir/R4/resource-operation-meta-add.html). It makes a
// new version, because a version never changes; what is there already makes none.
func metaAdd() operation.Operation { return metaChange("meta-add", add) }

// metaDelete is $meta-delete (https://hl7.org/fhir/R4/resource-operation-meta-delete.html), with a new version as well.
func metaDelete() operation.Operation { return metaChange("meta-delete", remove) }

func metaChange(code string, change func(have, given []fhir.Value) []fhir.Value) operation.Operation {
	return operation.Operation{
		Code: code, Definition: definition("Resource-" + code), On: operation.OnInstance, Types: []string{"Resource"}, Changes: true, Right: access.Update,
		In: []operation.Param{{Name: "meta", Type: "Meta", Required: true}},
		Do: func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
			return relabel(ctx, desk, c, change)
		},
	}
}

// attempts bounds how often a change is tried again because the resource has changed meanwhile.
const attempts = 5

func relabel(ctx context.Context, desk *store.Desk, c operation.Call, change func(have, given []fhir.Value) []fhir.Value) (operation.Answer, error) {
	given := c.In.Value("meta")
	for i := 1; ; i++ {
		v, err := desk.Read(ctx, c.Type, c.ID)
		if err != nil {
			return operation.Answer{}, err
		}
		next, changed, err := relabelled(v.Body, given, change)
		if err != nil {
			return operation.Answer{}, err
		}
		if !changed {
			return metaOf(v.Body)
		}
		done, err := desk.Update(ctx, next, store.IfMatch(strconv.FormatInt(v.Number, 10)))
		if err == nil {
			return metaOf(done.Body)
		}
		if !fault.Is(err, fault.Stale) || i == attempts {
			return operation.Answer{}, err
		}
	}
}

// relabelled is the resource with other labels.
func relabelled(body []byte, given fhir.Value, change func(have, given []fhir.Value) []fhir.Value) (r fhir.Resource, changed bool, err error) {
	if r, err = fhir.Parse(body, fhir.Limits{}); err != nil {
		return r, false, err
	}
	old, out := r.Get("meta"), fhir.NewObject()
	for name, v := range old.Members() {
		out.Set(name, v)
	}
	for _, name := range labels {
		have := items(old.Get(name))
		list := change(have, items(given.Get(name)))
		if len(list) != len(have) {
			changed = true
			out = with(out, name, list)
		}
	}
	if !changed {
		return r, false, nil
	}
	whole := fhir.NewObject()
	for name, v := range r.Members() {
		whole.Set(name, v)
	}
	r, err = fhir.Parse(whole.Set("meta", out).JSON(), fhir.Limits{})
	return r, true, err
}

// with sets a list, or leaves the member out where the list is empty.
func with(o *fhir.Obj, name string, list []fhir.Value) *fhir.Obj {
	if len(list) > 0 {
		l := &fhir.List{}
		for _, v := range list {
			l.Add(v)
		}
		return o.Set(name, l)
	}
	out := fhir.NewObject()
	for _, n := range o.Names() {
		if n != name {
			out.Set(n, o.Get(n))
		}
	}
	return out
}

func items(v fhir.Value) (list []fhir.Value) {
	for item := range v.Items() {
		list = append(list, item)
	}
	return list
}

// add appends what is not there yet.
func add(have, given []fhir.Value) []fhir.Value {
	there, out := labelsOf(have), have[:len(have):len(have)]
	for _, g := range given {
		if l := labelOf(g); !there[l] {
			there[l] = true
			out = append(out, g)
		}
	}
	return out
}

// remove leaves out what is the same.
func remove(have, given []fhir.Value) (left []fhir.Value) {
	gone := labelsOf(given)
	for _, h := range have {
		if !gone[labelOf(h)] {
			left = append(left, h)
		}
	}
	return left
}

// label is what tells one from another: of a coding system and code, of a profile its text.
type label struct {
	profile      bool
	system, code string
}

func labelOf(v fhir.Value) label {
	if v.Kind() == fhir.String {
		return label{profile: true, code: v.Str()}
	}
	return label{system: v.Get("system").Str(), code: v.Get("code").Str()}
}

func labelsOf(list []fhir.Value) map[label]bool {
	out := make(map[label]bool, len(list))
	for _, v := range list {
		out[labelOf(v)] = true
	}
	return out
}
