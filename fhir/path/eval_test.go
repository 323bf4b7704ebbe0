package path

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

const patient = `{
  "resourceType": "Patient", "id": "p1", "active": true,
  "contained": [{"resourceType": "Organization", "id": "o1", "name": "Ward"}],
  "name": [
    {"use": "official", "family": "Ng", "given": ["Ada", "Bo"], "_given": [null, {"extension": [{"url": "http://x/y", "valueCode": "z"}]}]},
    {"use": "usual", "given": [null], "_given": [{"id": "g1"}]}
  ],
  "birthDate": "1980-02", "_birthDate": {"id": "b1", "extension": [{"url": "http://x/t", "valueDateTime": "1980-02-03T04:05:06Z"}]},
  "_gender": {"extension": [{"url": "http://x/g", "valueString": "unknown"}]},
  "deceasedBoolean": false, "multipleBirthInteger": 2,
  "managingOrganization": {"reference": "#o1"},
  "generalPractitioner": [{"reference": "Practitioner/9"}, {"reference": "http://h/fhir/Organization/3"}, {"reference": "urn:uuid:1"}, {"type": "PractitionerRole", "display": "x"}],
  "telecom": [{"system": "phone", "value": "1", "rank": 1}, {"system": "email", "value": "a@b", "period": {"start": "2020-01-01"}}]
}`

const observation = `{
  "resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": "1"}]},
  "valueQuantity": {"value": 1.50, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
  "effectivePeriod": {"start": "2020-01-01T10:00:00+02:00"},
  "component": [
    {"code": {"text": "a"}, "valueQuantity": {"value": 3, "system": "http://unitsofmeasure.org", "code": "a"}},
    {"code": {"text": "b"}, "valueCodeableConcept": {"text": "c"}},
    {"code": {"text": "d"}, "_valueString": {"extension": [{"url": "http://x/absent", "valueCode": "masked"}]}},
    {"code": {"text": "e"}, "valueQuantity": {"value": 4, "comparator": "<", "code": "mg", "system": "http://unitsofmeasure.org"}}
  ]
}`

var noon = time.Date(2024, 2, 29, 12, 30, 45, 678_900_000, time.FixedZone("", 3600))

func contextForTests() *Context {
	return &Context{Now: func() time.Time { return noon }, Vars: map[string][]Node{"limit": {Int(3)}, "names": {String("a"), String("b")}}}
}

// evaluated is the result as text: items in order, strings in quotes, elements by their type.
func evaluated(t *testing.T, resource, expression string) (string, error) {
	t.Helper()
	e, err := Compile(expression)
	if err != nil {
		return "", err
	}
	out, err := e.Eval(contextForTests(), Root(parsed(t, []byte(resource))))
	if err != nil {
		return "", err
	}
	var parts []string
	for _, n := range out {
		switch {
		case n.Kind() == "String":
			parts = append(parts, "'"+n.Str()+"'")
		case n.Kind() != "" && n.literal() != nil:
			parts = append(parts, n.literal().text())
		default:
			parts = append(parts, n.Type())
		}
	}
	return strings.Join(parts, ", "), nil
}

// TestEval states results that follow from the text of N1 and of the FHIR R4 page on FHIRPath.
func TestEval(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		// navigation: order, choices, siblings, types
		{"name.given", "'Ada', 'Bo', ''"},
		{"Patient.name.family", "'Ng'"},
		{"Resource.id", "'p1'"},
		{"DomainResource.contained.name", "'Ward'"},
		{"deceased", "false"},
		{"deceased is boolean", "true"},
		{"deceased.as(dateTime)", ""},
		{"multipleBirth + 1", "3"},
		{"deceasedBoolean", ""},
		{"birthDate.extension.value", "1980-02-03T04:05:06Z"},
		{"birthDate.id", "'b1'"},
		{"gender.exists() and gender.hasValue().not()", "true"},
		{"gender.extension('http://x/g').value", "'unknown'"},
		{"gender = 'male'", "false"},
		{"name.given.extension('http://x/y').value is code", "true"},
		{"name[1].given.id", "'g1'"},
		{"name.given.where(hasValue()).count()", "2"},
		{"nothing.at.all", ""},
		{"contained.type().name", "'Organization'"},
		{"Patient.descendants().ofType(ContactPoint).count()", "2"},
		{"children().ofType(code).count()", "1"},
		// references
		{"managingOrganization.resolve().name", "'Ward'"},
		{"generalPractitioner.where(resolve() is Practitioner).reference", "'Practitioner/9'"},
		{"generalPractitioner.where(resolve() is Organization).reference", "'http://h/fhir/Organization/3'"},
		{"generalPractitioner.where(resolve() is PractitionerRole).display", "'x'"},
		{"generalPractitioner.resolve().count()", "3"},
		// scopes
		{"name.select($index)", "0, 1"},
		{"name.where($index = 1).use", "'usual'"},
		{"telecom.where(value.length() > 1).select($this.system)", "'email'"},
		{"telecom.select(value & ' ' & system)", "'1 phone', 'a@b email'"},
		{"name.given.combine(telecom.value).count()", "5"},
		{"(1 | 2 | 3).aggregate($total + $this, 0)", "6"},
		{"('a' | 'b').aggregate(iif($total.empty(), $this, $total + $this))", "'ab'"},
		{"%limit + 1", "4"},
		{"%names.join('-')", "'a-b'"},
		{"%resource.id = %context.id and %rootResource is Patient", "true"},
		{"%`vs-x`", "'http://hl7.org/fhir/ValueSet/x'"},
		{"%'ext-x'", "'http://hl7.org/fhir/StructureDefinition/x'"},
		// logic with what is not known
		{"true and {}", ""},
		{"false and {}", "false"},
		{"{} or true", "true"},
		{"{} implies true", "true"},
		{"true implies {}", ""},
		{"true xor {}", ""},
		{"active and 'x'", "true"},
		// equality
		{"1 = 1.0", "true"},
		{"1 = '1'", "false"},
		{"{} = 1", ""},
		{"(1 | 2) = (2 | 1)", "false"},
		{"(1 | 2) ~ (2 | 1)", "true"},
		{"'A b' ~ 'a\\tB'", "true"},
		{"1.25 ~ 1.3", "true"},
		{"name.first() = name.first()", "true"},
		{"name.first() = name.last()", "false"},
		{"@2020 = @2020-01", ""},
		{"@2020 = @2021-01", "false"},
		{"@2020-01-01T00:00:00+01:00 = @2019-12-31T23:00:00Z", "true"},
		{"@2020-01-01T12:00 < @2020-01-03T00:00Z", "true"},
		{"@2020-01-01T12:00 < @2020-01-01T13:00Z", ""},
		{"birthDate < @1980-03", "true"},
		{"birthDate < @1980-02-15", ""},
		{"@T10 < @T11:30", "true"},
		{"1 'kg' = 1000 'g'", "true"},
		{"1 'kg' < 1 's'", ""},
		{"1 'kg' = 1 's'", "false"},
		{"1 'xx' = 1 'yy'", ""},
		{"37 'Cel' > 98 '[degF]'", "true"},
		{"1 year = 1 'a'", ""},
		{"1 year ~ 1 'a'", "true"},
		{"1 month = 30 days", ""},
		{"2 weeks = 14 'd'", "true"},
		// collections
		{"(1 | 2 | 2 | 1.0).count()", "2"},
		{"(1 | 2).combine(2).distinct().count()", "2"},
		{"(1 | 2 | 3).skip(1).take(1)", "2"},
		{"(1 | 2 | 3).take(-1)", ""},
		{"(1 | 2 | 3)[5]", ""},
		{"(1 | 2 | 3).tail().last()", "3"},
		{"1.combine(1).combine(2).exclude(2).count()", "2"},
		{"1.combine(1).intersect(1).count()", "1"},
		{"2 in (1 | 2) and (1 | 2) contains 1", "true"},
		{"{} in (1 | 2)", ""},
		{"(1 | 2).subsetOf(1 | 2 | 3) and (1 | 2 | 3).supersetOf(1 | 2)", "true"},
		{"{}.allTrue() and {}.all(false) and {}.anyTrue().not()", "true"},
		{"(true | false).allFalse() or (true | false).anyFalse().not()", "false"},
		{"(3 | 1 | 2).sort(-$this).first()", "3"},
		{"name.sort(family).use", "'usual', 'official'"},
		{"Patient.repeat(children()).ofType(Extension).count()", "3"},
		// strings count characters
		{"'äöü€'.length()", "4"},
		{"'äöü€'.substring(1, 2)", "'öü'"},
		{"'äöü€'.indexOf('€')", "3"},
		{"'abab'.lastIndexOf('ab')", "2"},
		{"'ab'.toChars()", "'a', 'b'"},
		{"'a,b,,'.split(',').count()", "4"},
		{"'John Doe'.replaceMatches('(\\\\w+) (\\\\w+)', '$2x $1')", "'Doex John'"},
		{"'line\\nbreak'.matches('e.b')", "true"},
		{"'ABC'.matches('b', 'i')", "true"},
		{"'ab'.matchesFull('a')", "false"},
		{"'\\u00e9'.upper()", "'É'"},
		{"'x'.encode('hex') & 'eA=='.decode('base64')", "'78x'"},
		{"'zz'.decode('hex')", ""},
		// numbers
		{"7 div 2", "3"},
		{"-7 mod 3", "-1"},
		{"0.1 + 0.2", "0.3"},
		{"1 / 0", ""},
		{"2147483647 + 1", ""},
		{"-2147483648", "-2147483648"},
		{"2.5.round()", "3"},
		{"(-2.5).round()", "-3"},
		{"1.255.round(2)", "1.26"},
		{"27.power(1/3).round(10)", "3"},
		{"1000.0.log(10)", "3"},
		{"2 'cm' * 3 'cm' = 6 'cm2'", "true"},
		{"1 'g' + 1 'kg'", "1001 'g'"},
		{"-5 'g'", "-5 'g'"},
		{"(-5.5 'g').abs()", "5.5 'g'"},
		// dates
		{"now()", "2024-02-29T12:30:45.678+01:00"},
		{"today() + 1 year", "2025-02-28"},
		{"timeOfDay()", "12:30:45.678"},
		{"@2020-01-31 + 1 month", "2020-02-29"},
		{"@2020-03-31 - 1 month", "2020-02-29"},
		{"@2020 - 13 months", "2019"},
		{"@2020-05 + 45 days", "2020-06"},
		{"@2020-01-01 + 36 hours", "2020-01-02"},
		{"@2020-01-01T10:00 - 90 seconds", "2020-01-01T09:59"},
		{"@T23:30:00 + 1 hour", "00:30:00"},
		{"@9999-12-31 + 1 day", ""},
		{"@0001-01-01 - 1 day", ""},
		{"@2016-12-31T23:59:59.999Z + 1 millisecond", "2017-01-01T00:00:00.000Z"},
		// conversion
		{"'1.50'.toDecimal()", "1.50"},
		{"'1e3'.convertsToDecimal()", "false"},
		{"'0x1'.toInteger()", ""},
		{"'2020-02-30'.toDate()", ""},
		{"'2020-02-28T10:00Z'.toDate()", "2020-02-28"},
		{"'10:00'.toTime()", "10:00"},
		{"'5 \\'mg\\''.toQuantity()", "5 'mg'"},
		{"'5 mg'.toQuantity()", ""},
		{"1 'kg'.toQuantity('g')", "1000 'g'"},
		{"birthDate.toString() & active.toString()", "'1980-02true'"},
		// types
		{"1 is Integer and 1 is System.Integer", "true"},
		{"active is Boolean", "false"},
		{"Patient is DomainResource", "true"},
		{"name.first() is Element", "true"},
		{"name.ofType(HumanName).count()", "2"},
		{"name.first().type().name", "'HumanName'"},
		{"active.type().namespace & '.' & 1.type().namespace", "'FHIR.System'"},
		{"Patient.type().baseType & ' ' & 1.type().baseType & ' ' & active.type().baseType", "'FHIR.DomainResource System.Any FHIR.Element'"},
		{"is(Patient)", "true"},
		// FHIR
		{"conformsTo('http://hl7.org/fhir/StructureDefinition/Resource')", "true"},
		{"telecom.first().system.memberOf('http://hl7.org/fhir/ValueSet/contact-point-system')", "true"},
		{"'pigeon'.memberOf('http://hl7.org/fhir/ValueSet/contact-point-system|4.0.1')", "false"},
		{"active.getValue() = true", "true"},
		{"checkModifiers('http://x').exists()", "true"},
	} {
		got, err := evaluated(t, patient, c.expression)
		if err != nil || got != c.want {
			t.Errorf("%s gives %s, %v; want %s", c.expression, got, err, c.want)
		}
	}
}

func TestEvalOfAnObservation(t *testing.T) {
	for _, c := range []struct{ expression, want string }{
		{"value", "1.50 'kg'"},
		{"value.value", "1.50"},
		{"(value as Quantity).unit", "'kg'"},
		{"value.ofType(string)", ""},
		{"component.value.ofType(Quantity).count()", "2"},
		{"component.value.count()", "4"},
		{"component.value.extension.value", "'masked'"},
		{"component[2].value is string", "true"},
		{"component[2].value.hasValue()", "false"},
		{"component[0].value = 3 years", "true"},
		{"component[3].value = 4 'mg'", "false"},
		{"effective.start > @2020-01-01T07:59:59Z", "true"},
		{"value > 1 'kg' and value < 2000 'g'", "true"},
		{"value * 2 = 3 'kg'", "true"},
		{"Observation.value.children().count()", "4"},
		{"code.coding.where(system = %loinc).code", "'1'"},
		{"code.coding.subsumes(code.coding) and code.coding.subsumedBy(code.coding)", "true"},
	} {
		if got, err := evaluated(t, observation, c.expression); err != nil || got != c.want {
			t.Errorf("%s gives %s, %v; want %s", c.expression, got, err, c.want)
		}
	}
}

// TestFaults: each names the place in the expression, none a value of the patient.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		expression string
		line, col  int
		text       string
	}{
		{"", 1, 1, "ends too early"},
		{"name.", 1, 6, "name is expected"},
		{"name.given[", 1, 12, "ends too early"},
		{"name\n  .where(use = )", 2, 16, "operand is expected"},
		{"name..given", 1, 6, "name is expected"},
		{"'abc", 1, 1, "no end"},
		{"'a\\qb'", 1, 3, "escape"},
		{"/* x", 1, 1, "comment"},
		{"1 +", 1, 4, "ends too early"},
		{"(1", 1, 3, "expected ')'"},
		{"nosuch()", 1, 1, "no function nosuch"},
		{"name.where()", 1, 6, "takes 1 argument"},
		{"name.substring(1,2,3)", 1, 6, "1 to 2"},
		{"name is Nosuch", 1, 9, "no type"},
		{"name.ofType(1)", 1, 13, "type is expected"},
		{"@2020-13", 1, 1, "date"},
		{"@T25", 1, 1, "date or time"},
		{"3000000000", 1, 1, "32 bits"},
		{"a b", 1, 3, "should end"},
		{"$that", 1, 1, "$this"},
		{"% x", 1, 3, "behind '%'"},
		{"and", 1, 1, "operand"},
		{"ä", 1, 1, "no meaning"},
		{"'ä' + #", 1, 7, "no meaning"},
		{"name.single()", 1, 6, "single"},
		{"name.given + 'x'", 1, 12, "single items"},
		{"name.use.first().substring('a')", 1, 28, "Integer"},
		{"active.substring(0)", 1, 8, "String, not boolean"},
		{"1 + 'a'", 1, 3, "System.Integer and System.String"},
		{"name.first() > 1", 1, 14, "HumanName"},
		{"today() + 3", 1, 9, "cannot take"},
		{"today() + 3 'kg'", 1, 9, "cannot take"},
		{"@2020 + 1 'a'", 1, 7, "cannot take"},
		{"%nosuch", 1, 1, "no variable"},
		{"$index", 1, 1, "$index"},
		{"'x'.matches('(')", 1, 13, "regular expression"},
		{"'x'.matches('(?=x)')", 1, 13, "look-around"},
		{"iif(1 | 2, 1)", 1, 7, "truth"},
		{"name.as(HumanName)", 1, 6, "single item"},
		{"conformsTo('http://x')", 1, 1, "profile"},
		{"'a'.memberOf('http://x')", 1, 5, "terminology"},
		{"7 div 2 & ''", 1, 9, "strings"},
		{"(1 | 2).toString()", 1, 9, "single item"},
		{"name.single(2)", 1, 6, "takes 0"},
		{"1.5.round(-1)", 1, 5, "negative"},
	} {
		_, err := evaluated(t, patient, c.expression)
		f := fault.Find(err)
		if f == nil || f.Kind != fault.Invalid || f.Issues[0].Line != c.line || f.Issues[0].Col != c.col || !strings.Contains(f.Text, c.text) {
			t.Errorf("%q: %+v, want %d:%d %q", c.expression, f, c.line, c.col, c.text)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ typ, expression, text string }{
		{"Patient", "name.given", ""},
		{"Patient", "name.givn", "HumanName has no element givn"},
		{"Patient", "Observation.code", "Patient has no element Observation"},
		{"Observation", "valueQuantity.value", "write value.ofType(Quantity)"},
		{"Observation", "value.ofType(Quantity).nosuch", "Quantity has no element nosuch"},
		{"Observation", "component.where(code.text = 'x').value.unit", ""},
		{"Bundle", "entry.resource.whatever", ""},
		{"Patient", "contact.where(relationship.coding.exists()).name.family", ""},
		{"Patient", "name.where(famly = 'x')", "famly"},
		{"Patient", "children().first()", "order"},
		{"Patient", "iif(name.family, 1, 2)", "truth value"},
		{"Patient", "iif(active, 1, 2)", ""},
		{"Patient", "name.select(given | family).substring(1)", ""},
		{"Questionnaire", "repeat(item).linkId", ""},
		{"Patient", "extension('x').value.ofType(string)", ""},
		{"Patient", "(name | contact.name).family", ""},
		{"Patient", "link.other.resolve().anything", ""},
	} {
		e, err := Compile(c.expression)
		if err != nil {
			t.Fatal(err)
		}
		err = e.Check(c.typ)
		if (err == nil) != (c.text == "") || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s for %s: %v, want %q", c.expression, c.typ, err, c.text)
		}
	}
}

func TestWhatTheContextBrings(t *testing.T) {
	r := parsed(t, []byte(patient))
	other := parsed(t, []byte(`{"resourceType":"Practitioner","id":"9","active":true}`))
	traced := ""
	ctx := &Context{
		Resolve: func(ref string) (fhir.Resource, bool) { return other, ref == "Practitioner/9" },
		MemberOf: func(n Node, url string) (bool, error) {
			if url == "broken" {
				return false, fault.New(fault.Unavailable, "no terminology now")
			}
			return n.Str() == "phone" && url == "v", nil
		},
		Subsumes: func(a, b Node) (bool, error) { return a.Str() < b.Str(), nil },
		Conforms: func(n Node, url string) (bool, error) { return n.Type() == "Patient" && url == "p", nil },
		Slice: func(n Node, profile, name string) (bool, error) {
			return n.Value().Get("system").Str() == name && profile == "p", nil
		},
		Define: func(n Node) (Node, bool) {
			doc := `{"resourceType":"Basic","path":"` + n.Type() + `"}`
			return Of(parsed(t, []byte(doc)).Value, "ElementDefinition"), n.Type() == "ContactPoint"
		},
		Trace: func(name string, items []Node) { traced += name + ":" + items[0].Str() + ";" },
	}
	for expression, want := range map[string]bool{
		"generalPractitioner.resolve().active":                                    true,
		"generalPractitioner.resolve().count() = 1":                               true,
		"managingOrganization.resolve().name = 'Ward'":                            true,
		"telecom.system.where(memberOf('v')).count() = 1":                         true,
		"'a'.subsumes('b') and 'b'.subsumedBy('a') and 'a'.subsumedBy('b').not()": true,
		"conformsTo('p')": true,
		"conformsTo('q')": false,
		"telecom.slice('p', 'phone').value = '1' and telecom.slice('q', 'phone').empty()": true,
		"(telecom | name).elementDefinition().path.distinct() = 'ContactPoint'":           true,
		"name.trace('n', family).exists()":                                                true,
	} {
		e, err := Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Test(ctx, Root(r)); err != nil || got != want {
			t.Errorf("%s: %v, %v", expression, got, err)
		}
	}
	if traced != "n:Ng;" {
		t.Errorf("traced %q", traced)
	}
	e, _ := Compile("'x'.memberOf('broken')")
	if _, err := e.Eval(ctx, Root(r)); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a fault of the context is kept: %v", err)
	}
	e, _ = Compile("now()")
	if _, err := e.Eval(nil, Root(r)); !fault.Is(err, fault.Internal) {
		t.Errorf("now() without a clock: %v", err)
	}
}

// TestHostile: whatever is asked, there is an end.
func TestHostile(t *testing.T) {
	big := "(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20)"
	for _, expression := range []string{
		big + ".select(" + big + ").select(" + big + ").select(" + big + ").select(" + big + ").count()",
		big + ".aggregate($total & $total & 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx')",
		"repeat($this & 'x')",
		"'x'.repeat($this & 'x')",
		"1.repeat($this + 1)",
		big + ".aggregate($total.combine($total).combine(1), 1).count()",
		big + ".aggregate($total.replace('', $total & 'ab'), 'ab')",
		"'" + strings.Repeat("a", 10_000) + "'.select($this" + strings.Repeat(" & $this", 19) + ").where(matches('(a?){500}(a?){500}(a?){500}b')).count()",
		"name.where('a'.matches('((a{100}){100}){100}'))",
		big + ".aggregate($total.replaceMatches('.', '$0$0$0$0$0$0$0$0'), 'ab')",
	} {
		began := time.Now()
		e, err := Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		_, err = e.Eval(&Context{MaxSteps: 1_000_000}, Root(parsed(t, []byte(patient))))
		if !fault.Is(err, fault.TooCostly) && !fault.Is(err, fault.Invalid) {
			t.Errorf("%.60s: %v", expression, err)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%.60s took %v", expression, took)
		}
	}
	for _, source := range []string{strings.Repeat("(", 100000), strings.Repeat("(", 30000), strings.Repeat("-", 30000) + "1", strings.Repeat("a.where(", 3000)} {
		if _, err := Compile(source); err == nil {
			t.Errorf("%.20s... compiles", source)
		}
	}
	if _, err := Compile("1" + strings.Repeat("+1", 10000)); err != nil {
		t.Error(err)
	}
}

func TestBudgetOfTheCaller(t *testing.T) {
	e, err := Compile("Patient.descendants().where($this is Element).count()")
	if err != nil {
		t.Fatal(err)
	}
	for _, ctx := range []*Context{{MaxSteps: 20}, {MaxResult: 5}} {
		_, err := e.Eval(ctx, Root(parsed(t, []byte(patient))))
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.TooCostly || f.Issues[0].Col == 0 {
			t.Errorf("%+v", f)
		}
	}
}

// TestNowIsOneMoment: however often an expression asks.
func TestNowIsOneMoment(t *testing.T) {
	e, err := Compile("now() = now() and (1 | 2).all(now().toString() = %context.type().select(now()).toString())")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	ticking := func() time.Time { asked++; return noon.Add(time.Duration(asked) * time.Hour) }
	for want := 1; want < 3; want++ {
		if ok, err := e.Test(&Context{Now: ticking}, Root(parsed(t, []byte(patient)))); err != nil || !ok || asked != want {
			t.Error(ok, err, asked)
		}
	}
}

// TestTimeIsOver: an expression that would go on for long ends when the caller's time does.
func TestTimeIsOver(t *testing.T) {
	e, err := Compile("(1|2|3|4|5|6|7|8|9|10).repeat($this + 1).count()")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	close(done)
	_, err = e.Eval(&Context{Done: done}, Root(parsed(t, []byte(patient))))
	if f := fault.Find(err); f == nil || f.Kind != fault.TimedOut || !strings.Contains(f.Text, "too long") {
		t.Error(err)
	}
}

// TestReferencesToWhatIsContained are followed in the resource in which they stand, also in one of a bundle, in one that is
// itself contained, and in one that was resolved.
func TestReferencesToWhatIsContained(t *testing.T) {
	entry := func(ward string) string {
		return `{"resource":{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"` + ward + `","partOf":{"reference":"#p"},"endpoint":[{"reference":"#"}]},{"resourceType":"Organization","id":"p","name":"over ` + ward + `"}],"managingOrganization":{"reference":"#o"}}}`
	}
	r := parsed(t, []byte(`{"resourceType":"Bundle","entry":[`+entry("A")+`,`+entry("B")+`,{"resource":{"resourceType":"Basic","author":{"reference":"x"}}}]}`))
	other := parsed(t, []byte(`{"resourceType":"Basic","contained":[{"resourceType":"Patient","id":"c","active":true}],"subject":{"reference":"#c"}}`))
	ctx := &Context{Resolve: func(string) (fhir.Resource, bool) { return other, true }}
	for expression, want := range map[string]string{
		"entry.resource.managingOrganization.resolve().name":                                    "A,B",
		"entry.resource.managingOrganization.resolve().partOf.resolve().name":                   "over A,over B",
		"entry.resource.contained.endpoint.resolve().managingOrganization.resolve().name":       "A,B",
		"entry.resource.author.resolve().subject.resolve().active":                              "true",
		"entry[1].resource.managingOrganization.reference.resolve().name | 'none'.resolve().id": "B",
	} {
		e, err := Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.Eval(ctx, Root(r))
		var got []string
		for _, n := range out {
			got = append(got, n.Str())
		}
		if err != nil || strings.Join(got, ",") != want {
			t.Errorf("%s: %v, %v", expression, got, err)
		}
	}
}

// TestReferencesInACircle: what refers to itself is visited once.
func TestReferencesInACircle(t *testing.T) {
	a := parsed(t, []byte(`{"resourceType":"Organization","id":"a","partOf":{"reference":"Organization/b"}}`))
	b := parsed(t, []byte(`{"resourceType":"Organization","id":"b","partOf":{"reference":"Organization/a"}}`))
	ctx := &Context{Resolve: func(ref string) (fhir.Resource, bool) {
		if ref == "Organization/a" {
			return a, true
		}
		return b, true
	}}
	e, err := Compile("repeat(partOf.resolve()).id")
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Eval(ctx, Root(a))
	if err != nil || len(out) != 2 || out[0].Str() != "b" || out[1].Str() != "a" {
		t.Error(out, err)
	}
}

// TestPlainNavigationDoesNotAllocate: what search parameters are made of.
func TestPlainNavigationDoesNotAllocate(t *testing.T) {
	p, o := Root(parsed(t, []byte(patient))), Root(parsed(t, []byte(observation)))
	dst := make([]Node, 0, 64)
	for expression, root := range map[string]Node{
		"Patient.name.given":                                           p,
		"Patient.telecom.where(system = 'phone')":                      p,
		"Patient.generalPractitioner.where(resolve() is Practitioner)": p,
		"Patient.deceased.exists() and Patient.deceased != false":      p,
		"Patient.name.family | Patient.name.given":                     p,
		"(Observation.value as Quantity)":                              o,
		"Observation.component.value.ofType(Quantity)":                 o,
		"Observation.effective":                                        o,
		"Patient.contact.name.first()":                                 p,
	} {
		e, err := Compile(expression)
		if err != nil {
			t.Fatal(err)
		}
		n := testing.AllocsPerRun(100, func() {
			if _, err := e.EvalInto(nil, root, dst[:0]); err != nil {
				t.Fatal(err)
			}
		})
		if n > 0 {
			t.Errorf("%s allocates %v times", expression, n)
		}
	}
}
