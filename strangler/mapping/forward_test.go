package mapping

import (
	"strings"
	"testing"
	"testing/fstest"

	"cel.dev/cel-go/cel"
	"github.com/google/uuid"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// notes is a pack whose only map is of Clinic.note, with the text behind its source.
func notes(t testing.TB, rest string) *Pack {
	t.Helper()
	return load(t, `map: clinic.note
source:
  table: Clinic.note
  key: [person, nr]
  lookups:
    person: {table: Clinic.person, on: {id: person}}
`+rest)
}

const keptNote = `  - {column: person, extension: p, type: integer}
  - {column: nr, extension: nr, type: integer}
`

func mapNote(t testing.TB, p *Pack, body source.Cell, persons ...source.Row) Output {
	t.Helper()
	m := p.Map("clinic.note")
	r := row(t, p, "Clinic.note", map[string]source.Cell{"person": source.Text("5"), "nr": source.Text("2"), "body": body})
	in := Input{Installation: uuid.NameSpaceURL, Row: r, Joined: [][]source.Row{persons}}
	out, err := m.Forward(in)
	if err != nil {
		t.Fatal(err)
	}
	if out.Targets != nil {
		if wrong := m.Verify(in, out); wrong != nil {
			t.Errorf("%s: %s", wrong.Path, wrong.Text)
		}
	}
	return out
}

func refusal(out Output) string {
	if out.Refused == nil {
		return ""
	}
	return out.Refused.Code
}

func TestFiltersAskForTheirProof(t *testing.T) {
	p := notes(t, "filter: [{when: row.body == null, reason: placeholder-row, proof: person.size() == 0}]\ntarget: {type: Basic}\nfields:\n"+
		keptNote+"  - {column: body, extension: body, type: string}\n")
	if out := mapNote(t, p, source.NullCell()); out.Filtered != Placeholder || out.Targets != nil {
		t.Errorf("filtered %q", out.Filtered)
	}
	if out := mapNote(t, p, source.NullCell(), row(t, p, "Clinic.person", nil)); refusal(out) != Unproved || out.Filtered != "" {
		t.Errorf("filtered %q, refused %q", out.Filtered, refusal(out))
	}
	if out := mapNote(t, p, source.Text("x")); out.Filtered != "" || len(out.Targets) != 1 {
		t.Errorf("filtered %q", out.Filtered)
	}
}

func TestDropsAreProvedOnEachRow(t *testing.T) {
	for drop, c := range map[string]struct {
		good, bad source.Cell
	}{
		`{column: body, reason: deprecated-and-constant, always: ""}`:         {source.Text(""), source.NullCell()},
		`{column: body, reason: deprecated-and-constant, always: null}`:       {source.NullCell(), source.Text("")},
		`{column: body, reason: derivable, equal: "'nr ' + string(row.nr)"}`:  {source.Text("nr 2"), source.Text("nr 3")},
		`{column: body, reason: technical, always: x}`:                        {source.Text("x"), source.Text("X")},
		`{column: body, reason: derivable, equal: "row.nr == 2 ? '' : 'no'"}`: {source.NullCell(), source.Text("no")},
	} {
		p := notes(t, "target: {type: Basic}\nfields:\n"+keptNote+"drop: ["+drop+"]\n")
		if out := mapNote(t, p, c.good); refusal(out) != "" {
			t.Errorf("%s: refused as %s", drop, refusal(out))
		}
		if out := mapNote(t, p, c.bad); refusal(out) != Unproved {
			t.Errorf("%s: refused as %q", drop, refusal(out))
		}
	}
}

func TestCasesTakeTheFirstThatHolds(t *testing.T) {
	p := notes(t, `cases:
  - case: basic
    when: row.body == null
    target: {type: Basic}
    fields: [{column: person, extension: p, type: integer}, {column: nr, extension: nr, type: integer}, {column: body, extension: b, type: string}]
  - case: list
    target: {type: List}
    fields: [{column: person, extension: p, type: integer}, {column: nr, extension: nr, type: integer}, {column: body, to: title}]
`)
	if out := mapNote(t, p, source.NullCell()); out.Targets[0].Type != "Basic" {
		t.Errorf("target %s", out.Targets[0].Type)
	}
	if out := mapNote(t, p, source.Text("x")); out.Targets[0].Type != "List" || out.Targets[0].Resource.Get("title").Str() != "x" {
		t.Errorf("target %s", out.Targets[0].Type)
	}
}

func TestATargetThatIsNotMadeMustNotHoldAnything(t *testing.T) {
	p := notes(t, `targets:
  - slot: main
    type: Basic
    fields: [{column: person, extension: p, type: integer}, {column: nr, extension: nr, type: integer}]
  - slot: side
    type: Basic
    when: row.body != null && row.body != 'lost'
    fields: [{column: body, to: code.text}]
`)
	out := mapNote(t, p, source.Text("x"))
	if len(out.Targets) != 2 || out.Targets[0].ID == out.Targets[1].ID {
		t.Errorf("targets %+v", out.Targets)
	}
	if out := mapNote(t, p, source.NullCell()); len(out.Targets) != 1 {
		t.Errorf("%d targets", len(out.Targets))
	}
	if out := mapNote(t, p, source.Text("lost")); refusal(out) != NotInverse {
		t.Errorf("refused %q", refusal(out))
	}
}

func TestExpressionsThatFailRefuseTheRow(t *testing.T) {
	p := notes(t, "target: {type: Basic}\nfields:\n"+keptNote+"  - {column: body, extension: body, type: string}\n  - {derive: \"person[0].name\", to: code.text}\n")
	out := mapNote(t, p, source.Text("secret"))
	if refusal(out) != Failed || out.Targets != nil {
		t.Errorf("refused %q", refusal(out))
	}
	if strings.Contains(out.Refused.Text+out.Refused.Path+out.Refused.Value, "secret") {
		t.Errorf("the refusal tells a value: %+v", out.Refused)
	}
	ok := mapNote(t, p, source.Text("x"), row(t, p, "Clinic.person", map[string]source.Cell{"name": source.Text("Ann")}))
	if ok.Targets[0].Resource.Get("code").Get("text").Str() != "Ann" {
		t.Errorf("%s", ok.Targets[0].Resource.Raw())
	}
}

func TestReferences(t *testing.T) {
	p := load(t, person(basic+"  - {column: boss, to: generalPractitioner, ref: {map: clinic.person, lookup: boss}, absent: \"0\"}"))
	m := p.Map("clinic.person")
	in := Input{Row: row(t, p, "Clinic.person", map[string]source.Cell{"id": source.Text("5"), "boss": source.Text("7")}), Joined: make([][]source.Row, 2)}
	out, err := m.Forward(in)
	if err != nil {
		t.Fatal(err)
	}
	ref := out.Targets[0].Resource.Get("generalPractitioner").At(0)
	if ref.Get("reference").Exists() || ref.Get("identifier").Get("value").Str() != "7" || out.Findings[0].Code != Orphan {
		t.Errorf("orphan: %s %v", ref.Raw(), out.Findings)
	}
	in.Joined[1] = []source.Row{row(t, p, "Clinic.person", map[string]source.Cell{"id": source.Text("7")})}
	if out, err = m.Forward(in); err != nil {
		t.Fatal(err)
	}
	want := "Patient/" + uuid.NewSHA1(uuid.Nil, []byte("clinic|Clinic.person|7")).String()
	if got := out.Targets[0].Resource.Get("generalPractitioner").At(0).Get("reference").Str(); got != want {
		t.Errorf("reference %s, want %s", got, want)
	}
}

func TestCodesAtFaultAreNamedOnlyWhereTheyMayBe(t *testing.T) {
	for sensitive, want := range map[string]string{"": "", ", sensitive: true": "", ", sensitive: false": "zz"} {
		p := load(t, person(basic+"  - {column: sex, to: gender, terms: sex"+sensitive+"}"))
		_, out := forward(t, p, map[string]source.Cell{"id": source.Text("5"), "sex": source.Text("zz")})
		if refusal(out) != Unmapped || out.Refused.Value != want || out.Refused.Path != "Clinic.person.sex" {
			t.Errorf("%q: %+v", sensitive, out.Refused)
		}
	}
}

func TestAWrongCallerIsTold(t *testing.T) {
	p := load(t, person(basic))
	m := p.Map("clinic.person")
	good := row(t, p, "Clinic.person", nil)
	for name, in := range map[string]Input{
		"another table": {Row: row(t, p, "Clinic.note", nil), Joined: make([][]source.Row, 2)},
		"few cells":     {Row: source.Row{Table: good.Table, Cells: good.Cells[:2]}, Joined: make([][]source.Row, 2)},
		"few joins":     {Row: good},
		"child's cells": {Row: good, Joined: [][]source.Row{{{}}, nil}},
	} {
		if _, err := m.Forward(in); !fault.Is(err, fault.Internal) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAColumnThatTheSourceDidNotGive(t *testing.T) {
	p := load(t, person(basic+"  - {column: name, to: name.text}"))
	_, out := forward(t, p, map[string]source.Cell{"id": source.Text("5"), "name": {}})
	if refusal(out) != Unfit {
		t.Errorf("refused %q", refusal(out))
	}
}

func TestSlicesThatCannotBeToldApart(t *testing.T) {
	m := strings.Replace(person(basic), "  telecom(phone): {system: phone}", "  telecom(phone): {system: phone}\n  telecom(home): {system: phone, use: home}", 1)
	m = strings.Replace(m, "\ndrop:", "\n  - {value: present, to: telecom(home)}\ndrop:", 1)
	_, err := Load(clinic(m), ".")
	if err == nil || !strings.Contains(err.Error(), "an item of the slice telecom(home) cannot be told from one of telecom(phone)") {
		t.Errorf("error %v", err)
	}
}

// TestExpressionsAreBounded proves that the limit is counted: without a cost there would be none.
func TestExpressionsAreBounded(t *testing.T) {
	p := load(t, person(basic))
	tables := map[string]*source.Table{"Clinic.person": p.table("Clinic.person")}
	rows, err := newRowTypes(tables)
	if err != nil {
		t.Fatal(err)
	}
	l := &language{rows: rows, pack: p}
	var probs problems
	prog := l.compile(&probs, text{"row.id == 5", place{"x", 1, 1}}, names{table: tables["Clinic.person"]}, cel.BoolType)
	if prog == nil {
		t.Fatal(probs.list)
	}
	r := &run{m: p.Map("clinic.person"), row: rowValue{rows.tables["Clinic.person"], row(t, p, "Clinic.person", nil).Cells}}
	_, details, err := prog.prog.Eval(r)
	if err != nil || details.ActualCost() == nil || *details.ActualCost() == 0 {
		t.Errorf("cost is not counted: %v %v", details, err)
	}
	long := "[" + strings.Repeat("1,", 200) + "1]"
	heavy := l.compile(&probs, text{long + ".all(a, " + long + ".all(b, " + long + ".all(c, a+b+c > 0)))", place{"x", 1, 1}}, names{table: tables["Clinic.person"]}, cel.BoolType)
	if heavy == nil {
		t.Fatal(probs.list)
	}
	if _, err := heavy.isTrue(r); err == nil {
		t.Error("an expression of eight million steps was not stopped")
	}
}

func TestFunctionsOfExpressions(t *testing.T) {
	p := load(t, person(basic))
	tables := map[string]*source.Table{"Clinic.person": p.table("Clinic.person")}
	rows, err := newRowTypes(tables)
	if err != nil {
		t.Fatal(err)
	}
	l := &language{rows: rows, pack: p}
	r := &run{m: p.Map("clinic.person"), row: rowValue{rows.tables["Clinic.person"], row(t, p, "Clinic.person", map[string]source.Cell{"weight": source.Text("12.50")}).Cells}}
	for expr, want := range map[string]string{
		"e164(5145550142, 'CA')": "+15145550142", "national('+15145550142')": "5145550142", "age('2000-01-02', '2024-01-01')": "23",
		"isQuantity('>5')": "true", "isNumber('>5')": "false", "term('sex', 'M')": "male", "term('sex', 'nope', 'none')": "none",
		"dateOf('2024-01-02 03:04:05')": "2024-01-02", "dateOf('0000-00-00 00:00:00')": "", "row.weight > 12.0": "true", "row.nick == null": "true", "string(row.id)": "0",
		"row.on == null ? 1.5 : 2.0": "1.5",
	} {
		var probs problems
		prog := l.compile(&probs, text{expr, place{"x", 1, 1}}, names{table: tables["Clinic.person"]})
		if prog == nil {
			t.Errorf("%s: %v", expr, probs.list)
			continue
		}
		if _, got, err := prog.eval(r); err != nil || string(got) != want {
			t.Errorf("%s is %s (%v), want %s", expr, got, err, want)
		}
	}
	for _, expr := range []string{"e164('x', 'CA')", "national('x')", "age('x', 'y')", "term('sex', 'nope')", "term('nope', 'M')", "string(row.nick)"} {
		var probs problems
		prog := l.compile(&probs, text{expr, place{"x", 1, 1}}, names{table: tables["Clinic.person"]})
		if prog == nil {
			t.Errorf("%s: %v", expr, probs.list)
			continue
		}
		if _, got, err := prog.eval(r); err == nil {
			t.Errorf("%s is %s", expr, got)
		}
	}
}

func TestExamplesTellWhatIsWrong(t *testing.T) {
	p := load(t, person(basic+"  - {column: name, to: name.text}"))
	id := uuid.NewSHA1(uuid.MustParse(exampleSpace), []byte("clinic|Clinic.person|5")).String()
	good := "want: [{type: Patient, resource: {resourceType: Patient, id: " + id + ", identifier: [{system: 'urn:key', value: '5'}], name: [{text: Ann}]}}]"
	for body, want := range map[string]string{
		good:                                   "",
		strings.Replace(good, "Ann", "Bob", 1): "Patient.name[0].text is not as wanted",
		strings.Replace(good, "[{text: Ann}]", "[]", 1):            "Patient.name is not as wanted",
		strings.Replace(good, ", name", ", gender: male, name", 1): "Patient.gender is not as wanted",
		strings.Replace(good, "type: Patient", "type: Person", 1):  "target Patient, wanted Person",
		"filtered: placeholder-row":                                `filtered "" and refused "", wanted "placeholder-row" and ""`,
		"refused: unmapped":                                        `filtered "" and refused "", wanted "" and "unmapped"`,
		"findings: [x]":                                            `findings [], wanted ["x"]`,
		"want: []":                                                 "1 targets, wanted 0",
		good + "\n    joined: {fone: []}":                          "x.yaml:6:14: map clinic.person joins no fone",
	} {
		files := fstest.MapFS{"x.yaml": {Data: []byte("map: clinic.person\nrows:\n  - about: one\n    row: {id: 5, name: Ann}\n    " + body + "\n")}}
		list, err := Examples(files, ".")
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		wrong, err := list[0].Try(p)
		if err != nil || wrong != want {
			t.Errorf("%s: %q (%v), want %q", body, wrong, err, want)
		}
	}
}
