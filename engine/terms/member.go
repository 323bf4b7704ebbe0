package terms

import (
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
)

// validateInSystem is $validate-code of CodeSystem (https://hl7.org/fhir/R4/codesystem-operation-validate-code.html).
func (s *Service) validateInSystem() operation.Operation {
	return s.offer(operation.Operation{
		Code: "validate-code", Definition: definition("CodeSystem-validate-code"), On: operation.OnType | operation.OnInstance, Types: []string{"CodeSystem"},
		In: []operation.Param{
			{Name: "url", Type: "uri"}, {Name: "codeSystem", Type: "CodeSystem"}, {Name: "code", Type: "code"}, {Name: "version", Type: "string"},
			{Name: "display", Type: "string"}, {Name: "coding", Type: "Coding"}, {Name: "codeableConcept", Type: "CodeableConcept"},
			{Name: "date", Type: "dateTime"}, {Name: "abstract", Type: "boolean"}, {Name: "displayLanguage", Type: "code"},
		},
	}, (*asked).inSystem)
}

func (q *asked) inSystem() (*fhir.Obj, error) {
	if err := q.current(); err != nil {
		return nil, err
	}
	url := q.in.Text("url")
	codes, err := q.coded(url, q.in.Text("version"))
	if err != nil {
		return nil, err
	}
	var last verdict
	for _, c := range codes {
		if url != "" && c.System != "" && c.System != url {
			last = verdict{message: "the code is of another code system"}
			continue
		}
		if last, err = q.ofSystem(c); err != nil {
			return nil, err
		}
		if last.result {
			break
		}
	}
	return last.parameters(), nil
}

// ofSystem judges a code by its own system, or by the grammar of that.
func (q *asked) ofSystem(c term.Coding) (verdict, error) {
	if q.call.ID == "" && !q.in.Has("codeSystem") {
		if g, is, err := q.grammar(c); err != nil {
			return verdict{}, err
		} else if is {
			return q.grammatical(g, c)
		}
	}
	cs, err := q.system("codeSystem", c.System, c.Version)
	if err != nil {
		return verdict{}, err
	}
	if cs.Has(c.Code) == term.Unknown {
		return verdict{}, noCode(cs)
	}
	return q.judge(cs, c), nil
}

// verdict is the answer of both operations of that name.
type verdict struct {
	result           bool
	message, display string
}

func (v verdict) parameters() *fhir.Obj {
	p := (&parameters{}).add("result", "valueBoolean", v.result)
	return p.say("message", "valueString", v.message).say("display", "valueString", v.display).resource()
}

func (q *asked) judge(cs *term.CodeSystem, c term.Coding) verdict {
	concept := cs.Find(c.Code)
	switch {
	case concept == nil:
		return verdict{message: "the code is not in the code system"}
	case concept.Abstract && q.in.Has("abstract") && !q.in.True("abstract"):
		return verdict{message: "the concept is abstract and cannot be chosen", display: concept.Display}
	case c.Display != "" && !cs.Named(c.Code, c.Display):
		return verdict{message: "the display is none of the code", display: concept.Display}
	}
	v := verdict{result: true, display: term.InLanguage(concept.Display, cs.Designations(c.Code), q.in.Text("displayLanguage"))}
	if concept.Inactive {
		v.message = "the concept is inactive"
	}
	return v
}

// validateInSet is $validate-code of ValueSet (https://hl7.org/fhir/R4/valueset-operation-validate-code.html).
func (s *Service) validateInSet() operation.Operation {
	return s.offer(operation.Operation{
		Code: "validate-code", Definition: definition("ValueSet-validate-code"), On: operation.OnType | operation.OnInstance, Types: []string{"ValueSet"},
		In: []operation.Param{
			{Name: "url", Type: "uri"}, {Name: "context", Type: "uri"}, {Name: "valueSet", Type: "ValueSet"}, {Name: "valueSetVersion", Type: "string"},
			{Name: "code", Type: "code"}, {Name: "system", Type: "uri"}, {Name: "systemVersion", Type: "string"}, {Name: "display", Type: "string"},
			{Name: "coding", Type: "Coding"}, {Name: "codeableConcept", Type: "CodeableConcept"}, {Name: "date", Type: "dateTime"},
			{Name: "abstract", Type: "boolean"}, {Name: "displayLanguage", Type: "code"},
		},
	}, (*asked).inSet)
}

func (q *asked) inSet() (*fhir.Obj, error) {
	if err := q.current(); err != nil {
		return nil, err
	}
	vs, err := q.set()
	if err != nil {
		return nil, err
	}
	codes, err := q.coded(q.in.Text("system"), q.in.Text("systemVersion"))
	if err != nil {
		return nil, err
	}
	var last verdict
	for _, c := range codes {
		if c.System == "" && !q.in.Has("context") && q.in.Has("coding") {
			return nil, fault.New(fault.Invalid, "the coding has no system")
		}
		if last, err = q.member(vs, c); err != nil || last.result {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return last.parameters(), nil
}

func (q *asked) member(vs *term.ValueSet, c term.Coding) (verdict, error) {
	a, err := term.Contains(q.lib, vs, c)
	if err != nil {
		return verdict{}, err
	}
	switch a.In {
	case term.Unknown:
		why := a.Why(q.lib)
		why.Text = "it is not known whether the code is in the value set: " + why.Text
		return verdict{}, fault.At(fault.Unprocessable, why)
	case term.No:
		v := verdict{message: "the code is not in the value set", display: a.Display}
		if a.NotInCS {
			v.message = "the code is neither in the value set nor in its code system"
		}
		if g, is := term.GrammarOf(c.System); is && g.Why(c.Code) != "" {
			v.message += ": " + g.Why(c.Code)
		}
		return v, nil
	}
	return q.named(c, a)
}

// named adds what the code system says: the name, and whether the concept may be chosen.
func (q *asked) named(c term.Coding, a term.Answer) (verdict, error) {
	cs, err := q.lib.CodeSystem(versioned(a.System, c.Version))
	if err != nil {
		return verdict{}, err
	}
	if cs != nil && cs.Find(c.Code) != nil {
		v := q.judge(cs, c)
		if v.result && a.Display != "" && q.in.Text("displayLanguage") == "" {
			v.display = a.Display
		}
		if !v.result && c.Display != "" && term.SameName(a.Display, c.Display) {
			return verdict{result: true, display: a.Display}, nil
		}
		return v, nil
	}
	if c.Display != "" && a.Display != "" && !term.SameName(a.Display, c.Display) {
		return verdict{message: "the display is none of the code", display: a.Display}, nil
	}
	return verdict{result: true, display: a.Display}, nil
}
