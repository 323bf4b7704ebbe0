package terms

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
)

// Operations are those of the terminology (https://hl7.org/fhir/R4/terminology-service.html), and $validate.
func (s *Service) Operations() operation.List {
	return operation.List{s.expand(), s.lookup(), s.validateInSystem(), s.validateInSet(), s.subsumes(), s.translate(), s.validate()}
}

func definition(name string) string { return "http://hl7.org/fhir/OperationDefinition/" + name }

// asked is one call on its way: what the operations share.
type asked struct {
	ctx  context.Context
	s    *Service
	desk *store.Desk
	call operation.Call
	in   operation.Input
	lib  *library
}

// offer makes an operation of what answers it.
func (s *Service) offer(o operation.Operation, do func(*asked) (*fhir.Obj, error)) operation.Operation {
	o.Right = access.Read
	o.Do = func(ctx context.Context, desk *store.Desk, c operation.Call) (operation.Answer, error) {
		if c.ID == "" { // what is asked by its url is found in the library, in which nothing is hidden from anybody
			if err := desk.AllowAll(ctx, "$"+o.Code, o.Right, c.Type); err != nil {
				return operation.Answer{}, err
			}
		}
		q := &asked{ctx, s, desk, c, c.In, s.Library(ctx, desk.Tenant()).(*library)}
		out, err := do(q)
		if err != nil {
			return operation.Answer{}, err
		}
		return operation.Resource(out), nil
	}
	return o
}

// given is the resource that the call is about: that of the instance, or one that came in a parameter.
func (q *asked) given(param string) (fhir.Resource, bool, error) {
	if q.call.ID != "" {
		v, err := q.desk.Read(q.ctx, q.call.Type, q.call.ID)
		if err != nil {
			return fhir.Resource{}, false, err
		}
		r, err := v.Resource()
		return r, true, err
	}
	r := q.in.Resource(param)
	return r, r.Exists(), nil
}

// system is the code system of the call: that of the instance, one that came, or the stored one of that url.
func (q *asked) system(param, url, version string) (*term.CodeSystem, error) {
	if param != "" {
		if r, ok, err := q.given(param); ok || err != nil {
			if err != nil {
				return nil, err
			}
			return term.ReadCodeSystem(r)
		}
	}
	if url == "" {
		return nil, lacking("the code system is not named: give its url as system")
	}
	cs, err := q.lib.CodeSystem(versioned(url, version))
	if err == nil && (cs == nil || cs.Empty()) {
		err = q.notLoaded("CodeSystem", versioned(url, version))
	}
	return cs, err
}

// lacking is told of input that is not there.
func lacking(text string) error {
	return fault.At(fault.Invalid, fault.Issue{Code: "required", Expression: "Parameters.parameter", Text: text})
}

// noCode says that a code is not there, or, of a code system of which only a part is loaded, that nobody knows.
func noCode(cs *term.CodeSystem) error {
	text := "the code is not in the code system " + shown(cs.URL)
	if !cs.Whole() {
		text = "the code is not in the part of the code system " + shown(cs.URL) + " that is loaded (its content is " + cs.Content + "), so it is not known whether it is one"
	}
	return fault.At(fault.Unknown, fault.Issue{Code: "not-found", Text: text})
}

// versioned is a url with its version; one that stands in the url counts more.
func versioned(url, version string) string {
	if version == "" || strings.Contains(url, "|") {
		return url
	}
	return url + "|" + version
}

// notLoaded says which definition is missing, and which versions of it are there instead of the one that is asked for.
func (q *asked) notLoaded(typ, canonical string) error {
	what := map[string]string{"CodeSystem": "code system", "ValueSet": "value set", "ConceptMap": "concept map"}[typ]
	url, version, _ := strings.Cut(canonical, "|")
	if g, is := term.GrammarOf(url); is && typ == "CodeSystem" {
		return fault.At(fault.Unprocessable, fault.Issue{Code: "not-supported", Text: "the codes of " + g.URL + " are built by a grammar: ask $lookup or $validate-code about one of them"})
	}
	text := "the " + what + " " + shown(url) + " is not loaded"
	there, err := q.lib.versions(typ, url)
	if err != nil {
		return err
	}
	if version != "" && len(there) > 0 {
		text += " in version " + shown(version) + ", but in " + strings.Join(there, ", ")
	} else {
		text += ": add the package that has it (ficus admin package add), or store it"
	}
	return fault.At(fault.Unknown, fault.Issue{Code: "not-found", Text: text})
}

// shown is a url as it may be said: it comes from the caller.
func shown(url string) string {
	if len(url) > 200 {
		return "that was named"
	}
	return url
}

// set is the value set of the call.
func (q *asked) set() (*term.ValueSet, error) {
	if r, ok, err := q.given("valueSet"); ok || err != nil {
		if err != nil {
			return nil, err
		}
		return term.ReadValueSet(r)
	}
	url := q.in.Text("url")
	if url == "" && q.in.Has("context") {
		var err error
		if url, err = bindingOf(q.in.Text("context")); err != nil {
			return nil, err
		}
	}
	if url == "" {
		return nil, lacking("the value set is not named: give url, valueSet or context, or call the operation on an instance")
	}
	canonical := versioned(url, q.in.Text("valueSetVersion"))
	vs, err := q.lib.ValueSet(canonical)
	if err == nil && vs == nil {
		err = q.notLoaded("ValueSet", canonical)
	}
	return vs, err
}

// current refuses questions about the past: definitions are known as they are now.
func (q *asked) current() error {
	if q.in.Has("date") {
		return fault.At(fault.Invalid, fault.Issue{Code: "not-supported", Expression: "Parameters.parameter", Text: "the parameter date is not served: definitions are known as they are now"})
	}
	return nil
}

// coded are the codings of the call: of coding, of codeableConcept, or of code and system.
func (q *asked) coded(system, version string) ([]term.Coding, error) {
	switch {
	case q.in.Has("coding"):
		return []term.Coding{codingOf(q.in.Value("coding"))}, nil
	case q.in.Has("codeableConcept"):
		var out []term.Coding
		for c := range q.in.Value("codeableConcept").Get("coding").Items() {
			out = append(out, codingOf(c))
		}
		if len(out) > 0 {
			return out, nil
		}
	case q.in.Has("code"):
		return []term.Coding{{System: system, Version: version, Code: q.in.Text("code"), Display: q.in.Text("display")}}, nil
	}
	return nil, lacking("no code is given: give code, coding or codeableConcept")
}

func codingOf(v fhir.Value) term.Coding {
	return term.Coding{System: v.Get("system").Str(), Version: v.Get("version").Str(), Code: v.Get("code").Str(), Display: v.Get("display").Str()}
}

// parameters builds a resource of type Parameters.
type parameters struct{ list fhir.List }

func (p *parameters) add(name, member string, value any) *parameters {
	p.list.Add(fhir.NewObject().Set("name", name).Set(member, value))
	return p
}

// say adds a text if there is one.
func (p *parameters) say(name, member, text string) *parameters {
	if text != "" {
		p.add(name, member, text)
	}
	return p
}

func (p *parameters) parts(name string, parts *parameters) *parameters {
	p.list.Add(fhir.NewObject().Set("name", name).Set("part", &parts.list))
	return p
}

func (p *parameters) resource() *fhir.Obj {
	o := fhir.NewObject().Set("resourceType", "Parameters")
	if len(p.list.Items) > 0 {
		o.Set("parameter", &p.list)
	}
	return o
}

// codingObject is a Coding, without what is empty.
func codingObject(c term.Coding) *fhir.Obj {
	o := fhir.NewObject()
	for _, m := range [][2]string{{"system", c.System}, {"version", c.Version}, {"code", c.Code}, {"display", c.Display}} {
		if m[1] != "" {
			o.Set(m[0], m[1])
		}
	}
	return o
}
