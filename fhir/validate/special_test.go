package validate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fhir"
)

// found are the errors of a Validator that knows R4 alone, as "code expression".
func found(t *testing.T, text string) string {
	t.Helper()
	r, err := fhir.Parse([]byte(text), fhir.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var out []string
	for _, i := range checked(t, New(Options{Strict: true}), r) {
		if !i.Warning {
			out = append(out, i.Code+" "+i.Expression)
		}
	}
	return strings.Join(out, "; ")
}

// response is a completed response to a contained questionnaire.
func response(items string) string {
	return `{"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"#q","contained":[{"resourceType":"Questionnaire","id":"q","status":"active","item":[
	{"linkId":"1","type":"group","item":[{"linkId":"1.1","type":"boolean","required":true},{"linkId":"1.2","type":"string","maxLength":3,"repeats":true}]},
	{"linkId":"2","type":"choice","answerOption":[{"valueCoding":{"system":"http://a","code":"x"}},{"valueCoding":{"code":"y"}}]},
	{"linkId":"3","type":"display"}]}],"item":[` + items + `]}`
}

func TestAnswers(t *testing.T) {
	const yes = `{"linkId":"1.1","answer":[{"valueBoolean":true}]}`
	group := func(items string) string { return `{"linkId":"1","item":[` + items + `]}` }
	const at = "QuestionnaireResponse.item[0]"
	for items, want := range map[string]string{
		group(yes): "",
		group(yes + `,{"linkId":"1.2","answer":[{"valueString":"a"},{"valueString":"b"}]}`):                      "",
		group(`{"linkId":"1.1","answer":[{"valueString":"yes"}]}`):                                               "structure " + at + ".item[0].answer[0]",
		group(`{"linkId":"1.1","answer":[{"valueBoolean":true},{"valueBoolean":false}]}`):                        "structure " + at + ".item[0]",
		group(`{"linkId":"1.2","answer":[{"valueString":"a"}]},` + yes):                                          "structure " + at + ".item[1]",
		group(`{"linkId":"1.2","answer":[{"valueString":"a"}]}`):                                                 "required " + at,
		group(yes + `,{"linkId":"1.2","answer":[{"valueString":"abcd"}]}`):                                       "value " + at + ".item[1].answer[0]",
		group(yes + `,{"linkId":"9"}`):                                                                           "structure " + at + ".item[1]",
		group(yes) + `,{"linkId":"2","answer":[{"valueCoding":{"system":"http://a","code":"x","display":"z"}}]}`: "",
		group(yes) + `,{"linkId":"2","answer":[{"valueCoding":{"system":"http://a","code":"y"}}]}`:               "code-invalid QuestionnaireResponse.item[1].answer[0]",
		group(yes) + `,{"linkId":"3","answer":[{"valueString":"a"}]}`:                                            "structure QuestionnaireResponse.item[1]",
	} {
		if got := found(t, response(items)); got != want {
			t.Errorf("%s: %q, want %q", items, got, want)
		}
	}
}

func TestQuestionsThatOthersEnable(t *testing.T) {
	form := func(when, answers string) string {
		return `{"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"#q","contained":[{"resourceType":"Questionnaire","id":"q","status":"active","item":[
		{"linkId":"1","type":"integer","repeats":true},{"linkId":"2","type":"choice","answerOption":[{"valueCoding":{"system":"http://a","code":"x"}},{"valueCoding":{"system":"http://a","code":"y"}}]},
		{"linkId":"3","type":"string","required":true,` + when + `}]}],"item":[` + answers + `]}`
	}
	const one, x, third = `{"linkId":"1","answer":[{"valueInteger":1}]}`, `{"linkId":"2","answer":[{"valueCoding":{"system":"http://a","code":"x"}}]}`, `{"linkId":"3","answer":[{"valueString":"a"}]}`
	const none = `{"linkId":"1"}`
	above0 := `"enableWhen":[{"question":"1","operator":">","answerInteger":0}]`
	isX := `"enableWhen":[{"question":"2","operator":"=","answerCoding":{"system":"http://a","code":"x"}}]`
	both := func(behavior string) string {
		return `"enableBehavior":"` + behavior + `","enableWhen":[{"question":"1","operator":"exists","answerBoolean":true},{"question":"2","operator":"exists","answerBoolean":true}]`
	}
	for _, c := range [][3]string{
		{above0, one, "required QuestionnaireResponse"},
		{above0, one + "," + third, ""},
		{above0, none, ""},
		{above0, none + "," + third, "business-rule QuestionnaireResponse.item[1]"},
		{isX, x + "," + third, ""},
		{isX, x, "required QuestionnaireResponse"},
		{strings.ReplaceAll(isX, `"x"`, `"y"`), x + "," + third, "business-rule QuestionnaireResponse.item[1]"},
		{strings.ReplaceAll(isX, `"="`, `"!="`), third, ""}, // unequal to no answer: left open
		{both("any"), one, "required QuestionnaireResponse"},
		{both("all"), one, ""},
		{both("all"), one + "," + third, "business-rule QuestionnaireResponse.item[1]"},
	} {
		if got := found(t, form(c[0], c[1])); got != c[2] {
			t.Errorf("%s with %s: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestStructureDefinitions(t *testing.T) {
	profile := func(element string) string {
		return `{"resourceType":"StructureDefinition","url":"http://x/p","name":"P","status":"draft","kind":"resource","abstract":false,"type":"Patient",
		"baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint","differential":{"element":[{"id":"Patient","path":"Patient"},` + element + `]}}`
	}
	const at = " StructureDefinition.differential.element[1]"
	for element, want := range map[string]string{
		`{"id":"Patient.name.family","path":"Patient.name.family","min":1}`:                                                                             "",
		`{"id":"Patient.deceased[x]","path":"Patient.deceased[x]","type":[{"code":"boolean"}]}`:                                                         "",
		`{"id":"Patient.deceasedBoolean","path":"Patient.deceasedBoolean"}`:                                                                             "",
		`{"id":"Patient.contained.id","path":"Patient.contained.id"}`:                                                                                   "",
		`{"id":"Patient.names","path":"Patient.names"}`:                                                                                                 "value" + at,
		`{"id":"Patient.link.other","path":"Patient.link.other","min":0}`:                                                                               "value" + at,
		`{"id":"Patient.gender","path":"Patient.gender","max":"*"}`:                                                                                     "value" + at,
		`{"id":"Patient.birthDate","path":"Patient.birthDate","type":[{"code":"dateTime"}]}`:                                                            "value" + at,
		`{"id":"Patient.birthDate.value","path":"Patient.birthDate.value","min":1}`:                                                                     "",
		`{"id":"Patient.birthDate","path":"Patient.birthDate","fixedDate":"2020"}`:                                                                      "",
		`{"id":"Patient.birthDate","path":"Patient.birthDate","fixedString":"2020"}`:                                                                    "value" + at,
		`{"id":"Patient.maritalStatus","path":"Patient.maritalStatus","patternCoding":{"code":"x"}}`:                                                    "value" + at,
		`{"id":"Patient.deceased[x]","path":"Patient.deceased[x]","fixedBoolean":true}`:                                                                 "",
		`{"id":"Patient.birthDate","path":"Patient.birthDate","binding":{"strength":"required","valueSet":"http://hl7.org/fhir/ValueSet/address-use"}}`: "business-rule" + at,
		`{"id":"Patient.name","path":"Patient.name","constraint":[{"key":"a-1","severity":"error","human":"x","expression":"family.exists("}]}`:         "invalid" + at,
	} {
		if got := found(t, profile(element)); got != want {
			t.Errorf("%s: %q, want %q", element, got, want)
		}
	}
}

func TestStructureDefinitionsAndTheirBase(t *testing.T) {
	definition := func(url, typ, base, element string) string {
		return `{"resourceType":"StructureDefinition","url":"` + url + `","name":"P","status":"draft","kind":"complex-type","abstract":false,"type":"` + typ + `",
		"context":[{"type":"element","expression":"Patient"}],"derivation":"constraint","baseDefinition":"http://hl7.org/fhir/StructureDefinition/` + base + `",
		"differential":{"element":[{"id":"` + typ + `","path":"` + typ + `"},` + element + `]}}`
	}
	const name = `{"id":"HumanName.family","path":"HumanName.family","min":1}`
	const url = `{"id":"Extension.url","path":"Extension.url","fixedUri":"http://x/e"}`
	for text, want := range map[string]string{
		definition("http://x/p", "HumanName", "HumanName", name): "",
		definition("http://x/p", "HumanName", "Address", name):   "value StructureDefinition",
		definition("http://x/e", "Extension", "Extension", url):  "",
		definition("http://x/f", "Extension", "Extension", url):  "value StructureDefinition.differential.element[1]",
	} {
		if got := found(t, text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestSpecialRules(t *testing.T) {
	for text, want := range map[string]string{
		`{"resourceType":"Patient","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/of-a-later-pack","valueString":"a"}]}`:                                                                                                                                                                         "",
		`{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient"}}]}`:                                                                                                                                                                                                      "invalid Bundle.entry[0]",
		`{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}}]}`:                                                                                                                                                         "",
		`{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"OperationOutcome","id":"o","issue":[{"severity":"warning","code":"invalid"}]},"search":{"mode":"outcome"}}]}`:                                                                                                       "",
		`{"resourceType":"CodeSystem","status":"draft","content":"supplement"}`:                                                                                                                                                                                                                                "required CodeSystem",
		`{"resourceType":"CodeSystem","status":"draft","content":"complete","property":[{"code":"p","type":"integer"}],"concept":[{"code":"a","concept":[{"code":"b","property":[{"code":"p","valueInteger":1},{"code":"q","valueString":"x"}]}]}]}`:                                                           "",
		`{"resourceType":"CodeSystem","status":"draft","content":"complete","property":[{"code":"p","type":"integer"}],"concept":[{"code":"a","concept":[{"code":"b","property":[{"code":"p","valueString":"1"}]}]}]}`:                                                                                         "value CodeSystem.concept[0].concept[0]",
		`{"resourceType":"ValueSet","url":"sets/a","status":"draft"}`:                                                                                                                                                                                                                                          "invalid ValueSet",
		`{"resourceType":"CodeSystem","url":"urn:uuid:6e0f3f6c-7c2b-4c39-9bd1-0a3e5e4f6b11","status":"draft","content":"complete","concept":[{"code":"a","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/valueset-concept-comments","valueString":"a"}]}]}`:                                       "",
		`{"resourceType":"Patient","extension":[{"url":"http://elsewhere.net/e","valueString":"a"}]}`:                                                                                                                                                                                                          "extension Patient.extension[0]",
		`{"resourceType":"SearchParameter","url":"http://x/s","name":"x","status":"draft","description":"x","code":"x","base":["Patient"],"type":"token","multipleOr":true,"_multipleOr":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/capabilitystatement-expectation","valueCode":"MAY"}]}}`: "",
		`{"resourceType":"Patient","identifier":[{"system":"urn:ietf:rfc:3986","value":"a"}]}`:                                                                                                                                                                                                                 "invalid Patient.identifier[0]",
		`{"resourceType":"Patient","identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:oid:1.2"}]}`:                                                                                                                                                                                                       "",
		`{"resourceType":"Patient","photo":[{"contentType":"text/plain","data":"aGVs bG8=","size":5}]}`:                                                                                                                                                                                                        "",
		`{"resourceType":"Patient","photo":[{"contentType":"text/plain","data":"aGVsbG8=","size":8}]}`:                                                                                                                                                                                                         "invalid Patient.photo[0]",
		`{"resourceType":"Patient","contained":[{"resourceType":"Organization","name":"x"}]}`:                                                                                                                                                                                                                  "required Patient.contained[0]",
		`{"resourceType":"Patient","contained":[{"resourceType":"Patient","id":"o"}],"managingOrganization":{"reference":"#o"}}`:                                                                                                                                                                               "value Patient.managingOrganization",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'><a href='#b'>a</a></div>`):                                                                                                                                                                                                                         "not-found Patient.text.div",
		narrated(`<div xmlns='http://www.w3.org/1999/xhtml'><a href='#b'>a</a><p id='b'>c</p></div>`):                                                                                                                                                                                                          "",
		`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8310-5"}]}}`:                                                                                                                                                                                    "invariant Observation; required Observation.category; required Observation.category; required Observation.subject; required Observation.effective",
		`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8310-6"}]}}`:                                                                                                                                                                                    "code-invalid Observation.code.coding[0]",
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"mgg"}}`:                                                                                                                                                    "code-invalid Observation.value",
		`{"resourceType":"ValueSet","status":"draft","compose":{"include":[{"system":"#x"}]}}`:                                                                                                                                                                                                                 "invalid ValueSet.compose.include[0]",
		`{"resourceType":"ValueSet","status":"draft","compose":{"include":[{"system":"http://hl7.org/fhir/address-use","concept":[{"code":"palace"}]}]}}`:                                                                                                                                                      "code-invalid ValueSet.compose.include[0]",
		`{"resourceType":"ValueSet","status":"draft","compose":{"include":[{"system":"http://snomed.info/sct","filter":[{"property":"constraint","op":"=","value":"<< 73211009 |Diabetes| OR (<73211009 MINUS 73211009)"}]}]}}`:                                                                                "",
		`{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"string","enableWhen":[{"question":"2","operator":"exists","answerBoolean":true}]}]}`:                                                                                                                                   "business-rule Questionnaire.item[0]",
	} {
		if got := found(t, text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestManyLinksCostLittle: what a narrative links to is collected once.
func TestManyLinksCostLittle(t *testing.T) {
	var html strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&html, "<a href='#x%d'>a</a>", i)
	}
	r, err := fhir.Parse([]byte(narrated("<div xmlns='http://www.w3.org/1999/xhtml'>"+html.String()+"</div>")), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if issues := Whole(r); len(issues) == 0 {
		t.Error("no link was found to lead nowhere")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}

// TestManyConditionsCostLittle: the answers that conditions ask for are collected once.
func TestManyConditionsCostLittle(t *testing.T) {
	var questions, answers strings.Builder
	questions.WriteString(`{"linkId":"0","type":"boolean"}`)
	for i := 1; i < 8_000; i++ {
		fmt.Fprintf(&questions, `,{"linkId":"%d","type":"string","enableWhen":[{"question":"0","operator":"=","answerBoolean":true}]}`, i)
		fmt.Fprintf(&answers, `,{"linkId":"%d","answer":[{"valueString":"a"}]}`, i)
	}
	began := time.Now()
	got := found(t, `{"resourceType":"QuestionnaireResponse","status":"completed","questionnaire":"#q","contained":[{"resourceType":"Questionnaire","id":"q","status":"active","item":[`+
		questions.String()+`]}],"item":[{"linkId":"0","answer":[{"valueBoolean":false}]}`+answers.String()+`]}`)
	if !strings.HasPrefix(got, "business-rule QuestionnaireResponse.item[1]; ") {
		t.Errorf("found %.200s", got)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
}
