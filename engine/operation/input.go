package operation

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// Input is what went into a call, checked: every parameter is declared, as often there
// as it may be, and holds a value or a resource of its type.
type Input struct {
	given map[string][]fhir.Value // the elements of Parameters.parameter, by name
	bare  fhir.Resource           // the one resource that was sent instead of Parameters
	name  string                  // of the parameter that bare stands for
}

// Has reports whether the parameter was given.
func (in Input) Has(name string) bool {
	return len(in.given[name]) > 0 || in.name == name && in.bare.Exists()
}

// All are the elements of Parameters.parameter of that name, for those that have parts.
func (in Input) All(name string) []fhir.Value { return in.given[name] }

// Value is the first value of the parameter, absent if it was not given.
func (in Input) Value(name string) fhir.Value {
	for _, v := range in.given[name] {
		return content(v)
	}
	return fhir.Value{}
}

// Values are all values of the parameter.
func (in Input) Values(name string) (out []fhir.Value) {
	for _, v := range in.given[name] {
		out = append(out, content(v))
	}
	return out
}

// Text is the first value of a parameter as text: a string as it is, a number or boolean
// as its literal; "" if it was not given.
func (in Input) Text(name string) string { return literal(in.Value(name)) }

// Texts are all values of a parameter as text.
func (in Input) Texts(name string) (out []string) {
	for _, v := range in.Values(name) {
		out = append(out, literal(v))
	}
	return out
}

// True reports whether a boolean was given as true.
func (in Input) True(name string) bool { return in.Text(name) == "true" }

// Resource is the first resource of that name, the zero Resource if there is none.
func (in Input) Resource(name string) fhir.Resource {
	if in.name == name {
		return in.bare
	}
	for _, v := range in.given[name] {
		return fhir.Resource{Value: v.Get("resource")}
	}
	return fhir.Resource{}
}

// content is the member value[x] of a parameter.
func content(parameter fhir.Value) fhir.Value {
	for name, v := range parameter.Members() {
		if strings.HasPrefix(name, "value") {
			return v
		}
	}
	return fhir.Value{}
}

func literal(v fhir.Value) string {
	if v.Kind() == fhir.String {
		return v.Str()
	}
	return string(v.Raw())
}

// Read reads input from the pairs of an URL, which can only hold values of simple types (a
// Coding as system|code), and from a body: Parameters, or the one resource that the
// operation takes; the zero Resource if there is none. rest are search parameters. Faults: Invalid with the place.
func (o Operation) Read(pairs []search.Pair, body fhir.Resource) (in Input, rest []search.Pair, err error) {
	in.given = map[string][]fhir.Value{}
	sent, rest, err := o.parse(pairs)
	if err != nil {
		return in, nil, err
	}
	more, err := in.read(o, sent)
	if err != nil {
		return in, nil, err
	}
	rest = append(rest, more...)
	switch {
	case !body.Exists():
	case body.Type() != "Parameters":
		err = in.take(o, body)
	default:
		more, err = in.read(o, body)
	}
	if err != nil {
		return in, nil, err
	}
	return in, append(rest, more...), o.complete(in)
}

// parse makes Parameters of pairs.
func (o Operation) parse(pairs []search.Pair) (r fhir.Resource, rest []search.Pair, err error) {
	list := &fhir.List{}
	for i, p := range pairs {
		param, known := o.param(p.Name)
		again := func(q search.Pair) bool { return q.Name == p.Name }
		switch {
		case known && !param.Many && slices.ContainsFunc(pairs[:i], again):
			_, err = param.refuse("may be given only once")
			return r, nil, err
		case !known && o.Searches:
			rest = append(rest, p)
			continue
		case !known:
			return r, nil, o.unknown("http."+search.Printable(p.Name), search.Printable(p.Name))
		}
		v, err := param.parse(p.Value)
		if err != nil {
			return r, nil, err
		}
		list.Add(fhir.NewObject().Set("name", p.Name).Set(v.member, v.value))
	}
	r, err = fhir.Parse(fhir.NewObject().Set("resourceType", "Parameters").Set("parameter", list).JSON(), fhir.Limits{})
	return r, rest, err
}

// read takes the parameters in; rest are those of a search.
func (in *Input) read(o Operation, r fhir.Resource) (rest []search.Pair, err error) {
	i := 0
	for v := range r.Get("parameter").Items() {
		place := "Parameters.parameter[" + strconv.Itoa(i) + "]"
		name := v.Get("name").Str()
		p, known := o.param(name)
		switch {
		case name == "":
			err = wrong(v, "required", place+".name", "a parameter must have a name")
		case known:
			err = in.add(p, v, place)
		case o.Searches && content(v).Exists():
			rest = append(rest, search.Pair{Name: name, Value: literal(content(v))})
		default:
			err = o.unknown(place+".name", search.Printable(name))
		}
		if err != nil {
			return nil, err
		}
		i++
	}
	return rest, nil
}

// Pairs are the simple parameters of a resource of type Parameters as an URL would hold
// them: a caller's next page has to be asked by the same.
func Pairs(r fhir.Resource) (out []search.Pair) {
	if r.Type() != "Parameters" {
		return nil
	}
	for v := range r.Get("parameter").Items() {
		x := content(v)
		text := literal(x)
		if x.Kind() == fhir.Object {
			text = x.Get("system").Str() + "|" + x.Get("code").Str()
		}
		if x.Exists() {
			out = append(out, search.Pair{Name: v.Get("name").Str(), Value: text})
		}
	}
	return out
}

// take takes one resource for the parameter that it fits.
func (in *Input) take(o Operation, r fhir.Resource) error {
	for _, p := range o.In {
		if p.Type == "Resource" || p.Type == r.Type() {
			in.bare, in.name = r, p.Name
			return nil
		}
	}
	return fault.At(fault.Invalid, fault.Issue{Code: "invalid", Text: "the operation $" + o.Code + " takes a resource of type Parameters", Expression: "resourceType"})
}

func (o Operation) param(name string) (Param, bool) {
	for _, p := range o.In {
		if p.Name == name {
			return p, true
		}
	}
	return Param{}, false
}

func (o Operation) unknown(place, name string) error {
	names := make([]string, len(o.In))
	for i, p := range o.In {
		names[i] = p.Name
	}
	takes := "it takes none"
	if len(names) > 0 {
		takes = "it takes " + strings.Join(names, ", ")
	}
	return fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: place, Text: "the operation $" + o.Code + " has no parameter " + name + "; " + takes})
}

func (o Operation) complete(in Input) error {
	for _, p := range o.In {
		if p.Required && !in.Has(p.Name) {
			return fault.At(fault.Invalid, fault.Issue{Code: "required", Expression: "Parameters.parameter", Text: "the operation $" + o.Code + " needs the parameter " + p.Name})
		}
	}
	return nil
}

// add takes a parameter in if it holds what is declared.
func (in Input) add(p Param, v fhir.Value, place string) error {
	if len(in.given[p.Name]) > 0 && !p.Many {
		return wrong(v, "invalid", place, "the parameter "+p.Name+" may be given only once")
	}
	if text := p.misfit(v); text != "" {
		return wrong(v, "invalid", place, "the parameter "+p.Name+" "+text)
	}
	in.given[p.Name] = append(in.given[p.Name], v)
	return nil
}

func wrong(v fhir.Value, code, place, text string) error {
	line, col := v.Pos()
	return fault.At(fault.Invalid, fault.Issue{Code: code, Text: text, Expression: place, Line: line, Col: col})
}
