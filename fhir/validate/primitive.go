package validate

import (
	"sync"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// form is how a primitive type is written (https://hl7.org/fhir/R4/datatypes.html).
type form struct {
	kind fhir.Kind
	is   func(fhir.Value) bool // nil: the kind is all there is to check
	want string
}

// primitive checks the JSON kind and the form of a primitive value, and its code if it is bound.
func (w *walk) primitive(e *r4.Element, t *r4.TypeInfo, v fhir.Value) {
	f := &forms()[t.ID]
	switch {
	case v.Kind() != f.kind:
		w.say("structure", v, "%s is a JSON %s", fault.A(t.Name), kindName(f.kind))
	case f.kind == fhir.String && len(v.Raw()) == 2:
		w.say("value", v, "a string must not be empty: leave the member out")
	case f.is != nil && !f.is(v):
		w.say("value", v, "not a valid %s: %s", t.Name, f.want)
	case e.Codes() != nil:
		w.code(e, v, v.Str())
	case w.rules:
		w.beyondForm(e, t, v)
	}
}

// beyondForm checks what is asked of a primitive beyond its form.
func (w *walk) beyondForm(e *r4.Element, t *r4.TypeInfo, v fhir.Value) {
	if raw := v.Raw(); len(raw) > 2 && raw[1] == '#' && points(t) {
		w.pointsInside(v.Str()[1:])
	}
	switch {
	case t.Name == "xhtml":
		w.narrative(v)
	case len(e.Rules) > 0:
		w.elementRules(e, t, v, fhir.Value{})
	}
}

// points says which primitives may name a contained resource (dom-3).
func points(t *r4.TypeInfo) bool { return t.Name == "canonical" || t.Name == "uri" || t.Name == "url" }

func kindName(k fhir.Kind) string {
	switch k {
	case fhir.Bool:
		return "boolean"
	case fhir.Number:
		return "number"
	}
	return "string"
}

// forms is indexed by type id.
var forms = sync.OnceValue(func() []form {
	all := make([]form, len(r4.Types())+1)
	for name, f := range formsByName() {
		all[r4.Lookup(name).ID] = f
	}
	return all
})

func formsByName() map[string]form {
	return map[string]form{
		"base64Binary": {fhir.String, text(isBase64), "groups of four base64 characters, padded with = at the end"},
		"boolean":      {fhir.Bool, nil, ""},
		"canonical":    {fhir.String, text(isURI), "no white space"},
		"code":         {fhir.String, text(isCode), "no white space at the ends, and single blanks inside"},
		"date":         {fhir.String, text(isRealDate), "YYYY, YYYY-MM or YYYY-MM-DD"},
		"dateTime":     {fhir.String, text(isRealDateTime), "YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss+zz:zz"},
		"decimal":      {fhir.Number, nil, ""},
		"id":           {fhir.String, text(fhir.IsID), "1 to 64 letters, digits, - and ."},
		"instant":      {fhir.String, text(isRealInstant), "YYYY-MM-DDThh:mm:ss.sss+zz:zz"},
		"integer":      {fhir.Number, text(isInteger), "a whole number of 32 bits"},
		"markdown":     {fhir.String, isString, "at most 1048576 characters"},
		"oid":          {fhir.String, text(isOID), "urn:oid: and numbers with dots between"},
		"positiveInt":  {fhir.Number, text(isPositiveInt), "a whole number of 31 bits from 1"},
		"string":       {fhir.String, isString, "at most 1048576 characters"},
		"time":         {fhir.String, text(isTime), "hh:mm:ss"},
		"unsignedInt":  {fhir.Number, text(isUnsignedInt), "a whole number of 31 bits from 0"},
		"uri":          {fhir.String, text(isURI), "no white space"},
		"url":          {fhir.String, text(isURI), "no white space"},
		"uuid":         {fhir.String, text(isUUID), "urn:uuid: and a UUID in lower case"},
		"xhtml":        {fhir.String, isDiv, "one div element"},
	}
}

// text makes a check of a text a check of a value.
func text(is func(string) bool) func(fhir.Value) bool {
	return func(v fhir.Value) bool { return is(v.Str()) }
}
