package operation

import (
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// misfit says why the element does not hold what the parameter is declared to be; "" if it does.
func (p Param) misfit(v fhir.Value) string {
	switch {
	case p.Type == "":
		return expect(v.Get("part").Kind() == fhir.Array, "must have parts")
	case p.takesResource():
		t := v.Get("resource").Get("resourceType").Str()
		return expect(t != "" && (p.Type == "Resource" || t == p.Type), "must be a resource of type "+p.Type)
	case p.Type == "*":
		return expect(content(v).Exists(), "must have a value")
	}
	x := v.Get(member(p.Type))
	if kind := kindOf(p.Type); !x.Exists() && kind != fhir.Object {
		x = content(v) // of another simple type with the same form, which many callers send
	}
	return expect(x.Exists() && fits(x, p.Type), "must be of type "+p.Type)
}

func expect(holds bool, else_ string) string {
	if holds {
		return ""
	}
	return else_
}

func (p Param) takesResource() bool {
	_, known := r4.ResourceIndex(p.Type)
	return known || p.Type == "Resource"
}

// member is the name of value[x] for a type.
func member(typ string) string { return "value" + strings.ToUpper(typ[:1]) + typ[1:] }

// kindOf is the JSON form of a data type.
func kindOf(typ string) fhir.Kind {
	switch typ {
	case "boolean":
		return fhir.Bool
	case "integer", "positiveInt", "unsignedInt", "decimal":
		return fhir.Number
	}
	if typ[0] >= 'A' && typ[0] <= 'Z' {
		return fhir.Object
	}
	return fhir.String
}

func fits(v fhir.Value, typ string) bool {
	if v.Kind() != kindOf(typ) {
		return false
	}
	text := literal(v)
	switch typ {
	case "integer":
		return whole(strings.TrimPrefix(text, "-"))
	case "positiveInt":
		return whole(text) && text != "0"
	case "unsignedInt":
		return whole(text)
	}
	return v.Kind() != fhir.String || text != ""
}

// whole reports whether the text is a whole number of 32 bits, without a sign.
func whole(text string) bool {
	if text == "" || len(text) > 10 || len(text) > 1 && text[0] == '0' || len(text) == 10 && text > "2147483647" {
		return false
	}
	return strings.Trim(text, "0123456789") == ""
}

// typed is a value and the member that it stands under.
type typed struct {
	member string
	value  any
}

// parse reads a value of an URL.
func (p Param) parse(text string) (typed, error) {
	switch {
	case text == "":
		return p.refuse("has no value")
	case p.Type == "*":
		return typed{"valueString", text}, nil
	case p.Type == "Coding":
		return typed{"valueCoding", coding(text)}, nil
	case p.Type == "" || p.takesResource() || kindOf(p.Type) == fhir.Object:
		return p.refuse("is of a type that an URL cannot hold: send Parameters with POST")
	case kindOf(p.Type) == fhir.String:
		return typed{member(p.Type), text}, nil
	}
	if v, err := fhir.ParseValue([]byte(text), fhir.Limits{}); err != nil || !fits(v, p.Type) {
		return p.refuse("must be of type " + p.Type)
	}
	if kindOf(p.Type) == fhir.Bool {
		return typed{member(p.Type), text == "true"}, nil
	}
	return typed{member(p.Type), fhir.Num(text)}, nil
}

// refuse says what is wrong with the parameter in an URL.
func (p Param) refuse(why string) (typed, error) {
	return typed{}, fault.At(fault.Invalid, fault.Issue{Code: "invalid", Expression: "http." + p.Name, Text: "the parameter " + p.Name + " " + why})
}

// coding reads system|code or code.
func coding(text string) *fhir.Obj {
	system, code, both := strings.Cut(text, "|")
	if !both {
		system, code = "", text
	}
	o := fhir.NewObject()
	if system != "" {
		o.Set("system", system)
	}
	return o.Set("code", code)
}
