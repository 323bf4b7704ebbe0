package terms

import (
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
)

// subsumes is $subsumes (https://hl7.org/fhir/R4/codesystem-operation-subsumes.html).
func (s *Service) subsumes() operation.Operation {
	return s.offer(operation.Operation{
		Code: "subsumes", Definition: definition("CodeSystem-subsumes"), On: operation.OnType | operation.OnInstance, Types: []string{"CodeSystem"},
		In: []operation.Param{
			{Name: "codeA", Type: "code"}, {Name: "codeB", Type: "code"}, {Name: "system", Type: "uri"}, {Name: "version", Type: "string"},
			{Name: "codingA", Type: "Coding"}, {Name: "codingB", Type: "Coding"},
		},
	}, (*asked).relation)
}

func (q *asked) relation() (*fhir.Obj, error) {
	a, b := q.side("A"), q.side("B")
	switch {
	case a.Code == "" || b.Code == "":
		return nil, lacking("two codes are needed: codeA and codeB with system, or codingA and codingB")
	case a.System != b.System:
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "value", Expression: "Parameters.parameter", Text: "the two codes are of different code systems"})
	}
	cs, err := q.system("codeSystem", a.System, a.Version)
	if err != nil {
		return nil, err
	}
	r, ok := cs.Relate(a.Code, b.Code)
	switch {
	case !ok:
		return nil, noCode(cs)
	case r == term.NotSubsumed && !cs.Whole():
		return nil, fault.At(fault.Unknown, fault.Issue{Code: "not-found", Text: "only a part of the code system " + shown(cs.URL) + " is loaded (its content is " + cs.Content + "), so it is not known whether one code subsumes the other"})
	}
	return (&parameters{}).add("outcome", "valueCode", string(r)).resource(), nil
}

func (q *asked) side(letter string) term.Coding {
	if q.in.Has("coding" + letter) {
		return codingOf(q.in.Value("coding" + letter))
	}
	return term.Coding{System: q.in.Text("system"), Version: q.in.Text("version"), Code: q.in.Text("code" + letter)}
}
