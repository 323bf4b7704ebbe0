package xml

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

func patient(inside string) string {
	return `<Patient xmlns="http://hl7.org/fhir">` + inside + `</Patient>`
}

func TestWhatIsRead(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"nothing inside":            {patient(""), `{"resourceType":"Patient"}`},
		"an empty tag":              {`<Patient xmlns="http://hl7.org/fhir"/>`, `{"resourceType":"Patient"}`},
		"all around it":             {"\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n<?style x?><!-- a --><Patient xmlns='http://hl7.org/fhir'\n><!-- <id value=\"x\"/> --><?p?></Patient >\n<!-- end -->", `{"resourceType":"Patient"}`},
		"a prefix":                  {`<f:Patient xmlns:f="http://hl7.org/fhir"><f:active value="true"/></f:Patient>`, `{"resourceType":"Patient","active":true}`},
		"an id of its own":          {patient(`<id value="a"><extension url="u"><valueCode value="c"/></extension></id>`), `{"resourceType":"Patient","id":"a","_id":{"extension":[{"url":"u","valueCode":"c"}]}}`},
		"numbers keep digits":       {patient(`<extension url="u"><valueDecimal value="1.5000E-02"/></extension>`), `{"resourceType":"Patient","extension":[{"url":"u","valueDecimal":1.5000E-02}]}`},
		"a plus is dropped":         {patient(`<multipleBirthInteger value="+2"/>`), `{"resourceType":"Patient","multipleBirthInteger":2}`},
		"strings keep spaces":       {patient(`<name><text value=" a  b&#10;&#x9;"/></name>`), `{"resourceType":"Patient","name":[{"text":" a  b\n\t"}]}`},
		"line ends become spaces":   {patient("<name><text value='a\r\nb\tc\nd'/></name>"), `{"resourceType":"Patient","name":[{"text":"a b c d"}]}`},
		"codes are trimmed":         {patient("<gender value=' male\n'/>"), `{"resourceType":"Patient","gender":"male"}`},
		"references":                {patient(`<name><text value="&lt;&amp;&gt;&quot;&apos;&#x1F600;\"/></name>`), `{"resourceType":"Patient","name":[{"text":"<&>\"'😀\\"}]}`},
		"values with and without":   {patient(`<name><given><extension url="u"><valueCode value="c"/></extension></given><given value="b"/><given id="i" value="c"/></name>`), `{"resourceType":"Patient","name":[{"given":[null,"b","c"],"_given":[{"extension":[{"url":"u","valueCode":"c"}]},null,{"id":"i"}]}]}`},
		"no values":                 {patient(`<name><given id="i"/><suffix value="f"/></name>`), `{"resourceType":"Patient","name":[{"_given":[{"id":"i"}],"suffix":["f"]}]}`},
		"late extensions":           {patient(`<name><given value="a"/><given value="b"/><given id="i" value="c"/></name>`), `{"resourceType":"Patient","name":[{"given":["a","b","c"],"_given":[null,null,{"id":"i"}]}]}`},
		"a value without, after":    {patient(`<birthDate><extension url="u"><valueCode value="c"/></extension></birthDate>`), `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"u","valueCode":"c"}]}}`},
		"the url behind":            {patient(`<extension id="i" url="u"><extension url="v"><valueCode value="c"/></extension></extension>`), `{"resourceType":"Patient","extension":[{"id":"i","extension":[{"url":"v","valueCode":"c"}],"url":"u"}]}`},
		"contained":                 {patient(`<contained><Organization><id value="o"/></Organization></contained><contained><Patient/></contained>`), `{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o"},{"resourceType":"Patient"}]}`},
		"a narrative as it is":      {patient("<text><status value='empty'/><div xmlns=\"http://www.w3.org/1999/xhtml\" >\r\n<br/>&#160;&lt;<!-- c --><a href='x?a&amp;b'>\"\\</a></div></text>"), `{"resourceType":"Patient","text":{"status":"empty","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" >\r\n<br/>&#160;&lt;<!-- c --><a href='x?a&amp;b'>\"\\</a></div>"}}`},
		"a narrative with prefix":   {`<Patient xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><text><h:div xml:lang="de"><h:p  class="c">a</h:p><h:br/></h:div></text></Patient>`, `{"resourceType":"Patient","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"de\"><p  class=\"c\">a</p><br/></div>"}}`},
		"a narrative that inherits": {`<f:Patient xmlns:f="http://hl7.org/fhir" xmlns="http://www.w3.org/1999/xhtml"><f:text><div><p>a</p></div></f:text></f:Patient>`, `{"resourceType":"Patient","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a</p></div>"}}`},
		"a declaration on the way":  {patient(`<name xmlns="http://hl7.org/fhir" xmlns:q="urn:q"><q:text xmlns:q="http://hl7.org/fhir" value="a"/></name>`), `{"resourceType":"Patient","name":[{"text":"a"}]}`},
		"a schema":                  {`<Patient xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir x.xsd"/>`, `{"resourceType":"Patient"}`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ToJSON([]byte(c.in), fhir.Limits{})
			if err != nil {
				t.Fatal(explain(err))
			}
			if string(got) != c.want {
				t.Errorf("%s\n%s", got, c.want)
			}
			if _, err := fhir.Parse(got, fhir.Limits{}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	deep := strings.Repeat(`<extension url="u">`, 40) + strings.Repeat(`</extension>`, 40)
	for name, c := range map[string]struct{ in, says, place string }{
		"nothing":                   {"", "a resource is expected", "1:1"},
		"text":                      {"hello", "text must not stand here", "1:1"},
		"JSON":                      {`{"resourceType":"Patient"}`, "text must not stand here", "1:1"},
		"UTF-16":                    {"\xFF\xFE<\x00P\x00", "UTF-16", "1:1"},
		"Latin 1":                   {patient("\n<name><text value=\"M\xFCller\"/></name>"), "not valid UTF-8", "2:21"},
		"another encoding":          {`<?xml version="1.0" encoding="ISO-8859-1"?>` + patient(""), "must be UTF-8", "1:31"},
		"XML 1.1":                   {`<?xml version="1.1"?>` + patient(""), "only XML 1.0", "1:16"},
		"a late declaration":        {` <?xml version="1.0"?>` + patient(""), "only at the very beginning", "1:2"},
		"a declaration in disorder": {`<?xml encoding="UTF-8" version="1.0"?>` + patient(""), "in this order", "1:24"},
		"a control character":       {patient("\x01"), "control character", "1:38"},
		"no character":              {patient(`<name><text value="` + "\uFFFE" + `"/></name>`), "what is no character", "1:57"},
		"a number of no character":  {patient(`<name><text value="&#0;"/></name>`), "must be written as &amp;", "1:57"},
		"a number too large":        {patient(`<name><text value="&#x110000;"/></name>`), "must be written as &amp;", "1:57"},
		"a document type":           {`<!DOCTYPE Patient>` + patient(""), "document type", "1:1"},
		"a thousand laughs":         {"<?xml version=\"1.0\"?>\n<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>" + patient(`<id value="&b;"/>`), "document type", "2:1"},
		"an unknown entity":         {patient(`<name><text value="a&nbsp;b"/></name>`), "no entities are known but", "1:58"},
		"no namespace":              {`<Patient/>`, "namespace http://hl7.org/fhir", "1:1"},
		"another namespace":         {`<Patient xmlns="urn:hl7-org:v3"/>`, "namespace http://hl7.org/fhir", "1:1"},
		"a child elsewhere":         {patient(`<x xmlns="urn:x"/>`), "namespace http://hl7.org/fhir", "1:38"},
		"an unknown prefix":         {patient(`<f:id value="a"/>`), "stands for no namespace", "1:38"},
		"an unknown resource":       {`<Elephant xmlns="http://hl7.org/fhir"/>`, "no resource type", "1:1"},
		"an abstract resource":      {`<DomainResource xmlns="http://hl7.org/fhir"/>`, "no resource type", "1:1"},
		"an unknown element":        {patient("\n\t<colour value='x'/>"), "no such element in Patient", "2:2"},
		"an unknown attribute":      {patient(`<active value="true" since="x"/>`), "no such attribute", "1:59"},
		"an id on a resource":       {`<Patient xmlns="http://hl7.org/fhir" id="a"/>`, "no such attribute", "1:38"},
		"a value on a complex one":  {patient(`<name value="x"/>`), "no such attribute", "1:44"},
		"a url as an element":       {patient(`<extension><url value="x"/></extension>`), "is an attribute", "1:49"},
		"a schema below":            {`<Patient xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><name xsi:schemaLocation="x"/></Patient>`, "no such attribute", "1:98"},
		"disorder":                  {patient(`<active value="true"/><identifier><value value="x"/></identifier>`), "must stand before active", "1:60"},
		"one too many":              {patient(`<active value="true"/><active value="false"/>`), "only once", "1:60"},
		"two of a choice":           {patient(`<deceasedBoolean value="true"/><deceasedDateTime value="2020"/>`), "only one may be there", "1:69"},
		"an empty element":          {patient(`<name/>`), "must not be empty", "1:38"},
		"an empty value":            {patient(`<active/>`), "must have a value", "1:38"},
		"an empty attribute":        {patient(`<gender value=""/>`), "must not be empty", "1:46"},
		"a blank attribute":         {patient(`<name><text value="  "/></name>`), "must not be empty", "1:50"},
		"no boolean":                {patient(`<active value="yes"/>`), "true or false", "1:53"},
		"no number":                 {patient(`<multipleBirthInteger value="01"/>`), "must be a number", "1:67"},
		"text inside":               {patient(`<name>Smith</name>`), "text must not stand here", "1:44"},
		"a section inside":          {patient(`<![CDATA[x]]>`), "CDATA", "1:38"},
		"no end":                    {`<Patient xmlns="http://hl7.org/fhir">`, "no end tag", "1:1"},
		"half a tag":                {`<Patient xmlns="http://hl7.org/fhir"`, "no end", "1:1"},
		"the wrong end":             {patient(`<name><text value="x"/></nam>`), "not the end tag", "1:61"},
		"something behind":          {patient("") + "<x/>", "something follows", "1:48"},
		"an attribute twice":        {patient(`<active value="true" value="false"/>`), "stands twice", "1:59"},
		"no space":                  {patient(`<active id="a"value="true"/>`), "a space is expected", "1:52"},
		"no quotation marks":        {patient(`<active value=true/>`), "quotation marks", "1:52"},
		"a tag in a value":          {patient(`<name><text value="<b>"/></name>`), "&lt;", "1:57"},
		"a bad comment":             {patient(`<!-- a -- b -->`), "inside a comment", "1:45"},
		"an endless comment":        {patient(`<!-- a`), "no end", "1:38"},
		"two in one":                {patient(`<contained><Patient/><Patient/></contained>`), "only one resource", "1:59"},
		"none contained":            {patient(`<contained></contained>`), "a resource is expected", "1:49"},
		"depth":                     {patient(deep), "nested too deep", ""},
		"attributes":                {patient(`<active ` + many("a%d='' ", 200) + `/>`), "too many attributes", ""},
		"namespaces":                {patient(strings.Repeat(`<contained><Patient `+many("xmlns:a%d='urn:a' ", 60)+`>`, 2)), "too many namespaces", ""},
		"an entity in a narrative":  {patient(`<text><div xmlns="http://www.w3.org/1999/xhtml">a&nbsp;b</div></text>`), "no entities are known but", "1:87"},
		"a narrative elsewhere":     {patient(`<text><div>a</div></text>`), "the div of a narrative", "1:44"},
		"a foreign element in it":   {patient(`<text><div xmlns="http://www.w3.org/1999/xhtml"><svg xmlns="http://www.w3.org/2000/svg"/></div></text>`), "every element of a narrative", "1:86"},
		"a narrative in disorder":   {patient(`<text><div xmlns="http://www.w3.org/1999/xhtml"><b><i></b></i></div></text>`), "not the end tag", "1:92"},
		"an instruction in it":      {patient(`<text><div xmlns="http://www.w3.org/1999/xhtml"><?php x?></div></text>`), "no processing instructions", "1:86"},
		"a deep narrative":          {patient(`<text><div xmlns="http://www.w3.org/1999/xhtml">` + strings.Repeat("<b>", 300)), "nested too deep", ""},
		"a narrative without end":   {patient(`<text><div xmlns="http://www.w3.org/1999/xhtml">`)[:85] + "<b>", "no end tag", "1:44"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(c.in), fhir.Limits{})
			f := fault.Find(err)
			if f == nil || f.Kind != fault.Invalid || len(f.Issues) != 1 {
				t.Fatalf("%v", err)
			}
			i := f.Issues[0]
			if !strings.Contains(i.Text, c.says) {
				t.Errorf("says %s", i.Text)
			}
			if got := fmt.Sprintf("%d:%d", i.Line, i.Col); c.place != "" && got != c.place {
				t.Errorf("at %s, not %s: %s", got, c.place, i.Text)
			}
		})
	}
}

func TestDisorder(t *testing.T) {
	in := patient(`<active value="true"/><identifier><value value="a"/></identifier><identifier><value value="b"/></identifier><id value="x"/>`)
	if r, err := ParseAnyOrder([]byte(in), fhir.Limits{}); err != nil || string(r.Raw()) != `{"resourceType":"Patient","active":true,"identifier":[{"value":"a"},{"value":"b"}],"id":"x"}` {
		t.Error(err, string(r.Raw()))
	}
	for _, in := range []string{`<name><text value="a"/></name><active value="true"/><name><text value="b"/></name>`, `<active value="true"/><id value="x"/><active value="true"/>`, `<deceasedBoolean value="true"/><id value="x"/><deceasedDateTime value="2020"/>`} {
		if _, err := ParseAnyOrder([]byte(patient(in)), fhir.Limits{}); err == nil || !strings.Contains(err.Error(), "must stand beside") {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// many repeats a pattern with numbers.
func many(pattern string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, pattern, i)
	}
	return b.String()
}

func TestADocumentThatIsTooLarge(t *testing.T) {
	if _, err := Parse([]byte(patient("")), fhir.Limits{Bytes: 20}); !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
}

// TestPlacesAreThoseOfTheXML: whoever judges values of the resource names their place in what was sent.
func TestPlacesAreThoseOfTheXML(t *testing.T) {
	doc := "<Patient xmlns=\"http://hl7.org/fhir\">\n <id value=\"a\"/>\n <name>\n  <given value=\"b\"/>\n  <given id=\"i\">\n   <extension\n url=\"u\"><valueString value='c'/></extension></given>\n </name>\n</Patient>"
	r, err := Parse([]byte(doc), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	name := r.Get("name").At(0)
	ext := name.Get("_given").At(1).Get("extension").At(0)
	for where, v := range map[string]fhir.Value{
		"1:1": r.Value, "2:12": r.Get("id"), "3:2": name, "4:16": name.Get("given").At(0), "5:3": name.Get("_given").At(1),
		"6:4": ext, "7:6": ext.Get("url"), "7:29": ext.Get("valueString"),
	} {
		line, col := v.Pos()
		if got := fmt.Sprintf("%d:%d", line, col); got != where {
			t.Errorf("%s is at %s, not %s", v.Raw(), got, where)
		}
	}
}

// FuzzParse: no document makes the reader fail but by a fault, and what it reads survives the
// way to XML and back.
func FuzzParse(f *testing.F) {
	for _, doc := range []string{
		patient(`<id value="a"/><text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">&amp;<br/></div></text>`),
		patient(`<name id="x"><given><extension url="u"><valueDecimal value="1.50"/></extension></given><given value="b"/></name>`),
		`<?xml version="1.0" encoding="UTF-8"?><f:Bundle xmlns:f="http://hl7.org/fhir"><!-- c --><f:entry><f:resource><f:Patient/></f:resource></f:entry></f:Bundle>`,
		`<!DOCTYPE x [<!ENTITY a "b">]><x/>`,
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		r, err := Parse(doc, fhir.Limits{Bytes: 1 << 20})
		if err != nil {
			if fault.Of(err) == fault.Internal {
				t.Fatal(err)
			}
			return
		}
		again, err := Append(nil, r)
		if err != nil {
			t.Fatal(explain(err))
		}
		back, err := ToJSON(again, fhir.Limits{})
		if err != nil {
			t.Fatalf("%s\n%s", explain(err), again)
		}
		if !bytes.Equal(back, r.Raw()) {
			t.Fatalf("%s\n%s", r.Raw(), back)
		}
	})
}
