package xml

import (
	"encoding/xml"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

func parsed(t *testing.T, doc string) fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(doc), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatIsWritten(t *testing.T) {
	const start, end = head + `<Patient xmlns="http://hl7.org/fhir">`, `</Patient>`
	for name, c := range map[string]struct{ in, want string }{
		"in the order of the definition": {`"birthDate":"2020","active":true,"id":"a"`, `<id value="a"/><active value="true"/><birthDate value="2020"/>`},
		"pairs apart":                    {`"_birthDate":{"extension":[{"valueCode":"c","url":"u"}],"id":"i"},"active":true,"birthDate":"2020"`, `<active value="true"/><birthDate id="i" value="2020"><extension url="u"><valueCode value="c"/></extension></birthDate>`},
		"lists side by side":             {`"name":[{"given":["a",null],"_given":[null,{"id":"i"}]}]`, `<name><given value="a"/><given id="i"/></name>`},
		"the shorter list":               {`"name":[{"_given":[{"id":"i"}],"given":["a","b"]}]`, `<name><given id="i" value="a"/><given value="b"/></name>`},
		"escapes":                        {`"name":[{"text":"<a href=\"x\">&\n\r\t\u00e9'"}]`, `<name><text value="&lt;a href=&quot;x&quot;&gt;&amp;&#10;&#13;&#9;é'"/></name>`},
		"numbers as they are":            {`"extension":[{"url":"u","valueDecimal":1.50E+3}],"multipleBirthInteger":-0`, `<extension url="u"><valueDecimal value="1.50E+3"/></extension><multipleBirthInteger value="-0"/>`},
		"contained":                      {`"contained":[{"resourceType":"Patient"}]`, `<contained><Patient/></contained>`},
		"a narrative":                    {`"text":{"div":" <div xmlns=\"http://www.w3.org/1999/xhtml\">\r\n&lt;</div> "}`, "<text><div xmlns=\"http://www.w3.org/1999/xhtml\">\r\n&lt;</div></text>"},
		"a narrative without namespace":  {`"text":{"div":"<div class='x'><br/></div>"}`, `<text><div xmlns="http://www.w3.org/1999/xhtml" class='x'><br/></div></text>`},
		"entities of HTML":               {`"text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" title=\"&copy;\">&nbsp;&eacute;&amp;<!-- &nbsp; --></div>"}`, "<text><div xmlns=\"http://www.w3.org/1999/xhtml\" title=\"©\">\u00a0é&amp;<!-- &nbsp; --></div></text>"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Append([]byte("x"), parsed(t, `{`+c.in+`,"resourceType":"Patient"}`))
			if err != nil {
				t.Fatal(explain(err))
			}
			if want := "x" + start + c.want + end; string(got) != want {
				t.Errorf("%s\n%s", got, want)
			}
		})
	}
}

func TestWhatHasNoForm(t *testing.T) {
	for name, c := range map[string]struct{ in, says, where string }{
		"an unknown element":     {`"colour":"x"`, "no such element", "Patient"},
		"null":                   {`"gender":null`, "null is no value", "Patient.gender"},
		"a lonely null":          {`"name":[{"given":[null]}]`, "a null without extensions", "HumanName.given"},
		"an empty object":        {`"name":[{}]`, "an empty object", "HumanName"},
		"an empty list":          {`"name":[]`, "an empty list", "Patient.name"},
		"an empty pair":          {`"gender":"male","_gender":{}`, "an empty object", "Patient.gender"},
		"an empty string":        {`"gender":""`, "an empty string", "Patient.gender"},
		"a string for a boolean": {`"active":"true"`, "of a kind", "Patient.active"},
		"a number for a string":  {`"gender":1`, "of a kind", "Patient.gender"},
		"one for many":           {`"name":{"text":"x"}`, "is a list", "Patient.name"},
		"many for one":           {`"gender":["male"]`, "of a kind", "Patient.gender"},
		"a value for an object":  {`"maritalStatus":"x"`, "an object is expected", "CodeableConcept"},
		"half an object":         {`"_name":[{}]`, "begins with an underscore", "Patient.name"},
		"a string for a pair":    {`"_gender":"x"`, "an object is expected", "Patient.gender"},
		"two of a choice":        {`"deceasedBoolean":true,"deceasedDateTime":"2020"`, "only one may be there", "deceased"},
		"an id with extensions":  {`"name":[{"id":"a","_id":{"id":"b"}}]`, "no extensions", "HumanName.id"},
		"no character":           {`"gender":"\uffff"`, "no character", "Patient.gender"},
		"an unknown resource":    {`"contained":[{"resourceType":"Elephant"}]`, "a resource of a type", ""},
		"no resource":            {`"contained":["x"]`, "a resource of a type", ""},
		"a narrative in bits":    {`"text":{"div":"<div><b></div>"}`, "not well-formed XHTML", "Narrative.div"},
		"a narrative and more":   {`"text":{"div":"<div/><script/>"}`, "not well-formed XHTML", "Narrative.div"},
		"another narrative":      {`"text":{"div":"<p/>"}`, "must be a div", "Narrative.div"},
		"a narrative that ends":  {`"text":{"div":"<div></div></text><active/>"}`, "something follows", "Narrative.div"},
		"a narrative with pair":  {`"text":{"div":"<div/>","_div":{"id":"a"}}`, "has no extensions", "Narrative.div"},
		"an unknown entity":      {`"text":{"div":"<div>&bogus;</div>"}`, "no entities are known", "Narrative.div"},
		"a declared entity":      {`"text":{"div":"<!DOCTYPE div []><div/>"}`, "must be a div", "Narrative.div"},
	} {
		t.Run(name, func(t *testing.T) {
			dst := []byte("x")
			got, err := Append(dst, parsed(t, `{"resourceType":"Patient",`+"\n"+c.in+`}`))
			f := fault.Find(err)
			if f == nil || f.Kind != fault.Unprocessable || len(f.Issues) != 1 || string(got) != "x" {
				t.Fatalf("%v %s", err, got)
			}
			i := f.Issues[0]
			if !strings.Contains(i.Text, c.says) || i.Expression != c.where || i.Line != 2 && i.Line != 0 {
				t.Errorf("%+v", i)
			}
		})
	}
}

func TestPretty(t *testing.T) {
	got, err := Pretty(nil, parsed(t, `{"resourceType":"Patient","contained":[{"resourceType":"Patient","active":true}],"text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a</p> </div>"},"name":[{"given":["a"]}]}`))
	want := head + `
<Patient xmlns="http://hl7.org/fhir">
  <text>
    <div xmlns="http://www.w3.org/1999/xhtml"><p>a</p> </div>
  </text>
  <contained>
    <Patient>
      <active value="true"/>
    </Patient>
  </contained>
  <name>
    <given value="a"/>
  </name>
</Patient>
`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}

// FuzzAppend: JSON of any kind is written as XML that can be read, or refused by a fault.
func FuzzAppend(f *testing.F) {
	for _, doc := range []string{
		`{"resourceType":"Patient","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">&nbsp;<a href='x'/></div>"}}`,
		`{"resourceType":"Patient","name":[{"given":[null,"b"],"_given":[{"id":"a"},null]}],"extension":[{"url":"u","valueDecimal":1.0}]}`,
		`{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Binary","data":"AA=="}}]}`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := fhir.Parse(doc, fhir.Limits{Bytes: 1 << 20})
		if err != nil {
			return
		}
		out, err := Append(nil, r)
		if err != nil {
			if fault.Of(err) != fault.Unprocessable {
				t.Fatal(err)
			}
			return
		}
		if _, err := Parse(out, fhir.Limits{}); err != nil && !blank(out) {
			t.Fatalf("%s\n%s", explain(err), out)
		}
	})
}

// blank tells of a value of spaces alone, which JSON may have and XML may not.
func blank(doc []byte) bool {
	for part := range strings.SplitSeq(string(doc), `="`) {
		if inner, _, _ := strings.Cut(part, `"`); strings.Trim(inner, " ") == "" {
			return true
		}
	}
	return false
}

func BenchmarkThereAndBack(b *testing.B) {
	doc := patient(strings.Repeat(`<identifier><use value="official"/><system value="http://example.org/ids"/><value value="12345"/></identifier>`, 50) +
		strings.Repeat(`<name><family value="Tester"/><given value="Anna"/><given value="Berta"/></name>`, 50))
	r, err := Parse([]byte(doc), fhir.Limits{})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ToJSON([]byte(doc), fhir.Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			if buf, err = Append(buf[:0], r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding/xml alone", func(b *testing.B) {
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			for d := xml.NewDecoder(strings.NewReader(doc)); ; {
				if _, err := d.Token(); err != nil {
					break
				}
			}
		}
	})
	b.Run("JSON alone", func(b *testing.B) {
		b.SetBytes(int64(len(r.Raw())))
		for b.Loop() {
			if _, err := fhir.Parse(r.Raw(), fhir.Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
