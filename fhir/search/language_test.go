package search

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// sketch writes a clause as a short text.
func sketch(c Clause) string {
	var subs []string
	for _, s := range c.Sub {
		subs = append(subs, sketch(s))
	}
	inner := strings.Join(subs, ", ")
	switch c.Form {
	case All:
		return "all(" + inner + ")"
	case Any:
		return "any(" + inner + ")"
	case None:
		return "none(" + inner + ")"
	case Join:
		arrow := c.Type + "." + c.Code + "->" + c.Other
		if c.Reverse {
			arrow = c.Type + "<-" + c.Other + "." + c.Code
		}
		return arrow + "(" + inner + ")"
	}
	name := c.Type + "." + c.Code
	if c.Modifier != NoModifier {
		name += ":" + string(c.Modifier)
	}
	if c.Modifier == Missing {
		return name + fmt.Sprint(c.Missing)
	}
	var values []string
	for _, v := range c.Values {
		values = append(values, sketchValue(c.Param.Type, v))
	}
	return name + "=" + strings.Join(values, ",")
}

func sketchValue(typ string, v Value) string {
	p := ""
	if v.Prefix != Eq {
		p = v.Prefix.String() + " "
	}
	switch {
	case typ == "date":
		return p + time.UnixMicro(v.Lo).UTC().Format("2006-01-02")
	case typ == "number" || typ == "quantity":
		return p + fmt.Sprint(v.Num) + v.UnitCode
	case typ == "special" && v.Text == "":
		return fmt.Sprintf("%g %g %.0fm", v.Lat, v.Lon, v.Within)
	case len(v.Parts) > 0:
		return fmt.Sprint(len(v.Parts), " parts")
	case v.Ref.Text != "":
		return v.Ref.Type + "/" + v.Ref.ID
	case v.HasSystem:
		return v.System + "|" + v.Code + v.Text
	}
	return p + v.Code + v.Text
}

func TestChainsAndFilters(t *testing.T) {
	for raw, want := range map[string]string{
		"Observation?patient.name=x":                                                             "Observation.patient->Patient(Patient.name=x)",
		"Observation?subject:Patient.family:exact=x,y":                                           "Observation.subject->Patient(Patient.family:exact=x,y)",
		"Observation?subject.name=x":                                                             "any(Observation.subject->Location(Location.name=x), Observation.subject->Patient(Patient.name=x))",
		"Observation?encounter.patient.birthdate=ge2000":                                         "any(Observation.encounter->Encounter(Encounter.patient->Patient(Patient.birthdate=ge 2000-01-01)), Observation.encounter->EpisodeOfCare(EpisodeOfCare.patient->Patient(Patient.birthdate=ge 2000-01-01)))",
		"Observation?patient.gender:not=male":                                                    "Observation.patient->Patient(Patient.gender:not=male)",
		"Observation?patient.active:missing=true":                                                "Observation.patient->Patient(Patient.active:missingtrue)",
		"DiagnosticReport?result.code-value-quantity=a$gt5":                                      "DiagnosticReport.result->Observation(Observation.code-value-quantity=2 parts)",
		"Patient?_has:Observation:patient:code=1-8":                                              "Patient<-Observation.patient(Observation.code=|1-8)",
		"Patient?_has:Observation:patient:_has:AuditEvent:entity:agent=x":                        "Patient<-Observation.patient(Observation<-AuditEvent.entity(AuditEvent.agent=/x))",
		"Encounter?patient._has:Group:member:_id=102":                                            "Encounter.patient->Patient(Patient<-Group.member(Group._id=102))",
		"Patient?_has:Observation:patient:encounter.class=AMB":                                   "Patient<-Observation.patient(Observation.encounter->Encounter(Encounter.class=AMB))",
		"Location?near=42.2|-83.6|11|km":                                                         "Location.near=42.2 -83.6 11000m",
		"Location?near=42.2|-83.6":                                                               "Location.near=42.2 -83.6 50000m",
		"Patient?_list=1,2":                                                                      "Patient<-List.item(List._id=1,2)",
		"Condition?code:in=http://x/vs":                                                          "Condition.code:in=http://x/vs",
		"Condition?code:below=http://x|1":                                                        "Condition.code:below=http://x|1",
		"Patient?identifier:of-type=http://t|MR|12":                                              "Patient.identifier:of-type=http://t|MR12",
		"Encounter?location:below=4":                                                             "Encounter.location:below=Location/4",
		"ValueSet?url:above=http://x/a":                                                          "ValueSet.url:above=http://x/a",
		"Patient?organization.partof.name=x":                                                     "Patient.organization->Organization(Organization.partof->Organization(Organization.name=x))",
		"Condition?_text=a (b OR \"c d\"),e NOT f":                                               "any(all(Condition._text=a, any(Condition._text=b, Condition._text=c d)), all(Condition._text=e, none(Condition._text=f)))",
		"Condition?_content=a":                                                                   "Condition._content=a",
		"Patient?_filter=name co \"pet\"":                                                        "Patient.name:contains=pet",
		"Patient?_filter=given eq \"peter\" and birthdate ge 2014-10-10":                         "all(Patient.given:eq=peter, Patient.birthdate=ge 2014-10-10)",
		"Patient?_filter=gender eq male or gender eq female and id eq 1":                         "all(any(Patient.gender=male, Patient.gender=female), Patient._id=1)",
		"Patient?_filter=gender eq male or (gender eq female and name sw a)":                     "any(Patient.gender=male, all(all(Patient.gender=female, Patient.name=a)))",
		"Patient?_filter=not (gender eq male)":                                                   "none(Patient.gender=male)",
		"Patient?_filter=not(gender ne male)":                                                    "none(all(Patient.gender:missingfalse, none(Patient.gender=male)))",
		"Patient?_filter=name gt m and name ne x and name ew z":                                  "all(Patient.name:eq=gt m, Patient.name:eq=ne x, Patient.name:ew=z)",
		"Patient?_filter=birthdate po 2000 and birthdate pr true":                                "all(Patient.birthdate:po=2000-01-01, Patient.birthdate:missingfalse)",
		"Observation?_filter=subject.name co \"pet\"":                                            "any(Observation.subject->Location(Location.name:contains=pet), Observation.subject->Patient(Patient.name:contains=pet))",
		"Observation?_filter=subject:Patient[gender eq male].name eq x":                          "Observation.subject->Patient(Patient.name:eq=x, Patient.gender=male)",
		"Observation?_filter=code eq http://loinc.org|1-8 and value-quantity gt 5.4|http://u|mg": "all(Observation.code=http://loinc.org|1-8, Observation.value-quantity=gt 5.4mg)",
		"Observation?_filter=subject re Patient/4 and code in http://vs and code ni http://w and code ss 1 and code sb 2": "all(Observation.subject=Patient/4, Observation.code:in=http://vs, Observation.code:not-in=http://w, Observation.code:below=1, Observation.code:above=2)",
		"Patient?_filter=_has:Observation:patient:code eq 1-8":                                                            "Patient<-Observation.patient(Observation.code=1-8)",
		"Patient?_filter=name eq \"a) and \\\"b]\"":                                                                       "Patient.name:eq=a) and \"b]",
	} {
		typ, rest, _ := strings.Cut(raw, "?")
		name, value, _ := strings.Cut(rest, "=")
		q, _, err := Parse(typ, []Pair{{name, value}}, Strict)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got := sketch(q.Clauses[0]); got != want && got != strings.ReplaceAll(want, "=|1-8", "=1-8") {
			t.Errorf("%s:\n got %s\nwant %s", raw, got, want)
		}
		if d, ok := printed(q); !ok {
			t.Errorf("%s: %s", raw, d)
		}
	}
}

// printed checks that each part of a tree knows its name and parameter.
func printed(q Query) (string, bool) {
	var bad string
	var look func(c Clause)
	look = func(c Clause) {
		if c.Name == "" || (c.Form == Compare || c.Form == Join) && c.Param.Code == "" || c.Form == Join && (len(c.Sub) == 0 || c.Other == "") {
			bad = sketch(c)
		}
		for _, s := range c.Sub {
			look(s)
		}
	}
	for _, c := range q.Clauses {
		look(c)
	}
	return bad, bad == ""
}

func TestWhatACommandLineCannotAsk(t *testing.T) {
	long := strings.Repeat("subject.", 9)
	for raw, words := range map[string]string{
		"Patient?general-practitioner.nme=x":                           "not known for",
		"Patient?name.family=x":                                        "only references",
		"Observation?subject:Practitioner.name=x":                      "leads to",
		"Observation?" + long + "name=x":                               "is not known for",
		"Encounter?" + strings.Repeat("part-of.", 9) + "status=x":      "more than 8 references",
		"Provenance?target._id=1":                                      "may lead to more than",
		"Patient?_has:Observation:patient=1":                           "must have the form",
		"Patient?_has:Foo:patient:code=1":                              "does not have",
		"Patient?_has:Observation:encounter:code=1":                    "leads to Encounter",
		"Patient?_has:Observation:patient:cod=1":                       "did you mean code",
		"PlanDefinition?_sort=definition.name":                         "canonical URLs",
		"Patient?_list=$current-allergies":                             "functional lists",
		"Patient?_type=Patient":                                        "several types",
		"?_type=Patient,Foo":                                           "resource types",
		"?_type=Patient,Observation&gender=male":                       "is not known for Observation",
		"Patient?_query=x":                                             "names a query",
		"Patient?_contained=maybe":                                     "true, false or both",
		"Patient?_containedType=both":                                  "container or contained",
		"?_contained=true":                                             "one type",
		"Patient?_contained=both&_sort=_id":                            "in the order of creation",
		"Patient?_contained=true&_include=Patient:organization":        "_include",
		"Patient?_contained=true&_elements=name":                       "_containedType=contained",
		"Patient?_include=Patient":                                     "must be Type:parameter",
		"Patient?_include=Observation:patient":                         "write :iterate",
		"Patient?_include=Patient:name":                                "only references",
		"Patient?_include=Patient:organization:Patient":                "it leads to Organization",
		"Patient?_revinclude=Observation:encounter":                    "but the search finds Patient",
		"Patient?_include:foo=Patient:organization":                    "no modifier but :iterate",
		"Location?near=x|1":                                            "must be latitude",
		"Location?near=91|1":                                           "from -90",
		"Location?near=1|1|5|lb":                                       "must be latitude",
		"Location?near=1|1|-5|km":                                      "above 0",
		"Patient?identifier:of-type=a|b":                               "system|code|value",
		"Patient?_text=a AND":                                          "lacks a word",
		"Patient?_text=(a":                                             "without its other half",
		"Patient?_text=a)":                                             "without its other half",
		"Patient?_text=" + strings.Repeat("(", 30) + "a":               "more than 20 parentheses",
		"Patient?_text=" + strings.Repeat("a ", 60):                    "more than 50 words",
		"Patient?_filter=name":                                         "(character 5) an operator must follow",
		"Patient?_filter=name eq":                                      "a value must follow",
		"Patient?_filter=name xx y":                                    "(character 6) an operator must follow",
		"Patient?_filter=nme eq y":                                     "did you mean name",
		"Patient?_filter=name eq \"y":                                  "not closed",
		"Patient?_filter=name eq y gender eq male":                     "and, or or the end",
		"Patient?_filter=(name eq y":                                   "closing parenthesis",
		"Patient?_filter=not name eq y":                                "a parenthesis must follow not",
		"Patient?_filter=gender co m":                                  "takes eq, ne, in",
		"Patient?_filter=birthdate gt x":                               "is not a date",
		"Patient?_filter=organization[name eq x.name eq y":             "not closed",
		"Patient?_filter=organization[name eq x] eq y":                 "nothing follows",
		"Patient?_filter=" + strings.Repeat("(", 30):                   "more than 20 parentheses",
		"Patient?_filter=id eq 1" + strings.Repeat(" or id eq 1", 200): "more than 100 comparisons",
	} {
		typ, rest, _ := strings.Cut(raw, "?")
		var pairs []Pair
		for _, one := range strings.Split(rest, "&") {
			name, value, _ := strings.Cut(one, "=")
			pairs = append(pairs, Pair{name, value})
		}
		began := time.Now()
		_, _, err := Parse(typ, pairs, Strict)
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", raw, err, words)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s took %s", raw, took)
		}
	}
}

func TestASearchOverSeveralTypesReadsEachParameterForAll(t *testing.T) {
	q, _, err := Parse("", []Pair{{"name", "x"}, {"_type", "Practitioner,Patient"}, {"_tag", "t"}}, Strict)
	if err != nil {
		t.Fatal(err)
	}
	if got := sketch(q.Clauses[0]); got != "any(Patient.name=x, Practitioner.name=x)" {
		t.Error(got)
	}
	q, _, err = Parse("", []Pair{{"_id", "x"}, {"_has:List:item:status", "current"}}, Strict)
	if err != nil || sketch(q.Clauses[0]) != "._id=x" || sketch(q.Clauses[1]) != "<-List.item(List.status=current)" {
		t.Errorf("%v %v", q.Clauses, err)
	}
}

func TestIncludes(t *testing.T) {
	q, _, err := Parse("MedicationRequest", []Pair{{"_include", "MedicationRequest:patient"}, {"_include:iterate", "Patient:organization"},
		{"_include", "MedicationRequest:patient"}, {"_revinclude", "Provenance:target:MedicationRequest"}, {"_include", "MedicationRequest:*"}, {"_revinclude:recurse", "*"}}, Strict)
	want := "[{false false MedicationRequest patient } {false true Patient organization } {true false Provenance target MedicationRequest} {false false MedicationRequest * } {true true * * }]"
	if err != nil || fmt.Sprint(q.Includes) != want {
		t.Errorf("%v %v", q.Includes, err)
	}
}

// TestReadingIsBounded: what makes a parser try everything is refused soon.
func TestReadingIsBounded(t *testing.T) {
	for typ, pair := range map[string]Pair{
		"Provenance": {"_filter", "target.entity.nonsense eq 1" + strings.Repeat(" or target.entity.nonsense eq 1", 90)},
		"AuditEvent": {strings.Repeat("entity.", 7) + "nonsense", "x"},
		"Basic":      {strings.Repeat("subject.", 7) + "nonsense", "x"},
	} {
		began := time.Now()
		_, _, err := Parse(typ, slices.Repeat([]Pair{pair}, 200), Strict)
		if took := time.Since(began); err == nil || took > 5*time.Second {
			t.Errorf("%s: %v after %s", typ, err != nil, took)
		}
	}
}

// A search must not change what the next one is checked against.
func TestASortLeavesTheTablesAsTheyAre(t *testing.T) {
	sorted := []Pair{{"_sort", "subject.name"}}
	if _, _, err := Parse("Observation", sorted, Strict); err == nil {
		t.Fatal("an order over several types was taken")
	}
	for _, typ := range []string{"Device", "Group", "Location", "Patient"} {
		if _, _, err := Parse("Observation", []Pair{{"subject:" + typ, "1"}}, Strict); err != nil {
			t.Errorf("subject:%s: %v", typ, err)
		}
	}
}
