package validate

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/term"
)

// answers checks a response against its questionnaire (https://hl7.org/fhir/R4/questionnaireresponse.html#notes): every
// item answers a question at the same level, in the same order, with answers of its type, and what must be answered is.
func (p *pass) answers(it item) {
	url := it.v.Get("questionnaire").Str()
	if url == "" {
		return
	}
	q, ok := p.questionnaire(url)
	if !ok {
		p.tell(information, "informational", it.v.Get("questionnaire"), "the questionnaire is not here, so the answers were not checked against it")
		return
	}
	status := it.v.Get("status").Str()
	form := &answered{p: p, whole: status == "completed" || status == "amended"}
	form.level(q.Value, it.v, it.v)
}

func (p *pass) questionnaire(url string) (fhir.Resource, bool) {
	if id, ok := strings.CutPrefix(url, "#"); ok {
		return p.containedOne(id)
	}
	if p.Questionnaires != nil {
		return p.Questionnaires(url)
	}
	return fhir.Resource{}, false
}

// answered is one response on its way.
type answered struct {
	p     *pass
	whole bool // all that is required must be answered
	// around are the response, the items and the answers in which the check is, from the outside in.
	around []around
}

// level compares the items of one level of both; at is where what is missing is told.
func (a *answered) level(questions, v, at fhir.Value) {
	a.around = append(a.around, around{v: v})
	defer func() { a.around = a.around[:len(a.around)-1] }()
	var order []string
	byID, placeOf := map[string]fhir.Value{}, map[string]int{}
	for q := range a.p.each(questions.Get("item")) {
		id := q.Get("linkId").Str()
		if _, twice := placeOf[id]; !twice {
			placeOf[id] = len(order)
		}
		order, byID[id] = append(order, id), q
	}
	count, last, i := map[string]int{}, 0, 0
	for item := range a.p.each(v.Get("item")) {
		a.p.push("item")
		a.p.walk.index(i)
		id := item.Get("linkId").Str()
		if q, known := byID[id]; known {
			count[id]++
			last = a.ordered(placeOf[id], last, item)
			a.disabled(q, item)
			a.item(q, item, count[id])
		} else if id != "" {
			a.p.tell(failure, "structure", item, "the questionnaire has no question with this linkId here")
		}
		a.p.pop()
		i++
	}
	for _, id := range order {
		if q := byID[id]; count[id] == 0 && a.required(q) && q.Get("type").Str() != "display" {
			a.p.tell(failure, "required", at, "a required question is not answered here")
		}
	}
}

// required reports whether a question must surely be answered.
func (a *answered) required(q fhir.Value) bool {
	return a.whole && q.Get("required").IsTrue() && (!q.Get("enableWhen").Exists() || a.enabled(q) == term.Yes)
}

// disabled tells of answers to a question that was not to be asked.
func (a *answered) disabled(q, item fhir.Value) {
	if !a.whole || !q.Get("enableWhen").Exists() || !a.hasAnswer(item) || a.enabled(q) != term.No {
		return
	}
	a.p.tell(failure, "business-rule", item, "this is answered, but its question is not enabled by the other answers")
}

func (a *answered) hasAnswer(item fhir.Value) bool {
	found := item.Get("answer").Exists()
	a.p.eachAnswered(item, func(inner fhir.Value) { found = found || inner.Get("answer").Exists() })
	return found
}

func (a *answered) ordered(at, last int, item fhir.Value) int {
	if at < last {
		a.p.tell(failure, "structure", item, "the answers must stand in the order of the questions")
	}
	return max(at, last)
}

func (a *answered) item(q, item fhir.Value, nth int) {
	typ, list := q.Get("type").Str(), item.Get("answer")
	switch {
	case typ == "group" && list.Exists():
		a.p.tell(failure, "structure", list, "a group has no answer")
	case typ == "display" && list.Exists():
		a.p.tell(failure, "structure", list, "a text that is only displayed has no answer")
	case typ == "group" && nth > 1 && !q.Get("repeats").IsTrue():
		a.p.tell(failure, "structure", item, "the group must not repeat")
	case typ != "group" && (nth > 1 || list.Len() > 1 && !q.Get("repeats").IsTrue()):
		a.p.tell(failure, "structure", item, "the question has one answer only")
	case typ != "group" && typ != "display" && list.Len() == 0 && a.required(q):
		a.p.tell(failure, "required", item, "a required question is not answered")
	}
	if typ == "group" {
		a.level(q, item, item)
		return
	}
	i := 0
	for x := range a.p.each(list) {
		a.p.push("answer")
		a.p.walk.index(i)
		a.answer(q, typ, x)
		if q.Get("item").Exists() || x.Get("item").Exists() {
			a.level(q, x, x)
		}
		a.p.pop()
		i++
	}
}

// values are the members of an answer for each type of question.
var values = map[string][]string{
	"boolean": {"valueBoolean"}, "decimal": {"valueDecimal"}, "integer": {"valueInteger"}, "date": {"valueDate"}, "dateTime": {"valueDateTime"},
	"time": {"valueTime"}, "string": {"valueString"}, "text": {"valueString"}, "url": {"valueUri"}, "choice": {"valueCoding"},
	"open-choice": {"valueCoding", "valueString"}, "attachment": {"valueAttachment"}, "reference": {"valueReference"}, "quantity": {"valueQuantity"},
}

func (a *answered) answer(q fhir.Value, typ string, x fhir.Value) {
	name, v := valueOf(x)
	if !v.Exists() {
		return
	}
	allowed := values[typ]
	if typ == "choice" && q.Get("answerOption").Exists() {
		allowed = nil // the options say of what type an answer is
		for o := range a.p.each(q.Get("answerOption")) {
			option, _ := valueOf(o)
			allowed = append(allowed, option)
		}
	}
	if len(allowed) > 0 && !slices.Contains(allowed, name) {
		a.p.tell(failure, "structure", v, "the answer is not of the type %s that the question asks for", typ)
		return
	}
	if n := number(q.Get("maxLength")); n > 0 && v.Kind() == fhir.String && len([]rune(v.Str())) > n {
		a.p.tell(failure, "value", v, "the answer may have at most %d characters", n)
	}
	if typ == "choice" || typ == "open-choice" && name == "valueCoding" {
		a.chosen(q, v, typ)
	}
}

func valueOf(v fhir.Value) (string, fhir.Value) {
	for name, x := range v.Members() {
		if strings.HasPrefix(name, "value") {
			return name, x
		}
	}
	return "", fhir.Value{}
}

// chosen checks a choice against the options or the value set of the question.
func (a *answered) chosen(q, v fhir.Value, typ string) {
	if options := q.Get("answerOption"); options.Exists() {
		for o := range a.p.each(options) {
			if _, option := valueOf(o); isOption(option, v) {
				return
			}
		}
		if typ == "choice" {
			a.p.tell(failure, "code-invalid", v, "the answer is none of the options of the question")
		}
		return
	}
	url := q.Get("answerValueSet").Str()
	if url == "" || strings.HasPrefix(url, "#") {
		return
	}
	in, err := a.p.contains(url, codingOf(v))
	switch {
	case err != nil || in.In == term.Unknown:
		a.p.tell(information, "not-supported", v, "the answer was not checked against the value set %s: it is not loaded", shown(url))
	case in.In == term.No && typ == "choice":
		a.p.tell(failure, "code-invalid", v, "the answer is not from the value set %s", shown(url))
	}
}

// isOption compares codes, and of everything else the whole value.
func isOption(option, v fhir.Value) bool {
	if option.Kind() == fhir.Object && v.Kind() == fhir.Object && option.Get("code").Exists() {
		return option.Get("code").Str() == v.Get("code").Str() && option.Get("system").Str() == v.Get("system").Str()
	}
	return same(option, v)
}
