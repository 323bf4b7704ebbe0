package patch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

func resource(t testing.TB, doc string) fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(doc), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestWhatIsNotTouchedKeepsItsBytes: order, digits and white space of the rest stay.
func TestWhatIsNotTouchedKeepsItsBytes(t *testing.T) {
	const doc = `{"resourceType":"Observation", "valueQuantity":{ "value" : 1.50, "unit":"mg" },"status":"final","component":[{"valueQuantity":{"value":1e3}}]}`
	for _, c := range []struct{ patch, want string }{
		{`[]`, doc},
		{`[{"op":"replace","path":"/status","value":"amended"}]`,
			`{"resourceType":"Observation","valueQuantity":{ "value" : 1.50, "unit":"mg" },"status":"amended","component":[{"valueQuantity":{"value":1e3}}]}`},
		{`[{"op":"test","path":"/valueQuantity","value":{"unit":"mg","value":1.5}},{"op":"copy","from":"/valueQuantity/value","path":"/component/0/valueQuantity/value"}]`,
			`{"resourceType":"Observation","valueQuantity":{"value":1.50,"unit":"mg"},"status":"final","component":[{"valueQuantity":{"value":1.50}}]}`},
		{`[{"op":"move","from":"/component/0","path":"/component/-"},{"op":"add","path":"/component/0","value":{"valueInteger":7.0}}]`,
			`{"resourceType":"Observation","valueQuantity":{ "value" : 1.50, "unit":"mg" },"status":"final","component":[{"valueInteger":7.0},{"valueQuantity":{"value":1e3}}]}`},
	} {
		p, err := JSON([]byte(c.patch))
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.Apply(nil, resource(t, doc))
		if err != nil {
			t.Errorf("%s: %v", c.patch, err)
		} else if string(fhir.Compact(got.Raw())) != string(fhir.Compact([]byte(c.want))) {
			t.Errorf("%s gives\n%s, want\n%s", c.patch, got.Raw(), c.want)
		}
	}
}

// TestRefusedJSON: a patch that is none is Invalid, one that this document does not allow Unprocessable; both say where.
func TestRefusedJSON(t *testing.T) {
	const doc = `{"resourceType":"Patient","name":[{"family":"A"}],"active":true}`
	for patch, kind := range map[string]fault.Kind{
		`{}`:                                    fault.Invalid,
		`[1]`:                                   fault.Invalid,
		`[{"op":"twist"}]`:                      fault.Invalid,
		`[{"op":"add","path":"/x"}]`:            fault.Invalid,
		`[{"op":"add","path":"x","value":1}]`:   fault.Invalid,
		`[{"op":"add","path":"/~2","value":1}]`: fault.Invalid,
		`[{"op":"move","path":"/x"}]`:           fault.Invalid,
		`[{"op":"add","op":"add","path":"/x","value":1}]`:                                                 fault.Invalid,
		`[{"op":"remove","path":"/gender"}]`:                                                              fault.Unprocessable,
		`[{"op":"remove","path":"/name/1"}]`:                                                              fault.Unprocessable,
		`[{"op":"remove","path":"/name/00"}]`:                                                             fault.Unprocessable,
		`[{"op":"remove","path":"/name/-"}]`:                                                              fault.Unprocessable,
		`[{"op":"remove","path":""}]`:                                                                     fault.Unprocessable,
		`[{"op":"add","path":"/name/2","value":{}}]`:                                                      fault.Unprocessable,
		`[{"op":"add","path":"/active/x","value":1}]`:                                                     fault.Unprocessable,
		`[{"op":"replace","path":"/gender","value":1}]`:                                                   fault.Unprocessable,
		`[{"op":"move","from":"/name","path":"/name/0/x"}]`:                                               fault.Unprocessable,
		`[{"op":"test","path":"/active","value":"true"}]`:                                                 fault.Unprocessable,
		`[{"op":"replace","path":"","value":[]}]`:                                                         fault.Unprocessable,
		`[{"op":"remove","path":"/resourceType"}]`:                                                        fault.Unprocessable,
		`[` + strings.Repeat(`{"op":"copy","from":"","path":"/x"},`, 80):                                  fault.Invalid,
		`[` + strings.Repeat(`{"op":"copy","from":"","path":"/x"},`, 80) + `{"op":"remove","path":"/x"}]`: fault.TooLarge,
	} {
		p, err := JSON([]byte(patch))
		if err == nil {
			_, err = p.Apply(nil, resource(t, doc))
		}
		if !fault.Is(err, kind) {
			t.Errorf("%.80s: %v, want %v", patch, err, kind)
		}
	}
}

// operation is one operation of a FHIRPath Patch.
func operationOf(verb, path string, more ...string) string {
	s := fmt.Sprintf(`{"name":"operation","part":[{"name":"type","valueCode":%q},{"name":"path","valueString":%q}`, verb, path)
	for _, m := range more {
		s += "," + m
	}
	return s + "]}"
}

func parameters(t testing.TB, operations ...string) fhir.Resource {
	return resource(t, `{"resourceType":"Parameters","parameter":[`+strings.Join(operations, ",")+`]}`)
}

func TestFHIRPathEdits(t *testing.T) {
	const doc = `{"resourceType":"Patient","birthDate":"1970","_birthDate":{"extension":[{"url":"u","valueString":"x"}]},
		"name":[{"given":["A","B",null],"_given":[null,{"id":"b"},{"id":"c"}]}],"deceasedBoolean":false,"contact":[{"gender":"male"}],
		"link":[{"other":{"reference":"#a"},"type":"seealso"}],"contained":[{"resourceType":"Group","id":"g","type":"person","actual":true}]}`
	for name, c := range map[string]struct{ op, want string }{
		"delete a primitive with its sibling":     {operationOf("delete", "Patient.birthDate"), `"name":[{"given":["A","B",null],"_given":[null,{"id":"b"},{"id":"c"}]}],"deceased`},
		"delete the only extension":               {operationOf("delete", "Patient.birthDate.extension[0]"), `"birthDate":"1970","name"`},
		"delete from a list with siblings":        {operationOf("delete", "Patient.name[0].given[0]"), `"given":["B",null],"_given":[{"id":"b"},{"id":"c"}]`},
		"delete what has only a sibling":          {operationOf("delete", "Patient.name[0].given[2]"), `"given":["A","B"],"_given":[null,{"id":"b"}]`},
		"move with siblings":                      {operationOf("move", "Patient.name[0].given", `{"name":"source","valueInteger":1}`, `{"name":"destination","valueInteger":0}`), `"given":["B","A",null],"_given":[{"id":"b"},null,{"id":"c"}]`},
		"insert among siblings":                   {operationOf("insert", "Patient.name[0].given", `{"name":"index","valueInteger":1}`, `{"name":"value","valueString":"Z","_valueString":{"id":"z"}}`), `"given":["A","Z","B",null],"_given":[null,{"id":"z"},{"id":"b"},{"id":"c"}]`},
		"insert into an empty list":               {operationOf("insert", "Patient.name[0].prefix", `{"name":"index","valueInteger":0}`, `{"name":"value","valueString":"Dr"}`), `"prefix":["Dr"]`},
		"replace a choice by another type":        {operationOf("replace", "Patient.deceased", `{"name":"value","valueDateTime":"2020"}`), `"deceasedDateTime":"2020","contact"`},
		"replace a primitive, dropping extension": {operationOf("replace", "Patient.birthDate", `{"name":"value","valueDate":"1971"}`), `"birthDate":"1971","name"`},
		"add a choice by its name":                {operationOf("add", "Patient", `{"name":"name","valueString":"multipleBirth"}`, `{"name":"value","valueInteger":2}`), `"multipleBirthInteger":2`},
		"add a choice by its property":            {operationOf("add", "Patient", `{"name":"name","valueString":"multipleBirthInteger"}`, `{"name":"value","valueInteger":2}`), `"multipleBirthInteger":2`},
		"add an extension to a primitive":         {operationOf("add", "Patient.birthDate", `{"name":"name","valueString":"extension"}`, `{"name":"value","part":[{"name":"url","valueUri":"v"},{"name":"value","valueDecimal":1.50}]}`), `{"url":"v","valueDecimal":1.50}]},`},
		"add an extension where there was none":   {operationOf("add", "Patient.contact[0].gender", `{"name":"name","valueString":"extension"}`, `{"name":"value","part":[{"name":"url","valueUri":"v"},{"name":"value","valueCode":"x"}]}`), `"gender":"male","_gender":{"extension":[{"url":"v","valueCode":"x"}]}`},
		"add an anonymous element in another":     {operationOf("add", "Patient", `{"name":"name","valueString":"contact"}`, `{"name":"value","part":[{"name":"name","part":[{"name":"given","valueString":"X"},{"name":"given","valueString":"Y"}]},{"name":"relationship","valueCodeableConcept":{"text":"friend"}}]}`), `{"name":{"given":["X","Y"]},"relationship":[{"text":"friend"}]}`},
		"inside a contained resource":             {operationOf("replace", "Patient.contained.where(id = 'g').ofType(Group).actual", `{"name":"value","valueBoolean":false}`), `"actual":false`},
		"add a contained resource":                {operationOf("add", "Patient", `{"name":"name","valueString":"contained"}`, `{"name":"value","resource":{"resourceType":"Basic","id":"x"}}`), `{"resourceType":"Basic","id":"x"}`},
		"delete what is not there":                {operationOf("delete", "Patient.gender"), `"birthDate":"1970"`},
	} {
		p, err := Parameters(parameters(t, c.op))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := p.Apply(nil, resource(t, doc))
		if err != nil || !strings.Contains(string(fhir.Compact(got.Raw())), c.want) {
			t.Errorf("%s: %v\n%s, want %s", name, err, got.Raw(), c.want)
		}
	}
}

func TestRefusedFHIRPath(t *testing.T) {
	const doc = `{"resourceType":"Patient","birthDate":"1970","name":[{"family":"A"},{"family":"B"}],"deceasedBoolean":false}`
	const value, date = `{"name":"value","valueString":"x"}`, `{"name":"value","valueDate":"1971"}`
	index := func(n string) string { return `{"name":"index","valueInteger":` + n + `}` }
	for name, c := range map[string]struct {
		op   string
		kind fault.Kind
	}{
		"no type":            {`{"name":"operation","part":[{"name":"path","valueString":"Patient"}]}`, fault.Invalid},
		"another name":       {`{"name":"op","part":[]}`, fault.Invalid},
		"twice":              {operationOf("delete", "Patient.name", `{"name":"path","valueString":"Patient"}`), fault.Invalid},
		"unknown type":       {operationOf("twist", "Patient"), fault.Invalid},
		"bad path":           {operationOf("delete", "Patient..x"), fault.Invalid},
		"no value":           {operationOf("replace", "Patient.birthDate"), fault.Invalid},
		"two values":         {operationOf("replace", "Patient.birthDate", `{"name":"value","valueDate":"1971","valueString":"x"}`), fault.Invalid},
		"negative index":     {operationOf("insert", "Patient.name", index("-1"), value), fault.Invalid},
		"nothing there":      {operationOf("replace", "Patient.gender", value), fault.Unprocessable},
		"several":            {operationOf("delete", "Patient.name"), fault.Unprocessable},
		"several to replace": {operationOf("replace", "Patient.name.family", value), fault.Unprocessable},
		"several lists":      {operationOf("insert", "Patient.name.family", index("0"), value), fault.Unprocessable},
		"no list":            {operationOf("insert", "Patient.birthDate", index("0"), date), fault.Unprocessable},
		"behind the end":     {operationOf("insert", "Patient.name", index("3"), `{"name":"value","valueHumanName":{"family":"C"}}`), fault.Unprocessable},
		"wrong type":         {operationOf("insert", "Patient.name", index("0"), value), fault.Unprocessable},
		"wrong primitive":    {operationOf("replace", "Patient.birthDate", `{"name":"value","valueBoolean":true}`), fault.Unprocessable},
		"wrong choice":       {operationOf("replace", "Patient.deceased", value), fault.Unprocessable},
		"there already":      {operationOf("add", "Patient", `{"name":"name","valueString":"birthDate"}`, date), fault.Unprocessable},
		"choice is there":    {operationOf("add", "Patient", `{"name":"name","valueString":"deceased"}`, `{"name":"value","valueDateTime":"2020"}`), fault.Unprocessable},
		"unknown element":    {operationOf("add", "Patient", `{"name":"name","valueString":"color"}`, value), fault.Unprocessable},
		"the resource":       {operationOf("delete", "Patient"), fault.Unprocessable},
		"computed":           {operationOf("replace", "Patient.name.count()", `{"name":"value","valueInteger":1}`), fault.Unprocessable},
		"move behind":        {operationOf("move", "Patient.name", `{"name":"source","valueInteger":0}`, `{"name":"destination","valueInteger":2}`), fault.Unprocessable},
	} {
		p, err := Parameters(parameters(t, operationOf("delete", "Patient.gender"), c.op))
		if err == nil {
			_, err = p.Apply(nil, resource(t, doc))
		}
		if !fault.Is(err, c.kind) || fault.Find(err).Issues[0].Expression != "Parameters.parameter[1]" || fault.Find(err).Issues[0].Line == 0 {
			t.Errorf("%s: %+v, want %v", name, fault.Find(err), c.kind)
		}
	}
	if _, err := Parameters(resource(t, doc)); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

// FuzzJSON: any patch on any document ends with a document or a fault with its kind.
func FuzzJSON(f *testing.F) {
	f.Add(`[{"op":"copy","from":"/a","path":"/b/-"},{"op":"test","path":"/~01","value":1.0e1}]`, `{"a":[1,{"c":null}],"b":[],"~1":10}`)
	f.Add(`[{"op":"move","from":"","path":"/a"},{"op":"replace","path":"","value":{}},{"op":"remove","path":"/x"}]`, `{"resourceType":"Basic"}`)
	f.Fuzz(func(t *testing.T, patch, doc string) {
		p, err := JSON([]byte(patch))
		if err != nil {
			known(t, err)
			return
		}
		v, err := fhir.ParseValue([]byte(doc), fhir.Limits{})
		if err != nil {
			return
		}
		before := string(v.Raw())
		if _, err := p.value(fhir.Watch{}, fhir.Resource{Value: v}); err != nil {
			known(t, err)
		}
		if string(v.Raw()) != before {
			t.Fatal("the document itself was changed")
		}
	})
}

// FuzzParameters: the same for FHIRPath.
func FuzzParameters(f *testing.F) {
	const doc = `{"resourceType":"Patient","birthDate":"1970","_birthDate":{"id":"x"},"name":[{"given":["A",null],"_given":[null,{"id":"b"}]}]}`
	for _, op := range []string{
		operationOf("delete", "Patient.name[0].given[1]"), operationOf("replace", "Patient.birthDate", `{"name":"value","valueDate":"1971"}`),
		operationOf("move", "Patient.name.given", `{"name":"source","valueInteger":1}`, `{"name":"destination","valueInteger":0}`),
		operationOf("insert", "Patient.name", `{"name":"index","valueInteger":0}`, `{"name":"value","valueHumanName":{"family":"A"}}`),
		operationOf("add", "Patient", `{"name":"name","valueString":"contact"}`, `{"name":"value","part":[{"name":"gender","valueCode":"male"}]}`),
	} {
		f.Add(`{"resourceType":"Parameters","parameter":[`+op+`]}`, doc)
	}
	f.Fuzz(func(t *testing.T, patch, doc string) {
		q, err := fhir.Parse([]byte(patch), fhir.Limits{})
		if err != nil {
			return
		}
		p, err := Parameters(q)
		if err != nil {
			known(t, err)
			return
		}
		r, err := fhir.Parse([]byte(doc), fhir.Limits{})
		if err != nil {
			return
		}
		if _, err := p.Apply(nil, r); err != nil {
			known(t, err)
		}
	})
}

func known(t *testing.T, err error) {
	if f := fault.Find(err); f == nil || f.Kind == fault.Internal {
		t.Fatal(err)
	}
}
