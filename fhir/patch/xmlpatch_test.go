package patch

import (
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

func diff(operations string) string {
	return `<diff xmlns="http://hl7.org/fhir" xmlns:x="http://www.w3.org/1999/xhtml">` + operations + `</diff>`
}

const xmlPatient = `{"resourceType":"Patient","id":"p","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a &amp; b</p></div>"},
	"active":true,"name":[{"use":"official","family":"A","given":["B","C"]},{"use":"usual","given":["D"]}],"birthDate":"1970","extension":[{"url":"u","valueDecimal":1.50}]}`

func TestXMLEdits(t *testing.T) {
	for op, want := range map[string]string{
		`<replace sel="f:Patient/f:birthDate/@value">1971-01</replace>`:                                                    `"birthDate":"1971-01"`,
		`<add sel="f:Patient"><gender value="male"/></add>`:                                                                `"gender":"male"`,
		`<add sel="Patient/name[use/@value='usual']" pos="before"><name><family value="New"/></name></add>`:                `{"family":"New"},{"use":"usual"`,
		`<remove sel="/f:Patient/f:name[1]/f:given[2]"/>`:                                                                  `"given":["B"]}`,
		`<remove sel="*/f:name[2]"/>`:                                                                                      `"name":[{"use":"official","family":"A","given":["B","C"]}]`,
		`<add sel="f:Patient/f:birthDate" type="@id">b</add>`:                                                              `"_birthDate":{"id":"b"}`,
		`<replace sel="f:Patient/f:text/h:div/x:p/text()">c &lt; d</replace>`:                                              `c &lt; d</p>`,
		`<replace sel="f:Patient/f:extension[@url='u']/f:valueDecimal"><valueDecimal value="2.500"/></replace>`:            `"valueDecimal":2.500`,
		`<add sel="f:Patient/f:name[1]" pos="prepend"><text value="A"/></add><remove sel="f:Patient/f:name[1]/f:family"/>`: `"text":"A"`,
	} {
		p, err := XML([]byte(diff(op)))
		if err != nil {
			t.Errorf("%s: %v", op, err)
			continue
		}
		got, err := p.Apply(nil, resource(t, xmlPatient))
		if err != nil || !strings.Contains(string(got.Raw()), want) || !strings.Contains(string(got.Raw()), `"id":"p"`) {
			t.Errorf("%s: %v\n%s lacks %s", op, err, got.Raw(), want)
		}
	}
}

func TestRefusedXML(t *testing.T) {
	for doc, kind := range map[string]fault.Kind{
		``:         fault.Invalid,
		`<diff>`:   fault.Invalid,
		`<other/>`: fault.Invalid,
		diff(``):   fault.Invalid,
		`<!DOCTYPE diff [<!ENTITY e "x">]>` + diff(`<remove sel="f:Patient/f:name[1]"/>`): fault.Invalid,
		diff(`<twist sel="f:Patient"/>`):                                  fault.Invalid,
		diff(`<remove/>`):                                                 fault.Invalid,
		diff(`<remove sel="f:Patient//f:name"/>`):                         fault.Invalid,
		diff(`<remove sel="f:Patient/f:name[last()]"/>`):                  fault.Invalid,
		diff(`<remove sel="y:Patient"/>`):                                 fault.Invalid,
		diff(`<remove sel="f:Patient/f:name[1"/>`):                        fault.Invalid,
		diff(`<add sel="f:Patient" pos="inside"/>`):                       fault.Invalid,
		diff(`<add sel="f:Patient" type="element"/>`):                     fault.Invalid,
		diff(`<remove sel="f:Patient" ws="all"/>`):                        fault.Invalid,
		diff(`<remove sel="f:Patient"/>`):                                 fault.Unprocessable,
		diff(`<remove sel="f:Patient/f:name"/>`):                          fault.Unprocessable,
		diff(`<remove sel="f:Patient/f:gender"/>`):                        fault.Unprocessable,
		diff(`<remove sel="f:Patient/f:name[1]" ws="before"/>`):           fault.Unprocessable,
		diff(`<add sel="f:Patient/f:active" type="@value">true</add>`):    fault.Unprocessable,
		diff(`<add sel="f:Patient" pos="after"><x/></add>`):               fault.Unprocessable,
		diff(`<replace sel="f:Patient/f:active">text</replace>`):          fault.Unprocessable,
		diff(`<replace sel="f:Patient/f:active/@nothing">text</replace>`): fault.Unprocessable,
		diff(`<add sel="f:Patient"><color value="red"/></add>`):           fault.Unprocessable,
	} {
		p, err := XML([]byte(doc))
		if err == nil {
			_, err = p.Apply(nil, resource(t, xmlPatient))
		}
		if !fault.Is(err, kind) {
			t.Errorf("%s: %v, want %v", doc, err, kind)
		}
	}
}

// FuzzXML: any XML Patch ends with a resource or a fault with its kind.
func FuzzXML(f *testing.F) {
	f.Add(diff(`<add sel="f:Patient/f:name[use/@value='usual']" pos="before"><name><family value="New"/></name></add><remove sel="*/text()[1]" ws="both"/>`))
	f.Add(diff(`<replace sel="f:Patient/f:extension[@url='u']/@url">v</replace><add sel="f:Patient" type="namespace::p">x</add>`))
	f.Fuzz(func(t *testing.T, doc string) {
		p, err := XML([]byte(doc))
		if err != nil {
			known(t, err)
			return
		}
		r, err := p.Apply(nil, resource(t, xmlPatient))
		if err != nil {
			known(t, err)
			return
		}
		if _, err := fhir.Parse(r.Raw(), fhir.Limits{}); err != nil {
			t.Fatal(err)
		}
	})
}
