package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFHIRPathByHand(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	json := write("p.json", "{\"resourceType\":\"Patient\",\"active\":true,\"birthDate\":\"1970-01-31\",\n\"name\":[{\"given\":[\"A\\nB\", \"C\"]}],\"multipleBirthInteger\":2}")
	xml := write("p.xml", `<Patient xmlns="http://hl7.org/fhir"><extension url="u"><valueDecimal value="1.50"/></extension><name><given value="A"/></name></Patient>`)
	bundle := write("b.json", `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://x/Patient/1","resource":{"resourceType":"Patient","id":"1","active":true}},{"resource":{"resourceType":"Observation","subject":{"reference":"Patient/1/_history/2"}}}]}`)
	disorder := write("d.xml", `<Patient xmlns="http://hl7.org/fhir"><name><given value="A"/></name><id value="x"/></Patient>`)
	vital := write("o.json", `{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]}}`)
	bad := write("bad.xml", "<Patient xmlns=\"http://hl7.org/fhir\">\n<colour/></Patient>")
	for name, c := range map[string]struct {
		args []string
		code int
		out  string
		err  string
	}{
		"elements":         {[]string{"Patient.name.given | birthDate", json}, exitDone, "string\t\"A\\nB\"\nstring\t\"C\"\ndate\t\"1970-01-31\"\n", ""},
		"objects":          {[]string{"name", json}, exitDone, "HumanName\t{\"given\":[\"A\\nB\",\"C\"]}\n", ""},
		"System values":    {[]string{"active.not() | (1 + multipleBirth) | 3 'mg'", json}, exitDone, "System.Boolean\tfalse\nSystem.Integer\t3\nSystem.Quantity\t{\"value\":3,\"unit\":\"mg\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg\"}\n", ""},
		"XML":              {[]string{"extension.value * 2", xml}, exitDone, "System.Decimal\t3.00\n", ""},
		"XML in disorder":  {[]string{"name.given", disorder}, exitDone, "string\t\"A\"\n", ""},
		"value sets":       {[]string{"gender.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender') | (code.coding.first().memberOf('http://hl7.org/fhir/ValueSet/observation-vitalsignresult'))", vital}, exitDone, "System.Boolean\ttrue\n", ""},
		"another set":      {[]string{"code.memberOf('http://x/none')", vital}, exitFailed, "", "none of R4's own"},
		"subsumption":      {[]string{"category.coding.first().subsumes(category.coding.first()) and category.coding.subsumedBy(category.coding)", vital}, exitDone, "System.Boolean\ttrue\n", ""},
		"profiles":         {[]string{"conformsTo('http://hl7.org/fhir/StructureDefinition/bodyweight')", vital}, exitDone, "System.Boolean\tfalse\n", ""},
		"another profile":  {[]string{"conformsTo('http://x/none')", vital}, exitFailed, "", "none of R4's own"},
		"nothing":          {[]string{"Patient.photo", xml}, exitDone, "", ""},
		"standard input":   {[]string{"id", "-"}, exitDone, "id\t\"in\"\n", ""},
		"references":       {[]string{"entry.resource.ofType(Observation).subject.resolve().active", bundle}, exitDone, "boolean\ttrue\n", ""},
		"a trace":          {[]string{"active.trace('is')", json}, exitDone, "boolean\ttrue\n", "is: boolean\ttrue\n"},
		"a minus":          {[]string{"--", "-1", json}, exitDone, "System.Integer\t-1\n", ""},
		"bad syntax":       {[]string{"name..given", json}, exitFailed, "", "(line 1, column 6 of the expression)"},
		"bad evaluation":   {[]string{"name.given.toInteger()", json}, exitFailed, "", "of the expression)"},
		"too long":         {[]string{"--timeout", "1ms", "(1|2|3|4).repeat($this + 1).count()", json}, exitFailed, "", "gave up"},
		"a bad file":       {[]string{"name", bad}, exitFailed, "", "no such element in Patient (line 2, column 1 of the file)"},
		"unknown type":     {[]string{"id", write("foo.json", `{"resourceType":"Foo","id":"1"}`)}, exitFailed, "", "no type of FHIR R4"},
		"unknown member":   {[]string{"id", write("member.json", `{"resourceType":"Patient","id":"1","foo":1}`)}, exitDone, "id\t\"1\"\n", "warning: Patient"},
		"no file":          {[]string{"name", filepath.Join(dir, "none.json")}, exitFailed, "", "there is no file"},
		"too few argument": {[]string{"name"}, exitUsage, "", "ficus --help"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			code := Run(t.Context(), append([]string{"fhirpath"}, c.args...), Streams{In: strings.NewReader(`{"resourceType":"Patient","id":"in"}`), Out: &out, Err: &errs})
			if code != c.code || out.String() != c.out || !strings.Contains(errs.String(), c.err) {
				t.Errorf("%d\n%q\n%q", code, out.String(), errs.String())
			}
		})
	}
}
