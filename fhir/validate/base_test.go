package validate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// issues are what Base says about a text, each as "line:col code path".
func issues(t *testing.T, text string) []string {
	t.Helper()
	r, err := fhir.Parse([]byte(text), fhir.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var out []string
	for _, i := range Base(r) {
		out = append(out, fmt.Sprintf("%d:%d %s %s", i.Line, i.Col, i.Code, i.Expression))
	}
	return out
}

func TestBase(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"nothing but a type": {`{"resourceType":"Patient"}`, nil},
		"type unknown":       {`{"resourceType":"Patent"}`, []string{"1:17 structure "}},
		"type abstract":      {`{"resourceType":"DomainResource"}`, []string{"1:17 structure "}},
		"type no resource":   {`{"resourceType":"Period"}`, []string{"1:17 structure "}},

		"element unknown":             {`{"resourceType":"Patient","nme":[{"family":"A"}]}`, []string{"1:33 structure Patient"}},
		"element of another type":     {`{"resourceType":"Patient","status":"final"}`, []string{"1:36 structure Patient"}},
		"choice without its type":     {`{"resourceType":"Patient","deceased":true}`, []string{"1:38 structure Patient"}},
		"choice of a type it has not": {`{"resourceType":"Patient","deceasedString":"yes"}`, []string{"1:44 structure Patient"}},
		"choice taken twice":          {`{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}`, []string{"1:69 invariant Patient.deceased"}},
		"choice beside its extension": {`{"resourceType":"Patient","deceasedBoolean":true,"_deceasedBoolean":{"id":"a"}}`, nil},
		"resourceType in an element":  {`{"resourceType":"Patient","name":[{"resourceType":"HumanName"}]}`, []string{"1:51 structure Patient.name[0]"}},
		"empty name":                  {`{"resourceType":"Patient","":1,"_":2}`, []string{"1:30 structure Patient", "1:36 structure Patient"}},

		"required element missing":  {`{"resourceType":"Observation","status":"final"}`, []string{"1:1 required Observation.code"}},
		"required in a backbone":    {"{\"resourceType\":\"Bundle\",\"type\":\"batch\",\n\"link\":[{\"relation\":\"self\"}]}", []string{"2:9 required Bundle.link[0].url"}},
		"required by its extension": {`{"resourceType":"Basic","_id":{"id":"a"},"code":{"text":"x"}}`, nil},
		"required with extension only": {`{"resourceType":"Bundle","_type":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}}`,
			nil},

		"single where many":   {`{"resourceType":"Patient","name":{"family":"A"}}`, []string{"1:34 structure Patient.name"}},
		"many where single":   {`{"resourceType":"Patient","gender":["male"]}`, []string{"1:36 structure Patient.gender"}},
		"primitive for type":  {`{"resourceType":"Patient","name":["A"]}`, []string{"1:35 structure Patient.name[0]"}},
		"object for string":   {`{"resourceType":"Patient","language":{}}`, []string{"1:38 structure Patient.language"}},
		"string for boolean":  {`{"resourceType":"Patient","active":"true"}`, []string{"1:36 structure Patient.active"}},
		"number for string":   {`{"resourceType":"Patient","name":[{"family":1}]}`, []string{"1:45 structure Patient.name[0].family"}},
		"string for number":   {`{"resourceType":"Patient","multipleBirthInteger":"1"}`, []string{"1:50 structure Patient.multipleBirth"}},
		"null for an element": {`{"resourceType":"Patient","birthDate":null}`, []string{"1:39 structure Patient.birthDate"}},
		"null in an array":    {`{"resourceType":"Patient","name":[null]}`, []string{"1:35 structure Patient.name[0]"}},
		"empty array":         {`{"resourceType":"Patient","name":[]}`, []string{"1:34 structure Patient.name"}},
		"empty array, spaced": {`{"resourceType":"Patient","name":[ ]}`, []string{"1:34 structure Patient.name"}},
		"empty object":        {`{"resourceType":"Patient","name":[{}]}`, []string{"1:35 structure Patient.name[0]"}},
		"empty string":        {`{"resourceType":"Patient","name":[{"family":""}]}`, []string{"1:45 value Patient.name[0].family"}},
		"array in an array":   {`{"resourceType":"Patient","name":[[]]}`, []string{"1:35 structure Patient.name[0]"}},

		"code not in the set":     {`{"resourceType":"Patient","gender":"m"}`, []string{"1:36 code-invalid Patient.gender"}},
		"code in the set":         {`{"resourceType":"Patient","gender":"male"}`, nil},
		"code of an open set":     {`{"resourceType":"Binary","contentType":"x/anything"}`, nil},
		"concept not in the set":  {`{"resourceType":"SupplyDelivery","type":{"coding":[{"system":"http://x","code":"device"}]}}`, []string{"1:41 code-invalid SupplyDelivery.type"}},
		"concept with text only":  {`{"resourceType":"SupplyDelivery","type":{"text":"a device"}}`, []string{"1:41 code-invalid SupplyDelivery.type"}},
		"concept with one in set": {`{"resourceType":"SupplyDelivery","type":{"coding":[{"code":"x"},{"system":"http://terminology.hl7.org/CodeSystem/supply-item-type","code":"device"}]}}`, nil},

		"reference to another type":  {`{"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}}`, []string{"1:63 value Patient.managingOrganization"}},
		"reference to no type":       {`{"resourceType":"Patient","managingOrganization":{"reference":"Company/1"}}`, []string{"1:63 value Patient.managingOrganization"}},
		"reference by a condition":   {`{"resourceType":"Patient","managingOrganization":{"reference":"Patient?name=x"}}`, []string{"1:63 value Patient.managingOrganization"}},
		"reference to the right":     {`{"resourceType":"Patient","managingOrganization":{"reference":"Organization/1/_history/2"}}`, nil},
		"reference outside":          {`{"resourceType":"Patient","managingOrganization":{"reference":"http://x/Patient/1"}}`, nil},
		"reference inside":           {`{"resourceType":"Patient","managingOrganization":{"reference":"#o"}}`, nil},
		"reference to be resolved":   {`{"resourceType":"Patient","managingOrganization":{"reference":"urn:uuid:a"}}`, nil},
		"reference to any":           {`{"resourceType":"Basic","code":{"text":"x"},"subject":{"reference":"Basic/1"}}`, nil},
		"reference in an extension":  {`{"resourceType":"Patient","extension":[{"url":"http://x","valueReference":{"reference":"Basic/1"}}]}`, nil},
		"reference with wrong shape": {`{"resourceType":"Patient","managingOrganization":{"reference":1}}`, []string{"1:63 structure Patient.managingOrganization.reference"}},

		"extension without url":   {`{"resourceType":"Patient","extension":[{"valueCode":"x"}]}`, []string{"1:40 required Patient.extension[0].url"}},
		"extension empty":         {`{"resourceType":"Patient","extension":[{"url":"http://x"}]}`, []string{"1:40 invariant Patient.extension[0]"}},
		"extension with both":     {`{"resourceType":"Patient","extension":[{"url":"http://x","valueCode":"x","extension":[{"url":"y","valueCode":"z"}]}]}`, []string{"1:40 invariant Patient.extension[0]"}},
		"extension in a birth":    {`{"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://x","valueDateTime":"2020"}]}}`, nil},
		"extension value by ext.": {`{"resourceType":"Patient","extension":[{"url":"http://x","_valueCode":{"extension":[{"url":"http://y","valueCode":"z"}]}}]}`, nil},

		"underscore on a complex":  {`{"resourceType":"Patient","_name":[{"id":"a"}]}`, []string{"1:35 structure Patient.name"}},
		"underscore on nothing":    {`{"resourceType":"Patient","_nme":{"id":"a"}}`, []string{"1:34 structure Patient"}},
		"underscore with a value":  {`{"resourceType":"Patient","_gender":"male"}`, []string{"1:37 structure Patient.gender"}},
		"underscore empty":         {`{"resourceType":"Patient","_gender":{}}`, []string{"1:37 structure Patient.gender"}},
		"underscore with others":   {`{"resourceType":"Patient","_gender":{"value":"male"}}`, []string{"1:46 structure Patient.gender"}},
		"underscore array missing": {`{"resourceType":"Patient","name":[{"_given":{"id":"a"}}]}`, []string{"1:45 structure Patient.name[0].given"}},
		"underscore array":         {`{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"a"}]}]}`, nil},
		"underscore array first":   {`{"resourceType":"Patient","name":[{"_given":[null,{"id":"a"}],"given":["A",null]}]}`, nil},
		"underscore array alone":   {`{"resourceType":"Patient","name":[{"_given":[{"id":"a"}]}]}`, nil},
		"nothing on either side":   {`{"resourceType":"Patient","name":[{"given":["A",null],"_given":[{"id":"a"},null]}]}`, []string{"1:76 structure Patient.name[0].given[1]"}},
		"null without the other":   {`{"resourceType":"Patient","name":[{"given":["A",null]}]}`, []string{"1:49 structure Patient.name[0].given[1]"}},
		"values too short":         {`{"resourceType":"Patient","name":[{"given":["A"],"_given":[null,{"id":"a"}]}]}`, []string{"1:65 structure Patient.name[0].given[1]"}},
		"extensions too short":     {`{"resourceType":"Patient","name":[{"given":["A","B"],"_given":[{"id":"a"}]}]}`, []string{"1:63 structure Patient.name[0].given[0]"}},

		"contained unknown":      {`{"resourceType":"Patient","contained":[{"resourceType":"X","id":"a"}]}`, []string{"1:56 structure Patient.contained[0]"}},
		"contained without type": {`{"resourceType":"Patient","contained":[{"id":"a"}]}`, []string{"1:40 structure Patient.contained[0]"}},
		"contained broken":       {`{"resourceType":"Patient","contained":[{"resourceType":"Group","id":"a","actual":true}]}`, []string{"1:40 required Patient.contained[0].type"}},
		"contained in contained": {`{"resourceType":"Patient","contained":[{"resourceType":"Basic","code":{"text":"x"},"contained":[{"resourceType":"Basic","code":{"text":"x"}}]}]}`,
			[]string{"1:97 structure Patient.contained[0].contained[0]"}},
		"entry broken":          {`{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","gender":"m"}}]}`, []string{"1:97 code-invalid Bundle.entry[0].resource.gender"}},
		"entry with contained":  {`{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","contained":[{"resourceType":"Patient"}]}}]}`, nil},
		"entry no resource":     {`{"resourceType":"Bundle","type":"batch","entry":[{"resource":"Patient/1"}]}`, []string{"1:62 structure Bundle.entry[0].resource"}},
		"parameter broken":      {`{"resourceType":"Parameters","parameter":[{"name":"a","resource":{"resourceType":"Patient","x":1}}]}`, []string{"1:96 structure Parameters.parameter[0].resource"}},
		"part of a parameter":   {`{"resourceType":"Parameters","parameter":[{"name":"a","part":[{"valueCode":"x"}]}]}`, []string{"1:63 required Parameters.parameter[0].part[0].name"}},
		"repeated content":      {`{"resourceType":"Bundle","type":"batch","entry":[{"link":[{"relation":"x"}]}]}`, []string{"1:59 required Bundle.entry[0].link[0].url"}},
		"narrative without div": {`{"resourceType":"Patient","text":{"status":"empty","div":"<p>x</p>"}}`, []string{"1:58 value Patient.text.div"}},
		"narrative":             {`{"resourceType":"Patient","text":{"status":"empty","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x<\/div>"}}`, nil},
		"narrative incomplete":  {`{"resourceType":"Patient","text":{"div":"<div>x</div>"}}`, []string{"1:34 required Patient.text.status"}},
		"several, in order": {"{\"resourceType\":\"Patient\",\n \"gender\":\"m\",\n \"x\":1,\n \"name\":[{\"use\":\"u\"}]}",
			[]string{"2:11 code-invalid Patient.gender", "3:6 structure Patient", "4:17 code-invalid Patient.name[0].use"}},
	} {
		if got := issues(t, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %s\n got %q\nwant %q", name, c.text, got, c.want)
		}
	}
}

func TestPrimitives(t *testing.T) {
	for kind, c := range map[string]struct{ good, bad []string }{
		"Base64Binary": {[]string{`"aGk="`, `"aGk= "`, `"aGkh\r\naGkh"`, `"aG=="`}, []string{`"aGk"`, `"a=k="`, `"===="`, `"aG k="`, `" "`, `"ä==="`, `"aGk=aGk="`}},
		"Boolean":      {[]string{`true`, `false`}, []string{`"true"`, `0`}},
		"Canonical":    {[]string{`"http://x|1"`}, []string{`"http://x y"`}},
		"Code":         {[]string{`"a"`, `"a b"`}, []string{`" a"`, `"a "`, `"a  b"`}},
		"Date":         {[]string{`"2020"`, `"2020-02"`, `"2020-02-29"`, `"0001"`}, []string{`"20"`, `"0000"`, `"2020-2"`, `"2020-13"`, `"2019-02-29"`, `"1900-02-29"`, `"2020-04-31"`, `"2020-01-01T00:00:00Z"`}},
		"DateTime":     {[]string{`"2020"`, `"2020-02-29T23:59:60Z"`, `"2020-02-29T00:00:00.123-14:00"`}, []string{`"2020-02-29T23:59Z"`, `"2020-02-29T23:59:00"`, `"2020-02-29T24:00:00Z"`, `"2020-02-29T00:00:00+14:01"`, `"2020-02T00:00:00Z"`, `"2020-02-30T00:00:00Z"`}},
		"Decimal":      {[]string{`1.50`, `-0.0`, `1e-7`}, []string{`"1.5"`}},
		"Id":           {[]string{`"a-1.B"`}, []string{`"a_b"`, `"` + strings.Repeat("a", 65) + `"`}},
		"Instant":      {[]string{`"2020-02-29T00:00:00Z"`}, []string{`"2020-02-29"`, `"2020-02-29T00:00:00"`}},
		"Integer":      {[]string{`0`, `-2147483648`, `2147483647`}, []string{`2147483648`, `1.0`, `1e1`, `"1"`}},
		"Markdown":     {[]string{`" a\nb"`}, []string{`""`}},
		"Oid":          {[]string{`"urn:oid:1.2.0"`}, []string{`"1.2.0"`, `"urn:oid:3.1"`, `"urn:oid:1"`, `"urn:oid:1.02"`}},
		"PositiveInt":  {[]string{`1`, `2147483647`}, []string{`0`, `-1`, `2147483648`}},
		"String":       {[]string{`"a b"`, `" "`, `"ü\n"`}, []string{`""`, `"` + strings.Repeat("a", 1<<20+1) + `"`}},
		"Time":         {[]string{`"23:59:59"`, `"00:00:00.5"`}, []string{`"24:00:00"`, `"23:59"`, `"23:59:59Z"`, `"1:00:00"`, `"00:00:00."`}},
		"UnsignedInt":  {[]string{`0`, `2147483647`}, []string{`-1`, `-0`}},
		"Uri":          {[]string{`"a"`, `"http://x"`}, []string{`"a b"`}},
		"Url":          {[]string{`"a"`}, []string{`"a\tb"`}},
		"Uuid":         {[]string{`"urn:uuid:01234567-89ab-cdef-0123-456789abcdef"`}, []string{`"01234567-89ab-cdef-0123-456789abcdef"`, `"urn:uuid:01234567-89AB-cdef-0123-456789abcdef"`, `"urn:uuid:0123456789abcdef0123456789abcdef"`}},
	} {
		for _, v := range append(c.good, c.bad...) {
			got := issues(t, `{"resourceType":"Basic","code":{"text":"x"},"extension":[{"url":"http://x","value`+kind+`":`+v+`}]}`)
			if bad := slices.Contains(c.bad, v); (len(got) > 0) != bad {
				t.Errorf("%s %.80s: %v", kind, v, got)
			}
		}
	}
}

func TestDiv(t *testing.T) {
	for div, good := range map[string]bool{
		`<div/>`: true, `<div>a</div>`: true, ` \n<div a=\"b\">x</div>\n`: true, `<div\n a='b'>x</div>`: true, `\u003cdiv>a</div>`: true,
		`div`: false, `<divan>a</divan>`: false, `<div>a`: false, `<div`: false, `<p/>`: false, ` `: false,
	} {
		if got := issues(t, `{"resourceType":"Patient","text":{"status":"empty","div":"`+div+`"}}`); (len(got) == 0) != good {
			t.Errorf("%s: %v", div, got)
		}
	}
}

func TestIssuesHoldNoValues(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","Secret Name 1":1,"gender":"secret","birthDate":"secret","name":"secret",
		"generalPractitioner":[{"reference":"Secret/1"}],"maritalStatus":{"coding":[{"code":" secret"}]},"`+strings.Repeat("secret", 11)+`":1}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	found := Base(r)
	if len(found) != 7 {
		t.Errorf("%d issues: %v", len(found), found)
	}
	for _, i := range found {
		if strings.Contains(strings.ToLower(i.Text+i.Expression), "secret") {
			t.Errorf("%s: %s", i.Expression, i.Text)
		}
	}
}

func TestManyIssuesEndInANote(t *testing.T) {
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","name":[`+strings.Repeat(`{},`, 5000)+`{}]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	found := Base(r)
	if last := found[len(found)-1]; len(found) != mostIssues+1 || !last.Warning || last.Code != "informational" {
		t.Errorf("%d issues, the last is %+v", len(found), last)
	}
}

func TestDeepPlaces(t *testing.T) {
	text := `{"resourceType":"Parameters","parameter":[{"name":"a","part":[` +
		strings.Repeat(`{"name":"a","part":[`, 59) + `{"name":""},{"nme":"a"}` + strings.Repeat(`]}`, 59) + `]}]}`
	r, err := fhir.Parse([]byte(text), fhir.Limits{Depth: 200})
	if err != nil {
		t.Fatal(err)
	}
	place := "Parameters.parameter[0]" + strings.Repeat(".part[0]", 59)
	var got []string
	for _, i := range Base(r) {
		got = append(got, strings.TrimPrefix(i.Expression, place))
	}
	if want := []string{".part[0].name", ".part[1].name", ".part[1]"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAResourceInsideADocument(t *testing.T) {
	bundle, err := fhir.Parse([]byte("{\"resourceType\":\"Bundle\",\n  \"entry\":[{\"resource\":\n   {\"resourceType\":\"Patient\",\"gender\":\"m\",\n\"x\":1}}]}"), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := fhir.AsResource(bundle.Get("entry").At(0).Get("resource"))
	if err != nil {
		t.Fatal(err)
	}
	got := Base(r)
	if len(got) != 2 || got[0].Line != 3 || got[0].Col != 39 || got[0].Expression != "Patient.gender" || got[1].Line != 4 || got[1].Col != 5 {
		t.Errorf("got %+v", got)
	}
}

func TestNoTypeHasMoreChoicesThanTheWalkRemembers(t *testing.T) {
	for _, info := range r4.Types() {
		n := 0
		for _, e := range info.Elements {
			if e.Choice {
				n++
			}
		}
		if n > len(seen{}.chosen) {
			t.Errorf("%s has %d choices", info.Name, n)
		}
	}
}

func FuzzBase(f *testing.F) {
	f.Add([]byte(`{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"a"}]}],"contained":[{"resourceType":"Basic"}]}`))
	f.Add([]byte(`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","text":{"div":"<div/>"},"birthDate":"2020-02-30"}}]}`))
	f.Add([]byte(`{"resourceType":"Basic","extension":[{"url":"x","valueInteger":-0},{"_valueBase64Binary":{},"valueOid":"urn:oid:"}],"_x":[]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := fhir.Parse(raw, fhir.Limits{})
		if err != nil {
			return
		}
		for _, i := range Base(r) {
			if !i.Warning && (i.Line < 1 || i.Col < 1 || i.Code == "" || i.Text == "") {
				t.Errorf("%q: %+v", raw, i)
			}
		}
	})
}
