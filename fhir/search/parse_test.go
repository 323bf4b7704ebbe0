package search

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

func query(t *testing.T, typ, raw string) Query {
	t.Helper()
	pairs, err := ParseQueryString(raw)
	if err != nil {
		t.Fatal(err)
	}
	q, ignored, err := Parse(typ, pairs, Strict)
	if err != nil || ignored != nil {
		t.Fatalf("%s: %v %v", raw, ignored, err)
	}
	return q
}

func TestValuesAreTakenApartByTheTypeOfTheirParameter(t *testing.T) {
	other := func(text string) Clause {
		return Clause{Values: []Value{{Text: text, Ref: fhir.Ref{Kind: fhir.RefOther, Text: text}}}}
	}
	rel := func(typ, id, text string) Value {
		return Value{Text: text, Ref: fhir.Ref{Kind: fhir.RefRelative, Type: typ, ID: id, Text: text}}
	}
	for raw, want := range map[string]Clause{
		"Patient?gender=male":           {Values: []Value{{Code: "male"}}},
		"Patient?_id=a,b":               {Values: []Value{{Code: "a"}, {Code: "b"}}},
		"Patient?identifier=http://x|7": {Values: []Value{{System: "http://x", Code: "7", HasSystem: true}}},
		"Patient?identifier=|7":         {Values: []Value{{Code: "7", HasSystem: true}}},
		"Patient?identifier=http://x|":  {Values: []Value{{System: "http://x", HasSystem: true}}},
		`Patient?identifier=a\|b\,c\\`:  {Values: []Value{{Code: `a|b,c\`}}},
		"Patient?gender:not=male,other": {Modifier: Not, Values: []Value{{Code: "male"}, {Code: "other"}}},
		"Observation?code:text=Heart":   {Modifier: Text, Values: []Value{{Text: "Heart"}}},
		`Patient?name=O%27Neil,a\,b`:    {Values: []Value{{Text: "O'Neil"}, {Text: "a,b"}}},
		"Patient?family:exact=Son|x$y":  {Modifier: Exact, Values: []Value{{Text: "Son|x$y"}}},
		"Patient?family:contains=s":     {Modifier: Contains, Values: []Value{{Text: "s"}}},
		"Patient?gender:missing=true":   {Modifier: Missing, Missing: true},
		"Patient?birthdate:missing=false": {
			Modifier: Missing,
		},
		"Patient?_profile:below=http://x/y":                              {Modifier: Below, Values: []Value{{Text: "http://x/y"}}},
		"Observation?patient=1":                                          {Values: []Value{rel("Patient", "1", "1")}},
		"Observation?subject=1":                                          {Values: []Value{rel("", "1", "1")}},
		"Observation?subject=Group/1":                                    {Values: []Value{rel("Group", "1", "Group/1")}},
		"Observation?subject:Patient=1":                                  {Modifier: OfResource, Target: "Patient", Values: []Value{rel("Patient", "1", "1")}},
		"Observation?subject:identifier=http://x|7":                      {Modifier: Identifier, Values: []Value{{System: "http://x", Code: "7", HasSystem: true}}},
		"QuestionnaireResponse?questionnaire=http://x/Questionnaire/a|1": other("http://x/Questionnaire/a|1"),
		"QuestionnaireResponse?questionnaire=http://x/Questionnaire/a_b": other("http://x/Questionnaire/a_b"),
		"Observation?subject=urn:uuid:6f":                                {Values: []Value{{Text: "urn:uuid:6f", Ref: fhir.Ref{Kind: fhir.RefURN, Text: "urn:uuid:6f"}}}},
		"Observation?code-value-quantity=a|b$gt5":                        {Values: []Value{{Parts: []Value{{System: "a", Code: "b", HasSystem: true}, {Prefix: Gt, Num: 5, NumLo: 4.5, NumHi: 5.5}}}}},
		"Observation?value-quantity=5.4|http://u|mg":                     {Values: []Value{{Num: 5.4, NumLo: 5.35, NumHi: 5.45, UnitSystem: "http://u", UnitCode: "mg"}}},
		"Observation?value-quantity=le5.4||mg":                           {Values: []Value{{Prefix: Le, Num: 5.4, NumLo: 5.35, NumHi: 5.45, UnitCode: "mg"}}},
		"RiskAssessment?probability=ap-0.5":                              {Values: []Value{{Prefix: Ap, Num: -0.5, NumLo: -0.55, NumHi: -0.45}}},
		"Observation?subject=http://a.b/fhir/Group/1":                    {Values: []Value{{Text: "http://a.b/fhir/Group/1", Ref: fhir.Ref{Kind: fhir.RefAbsolute, Base: "http://a.b/fhir", Type: "Group", ID: "1", Text: "http://a.b/fhir/Group/1"}}}},
	} {
		typ, rest, _ := strings.Cut(raw, "?")
		q := query(t, typ, rest)
		if len(q.Clauses) != 1 || len(q.Used) != 1 {
			t.Fatalf("%s: %+v", raw, q)
		}
		got := q.Clauses[0]
		want.Code, _, _ = strings.Cut(strings.SplitN(rest, "=", 2)[0], ":")
		want.Param, _ = r4.FindParam(typ, want.Code)
		want.Name, _, _ = strings.Cut(rest, "=")
		want.Type = typ
		if d := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9), cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s: %s", raw, d)
		}
	}
}

func TestEachPrefixIsRead(t *testing.T) {
	for i, name := range []string{"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"} {
		q := query(t, "Patient", "birthdate="+name+"2000")
		if got := q.Clauses[0].Values[0].Prefix; got != Prefix(i) || got.String() != name {
			t.Errorf("%s is read as %v", name, got)
		}
	}
}

func TestResultParameters(t *testing.T) {
	q := query(t, "Patient", "_sort=family,-birthdate,_id&_count=5&_total=accurate&_summary=data&_elements=name,deceased,name&_cursor=xyz")
	type key struct {
		code string
		desc bool
	}
	var keys []key
	for _, s := range q.Sort {
		keys = append(keys, key{s.Param.Code, s.Desc})
	}
	if d := cmp.Diff([]key{{"family", false}, {"birthdate", true}, {"_id", false}}, keys, cmp.AllowUnexported(key{})); d != "" {
		t.Error(d)
	}
	if q.Count != 5 || q.Total != TotalAccurate || q.Summary != SummaryData || q.Cursor != "xyz" {
		t.Errorf("%+v", q)
	}
	if d := cmp.Diff([]string{"name", "deceased"}, q.Elements); d != "" {
		t.Error(d)
	}
	if q := query(t, "Patient", "_contained=both&_containedType=contained&_elements=name"); q.Contained != ContainedBoth || !q.Bare {
		t.Errorf("%+v", q)
	}
	if q := query(t, "Patient", "_contained=false&_containedType=container&_sort=_id"); q.Contained != ContainedFalse || q.Bare {
		t.Errorf("%+v", q)
	}
	if q := query(t, "", "_lastUpdated=ge2020&_summary=false"); q.Count != -1 || q.Summary != NoSummary || len(q.Clauses) != 1 {
		t.Errorf("%+v", q)
	}
}

// TestRefusals pairs each bad query with words that its answer must hold.
func TestRefusals(t *testing.T) {
	for raw, words := range map[string]string{
		"Patient?birthdat=2000":               "did you mean birthdate",
		"Patient?birth_date=2000":             "did you mean birthdate",
		"Patient?Family=x":                    "did you mean family",
		"Patient?xyzzyplugh=1":                "is not known for Patient; the CapabilityStatement (GET metadata) lists what is",
		"Patient?_has=1":                      "_has:Type:reference:parameter",
		"Patient?name:exakt=x":                ":missing, :exact, :contains",
		"Patient?name:=x":                     "unknown modifier",
		"Patient?birthdate:exact=2000":        "takes :missing",
		"Patient?gender:missing=maybe":        "true or false",
		"Patient?birthdate=notadate":          "is not a date",
		"Patient?birthdate=2000-13":           "search parameter birthdate is not a date: the month must be 01 to 12",
		"Patient?birthdate=2000-02-30":        "the month has no such day",
		"Patient?birthdate=2000-02-1":         "write yyyy, yyyy-mm",
		"Patient?birthdate=ge2000-02T10:00":   "needs the whole date",
		"Patient?birthdate=2000-02-01T25:00":  "the time of day must be",
		"Patient?_has:Observation=x":          "must have the form _has:Type:reference:parameter, as in _has:Observation:patient:_id",
		"Patient?_has:Observation":            "as in _has:Observation:patient:_id",
		"Patient?_has:Group:member=x":         "as in _has:Group:member:_id",
		"Patient?_has:Foo=x":                  "as in _has:Observation:patient:code",
		"Observation?subject=Patient/":        "search parameter subject names a type without an id: write an id, Type/id or an URL",
		"Observation?patient=Patient/":        "a type without an id",
		"Observation?subject=http://x/Group/": "a type without an id",
		"Patient?birthdate=1999,2000-02-30":   "(alternative 2) is not a date",
		"Patient?gender=male,":                "empty alternative",
		"Patient?gender=a|b|c":                "too many bars",
		"Patient?gender=|":                    "neither system nor code",
		"Patient?gender=":                     "has no value",
		"Observation?subject:Practitioner=1":  "cannot refer to Practitioner",
		"Observation?patient:Device=1":        "cannot refer to Device; it refers to Patient",
		"Observation?patient:Group=1":         "cannot refer to Group; it refers to Patient",
		"Observation?patient=Group/1":         "must refer to Patient",
		"Patient?=x":                          "search parameter (empty name) ",
		"Patient?link.link.link.link.link.link.link.link.link.link.link.link.link.link.link.link.link.link=x": "search parameter link.link.link",
		"Patient?_filter=foo eq 1":                        "before this: foo ",
		"Observation?subject:Patient=Group/1":             "must refer to Patient",
		"Observation?subject=Foo/1":                       "does not have",
		"Observation?subject=Patient?x=y":                 "must be an id, Type/id or an URL",
		"Observation?value-quantity=5|mg":                 "must be number, number|system|code",
		"Observation?value-quantity=abc":                  "is not a number",
		"Observation?code-value-quantity=a":               "must have 2 parts",
		"Observation?code-value-quantity=a$x":             "(part 2) is not a number",
		"Observation?code-value-quantity=$5":              "(part 1) is empty",
		"RiskAssessment?probability=1e999":                "is not a number",
		"RiskAssessment?probability=1e309":                "out of range",
		"Patient?_count=-1":                               "whole number",
		"Patient?_count=1&_count=2":                       "only once",
		"Patient?_sort=nme":                               "(key 1) must be a list of search parameters",
		"Observation?_sort=code-value-quantity":           "cannot be by code-value-quantity",
		"Patient?_total=maybe":                            "none, estimate or accurate",
		"Patient?_summary=1":                              "must be true, text",
		"Patient?_elements=name,nome":                     "stand directly in Patient",
		"Patient?name=%FF":                                "no text",
		"Patient?name=a%00b":                              "no text",
		"Patient?na%0Ame=x":                               "(unreadable name)",
		"?_type=Observation,Patient&_sort=patient":        "(key 1) must be a list of search parameters of Patient",
		"?_type=Observation,Account&_sort=subject,period": "(key 2) must be a list of search parameters of Observation",
	} {
		typ, rest, _ := strings.Cut(raw, "?")
		pairs, err := ParseQueryString(rest)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = Parse(typ, pairs, Strict)
		f := fault.Find(err)
		if f == nil || f.Kind != fault.Invalid || !strings.Contains(f.Text, words) || len(f.Issues) == 0 {
			t.Errorf("%s: %v, want %q", raw, err, words)
		}
	}
}

// TestWhatIsWrongHasACode wants a bad value told apart from a parameter that cannot be.
func TestWhatIsWrongHasACode(t *testing.T) {
	for raw, want := range map[string]string{"birthdate=1980-13": "value", "_count=x": "value", "gender=": "value", "general-practitioner=Practitioner/": "value", "_has:Observation=1": "invalid", "foo=1": "not-supported"} {
		name, value, _ := strings.Cut(raw, "=")
		_, _, err := Parse("Patient", []Pair{{name, value}}, Strict)
		f := fault.Find(err)
		if f == nil || len(f.Issues) != 1 || f.Issues[0].Code != want || f.Issues[0].Expression != "http."+name {
			t.Errorf("%s: %+v, want %s", raw, f, want)
		}
	}
}

func TestEveryMistakeIsNamedAtOnce(t *testing.T) {
	_, _, err := Parse("Patient", []Pair{{"birthdate", "x"}, {"gender", "male"}, {"foo", "1"}, {"_count", "many"}}, Strict)
	f := fault.Find(err)
	if f == nil || len(f.Issues) != 3 {
		t.Fatalf("%+v", f)
	}
	for i, want := range []string{"http.birthdate", "http.foo", "http._count"} {
		if f.Issues[i].Expression != want {
			t.Errorf("issue %d is at %s, want %s", i, f.Issues[i].Expression, want)
		}
	}
}

func TestLenienceSkipsWhatIsUnknownButNoBadValue(t *testing.T) {
	q, ignored, err := Parse("Patient", []Pair{{"foo", "1"}, {"gender", "male"}, {"_query", "x"}, {"name", ""}}, Lenient)
	if err != nil || len(ignored) != 3 || len(q.Clauses) != 1 {
		t.Fatalf("%+v %v %v", q, ignored, err)
	}
	if d := cmp.Diff([]Pair{{"gender", "male"}}, q.Used); d != "" {
		t.Error(d)
	}
	if !ignored[0].Warning || !strings.Contains(ignored[0].Text, "ignored") {
		t.Errorf("%+v", ignored[0])
	}
	for _, bad := range []Pair{{"birthdate", "x"}, {"name:foo", "x"}} {
		if _, _, err := Parse("Patient", []Pair{bad}, Lenient); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

func TestNoValueComesBackInAMessage(t *testing.T) {
	const secret = "Zaphod"
	for _, name := range []string{"birthdate", "gender:missing", "_count", "_sort", "_elements", "_total", "_summary", "foo", "value:x"} {
		_, _, err := Parse("Patient", []Pair{{name, secret}}, Strict)
		f := fault.Find(err)
		if f == nil {
			t.Fatalf("%s was accepted", name)
		}
		if strings.Contains(f.Text+f.Issues[0].Text+f.Issues[0].Expression, secret) {
			t.Errorf("%s: the value is in %q", name, f.Text)
		}
	}
}

func TestLimits(t *testing.T) {
	if _, _, err := Parse("Patient", make([]Pair, maxPairs+1), Lenient); !fault.Is(err, fault.Invalid) {
		t.Error("too many pairs:", err)
	}
	many := strings.Repeat("a,", maxValues) + "a"
	if _, _, err := Parse("Patient", []Pair{{"gender", many}}, Strict); !fault.Is(err, fault.Invalid) {
		t.Error("too many alternatives:", err)
	}
	if _, _, err := Parse("Patient", []Pair{{"gender", many[2:]}}, Strict); err != nil {
		t.Error(err)
	}
}

func TestLinksKeepWhatWasUsed(t *testing.T) {
	q := query(t, "Patient", "name=a%26b&_cursor=old&_count=5")
	if got, want := q.Link("n w"), "name=a%26b&_count=5&_cursor=n+w"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := q.Link(""), "name=a%26b&_count=5"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestQueryString(t *testing.T) {
	got, err := ParseQueryString("a=1&&b=x%2By+z&a=2&c")
	if d := cmp.Diff([]Pair{{"a", "1"}, {"b", "x+y z"}, {"a", "2"}, {"c", ""}}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	for _, bad := range []string{"a=%zz", "%1=x", "a=%"} {
		if _, err := ParseQueryString(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestEveryParameterOfR4CanBeAsked asks each parameter of each type with a value of its form.
func TestEveryParameterOfR4CanBeAsked(t *testing.T) {
	for _, typ := range r4.Resources() {
		for _, param := range r4.Params(typ) {
			if param.Expression == "" && param.Type != "composite" || param.Type == "special" {
				continue
			}
			_, _, err := Parse(typ, []Pair{{param.Code, example(param.Type, param.Components)}}, Strict)
			if err != nil {
				t.Errorf("%s?%s: %v", typ, param.Code, err)
			}
		}
	}
}

func example(paramType string, parts []r4.Component) string {
	switch paramType {
	case "date":
		return "ge2020-01"
	case "number", "quantity":
		return "5"
	case "composite":
		var list []string
		for _, c := range parts {
			list = append(list, example(c.Type, nil))
		}
		return strings.Join(list, "$")
	}
	return "abc"
}
