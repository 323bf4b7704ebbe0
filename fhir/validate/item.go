package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
)

// item is one value of an element.
type item struct {
	v, beside fhir.Value // beside: id and extensions of a primitive
	t         *r4.TypeInfo
	e         *r4.Element
	index     int // in an array, -1 outside
}

func (it item) node() path.Node { return path.At(it.v, it.beside, it.t, it.e) }

// at is a value of the item that has a place in the document.
func (it item) at() fhir.Value {
	if it.v.Exists() && it.v.Kind() != fhir.Null {
		return it.v
	}
	return it.beside
}

// object holds the members of the item: of a primitive, those beside it.
func (it item) object() fhir.Value {
	if it.v.Kind() == fhir.Object {
		return it.v
	}
	return it.beside
}

// under enters the place of an item, to be left by pop.
func (p *pass) under(it item) {
	p.push(it.e.Name)
	if it.index >= 0 {
		p.walk.index(it.index)
	}
}

// items are the values of an element of it: "name", "value[x]", "valueQuantity".
func (p *pass) items(it item, name string) []item {
	if it.t == nil {
		return nil
	}
	if stem, choice := strings.CutSuffix(name, "[x]"); choice {
		return p.choice(it, stem)
	}
	e := it.t.Find(name)
	if e == nil {
		return p.choice(it, name)
	}
	return p.values(it.object(), e)
}

func (p *pass) choice(it item, stem string) []item {
	for i := range it.t.Choices(stem) {
		e := &it.t.Choices(stem)[i]
		if out := p.values(it.object(), e); out != nil {
			return out
		}
	}
	return nil
}

func (p *pass) values(object fhir.Value, e *r4.Element) []item {
	v := object.Get(e.JSON)
	var beside fhir.Value
	t := p.typeOf(e)
	if t.Kind == r4.Primitive {
		beside = sibling(object, e.JSON)
	}
	if !v.Exists() && !beside.Exists() {
		return nil
	}
	if v.Kind() != fhir.Array && beside.Kind() != fhir.Array {
		return []item{{v, beside, actual(t, v), e, -1}}
	}
	var out []item
	a, b := v.Cursor(), beside.Cursor()
	for i := 0; ; i++ {
		x, y := a.Next(), b.Next()
		if !x.Exists() && !y.Exists() {
			return out
		}
		if y.Kind() == fhir.Null {
			y = fhir.Value{}
		}
		out = append(out, item{x, y, actual(t, x), e, i})
	}
}

// actual is the type of a resource where the element says no more than that it is one.
func actual(t *r4.TypeInfo, v fhir.Value) *r4.TypeInfo {
	if t.Name == "Resource" {
		if named := r4.Lookup(v.Get("resourceType").Str()); named != nil {
			return named
		}
	}
	return t
}
