package validate

import (
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/path"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/term"
)

// enabled says whether the conditions of a question hold in the response
// (https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen). It is unknown where the
// specification leaves it open: what is unequal to no answer at all, and how conditions go together if that is not said.
func (a *answered) enabled(q fhir.Value) term.Verdict {
	met, failed, open := 0, 0, 0
	for when := range a.p.each(q.Get("enableWhen")) {
		switch a.condition(when) {
		case term.Yes:
			met++
		case term.No:
			failed++
		default:
			open++
		}
	}
	behavior := q.Get("enableBehavior").Str()
	switch {
	case failed+open == 0, behavior == "any" && met > 0:
		return term.Yes
	case met+open == 0, behavior == "all" && failed > 0:
		return term.No
	}
	return term.Unknown
}

// condition compares the answers to the question that a condition names with its answer.
func (a *answered) condition(when fhir.Value) term.Verdict {
	answers, operator := a.given(when.Get("question").Str()), when.Get("operator").Str()
	name, want := answerOf(when)
	switch {
	case operator == "exists" && want.Kind() == fhir.Bool:
		return verdictOf(want.IsTrue() == (len(answers) > 0))
	case operator == "!=":
		return a.unequal(answers, name, want)
	}
	out := term.No
	for _, x := range answers {
		switch compared(x, name, want, operator) {
		case term.Yes:
			return term.Yes
		case term.Unknown:
			out = term.Unknown
		}
	}
	return out
}

// unequal is sure only where all answers are equal, or all are not.
func (a *answered) unequal(answers []fhir.Value, name string, want fhir.Value) term.Verdict {
	same, other := 0, 0
	for _, x := range answers {
		switch compared(x, name, want, "=") {
		case term.Yes:
			same++
		case term.No:
			other++
		}
	}
	switch {
	case len(answers) == 0:
		return term.Unknown
	case other == len(answers):
		return term.Yes
	case same == len(answers):
		return term.No
	}
	return term.Unknown
}

// around is a part of a response in which the check is, with the answers in it by linkId, collected when first asked for.
type around struct {
	v       fhir.Value
	answers map[string][]fhir.Value
}

// given are the answers to a question: those that are nearest in the response.
func (a *answered) given(id string) []fhir.Value {
	for i := len(a.around) - 1; i >= 0; i-- {
		if out := a.around[i].given(a.p.walk)[id]; out != nil {
			return out
		}
	}
	return nil
}

func (r *around) given(w *walk) map[string][]fhir.Value {
	if r.answers != nil {
		return r.answers
	}
	r.answers = map[string][]fhir.Value{}
	w.eachAnswered(r.v, func(item fhir.Value) {
		id := item.Get("linkId").Str()
		for x := range w.each(item.Get("answer")) {
			r.answers[id] = append(r.answers[id], x)
		}
	})
	return r.answers
}

// eachAnswered yields the items of a response, also those below answers.
func (w *walk) eachAnswered(v fhir.Value, yield func(fhir.Value)) {
	for item := range w.each(v.Get("item")) {
		yield(item)
		w.eachAnswered(item, yield)
		for x := range w.each(item.Get("answer")) {
			w.eachAnswered(x, yield)
		}
	}
}

// comparisons are compiled once; they are read only.
var comparisons = map[string]*path.Expr{
	"=": comparison("$this = %answer"), ">": comparison("$this > %answer"), "<": comparison("$this < %answer"),
	">=": comparison("$this >= %answer"), "<=": comparison("$this <= %answer"),
}

func comparison(src string) *path.Expr { return mustRule(src).expr }

// compared compares one answer. Codes are compared by system and code.
func compared(answer fhir.Value, name string, want fhir.Value, operator string) term.Verdict {
	got, v := valueOf(answer)
	e, element := comparisons[operator], r4.Lookup("Questionnaire.item.enableWhen").Find("answer"+name)
	switch {
	case e == nil || element == nil || got != "value"+name:
		return term.Unknown
	case name == "Coding" && operator == "=":
		return verdictOf(v.Get("code").Str() == want.Get("code").Str() && v.Get("system").Str() == want.Get("system").Str())
	}
	return answerTo(e, path.Of(v, element.Types[0]), path.Of(want, element.Types[0]))
}

func answerTo(e *path.Expr, v, want path.Node) term.Verdict {
	out, err := e.Eval(&path.Context{MaxSteps: ruleSteps, Vars: map[string][]path.Node{"answer": {want}}}, v)
	if err != nil || len(out) != 1 {
		return term.Unknown
	}
	holds, _ := out[0].Bool()
	return verdictOf(holds)
}

func verdictOf(b bool) term.Verdict {
	if b {
		return term.Yes
	}
	return term.No
}

// answerOf is the value of answer[x] and the end of its name: "Boolean" of answerBoolean.
func answerOf(when fhir.Value) (string, fhir.Value) {
	for name, v := range when.Members() {
		if len(name) > len("answer") && name[:len("answer")] == "answer" {
			return name[len("answer"):], v
		}
	}
	return "", fhir.Value{}
}
