package xml

import (
	"strings"
	"testing"
	"time"

	"github.com/ficushealth/ficus/fhir"
)

// TestHostile: whatever is sent, the answer comes soon.
func TestHostile(t *testing.T) {
	const size = 1 << 20
	fill := func(start, part, end string) string {
		return start + strings.Repeat(part, size/len(part)) + end
	}
	div := `<Patient xmlns="http://hl7.org/fhir"><text><div xmlns="http://www.w3.org/1999/xhtml">`
	for name, doc := range map[string]string{
		"elements":             fill(`<Patient xmlns="http://hl7.org/fhir">`, `<name><text value="a"/></name>`, `</Patient>`),
		"values":               fill(`<Patient xmlns="http://hl7.org/fhir"><name>`, `<given value="a"/>`, `</name></Patient>`),
		"values without":       fill(`<Patient xmlns="http://hl7.org/fhir"><name>`, `<given id="a"/>`, `</name></Patient>`),
		"declarations":         fill(`<Patient xmlns="http://hl7.org/fhir">`, `<name xmlns:a="urn:a"><text value="a"/></name>`, `</Patient>`),
		"prefixes":             fill(`<f:Patient xmlns:f="http://hl7.org/fhir">`, `<f:name><f:text value="a"/></f:name>`, `</f:Patient>`),
		"open tags":            fill("", "<Patient xmlns='http://hl7.org/fhir'><contained>", ""),
		"tags":                 fill("", "<", ""),
		"comments without end": fill("", "<!--", ""),
		"comments":             fill(`<Patient xmlns="http://hl7.org/fhir">`, `<!---->`, `</Patient>`),
		"instructions":         fill(`<Patient xmlns="http://hl7.org/fhir">`, `<?a?>`, `</Patient>`),
		"references":           fill(`<Patient xmlns="http://hl7.org/fhir"><gender value="`, `&amp;`, `"/></Patient>`),
		"half references":      fill(`<Patient xmlns="http://hl7.org/fhir"><gender value="`, `&`, `"/></Patient>`),
		"a long name":          fill("<", "a", ""),
		"quotation marks":      fill(`<Patient a="`, `"a="`, ""),
		"white space":          fill("", " \n", ""),
		"paragraphs":           fill(div, `<p/>`, `</div></text></Patient>`),
		"prefixed paragraphs":  fill(strings.ReplaceAll(div, "<div xmlns=", "<h:div xmlns:h="), `<h:p xmlns:a="b"/>`, `</h:div></text></Patient>`),
		"open paragraphs":      fill(div, `<p>`, ""),
		"comments in prose":    fill(div, `<!--`, ""),
		"sections in prose":    fill(div, `<![CDATA[`, ""),
		"entities in prose":    fill(div, `&nbsp`, ""),
		"ends of sections":     fill(div, `]]`, ""),
	} {
		began := time.Now()
		r, err := Parse([]byte(doc), fhir.Limits{})
		if err == nil {
			_, err = Append(nil, r)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %v (%v)", name, took, err)
		}
		if testing.Verbose() {
			t.Log(name, time.Since(began), err)
		}
	}
	for _, part := range []string{"&nbsp;", "<!--", "<![CDATA[", "&", "<p>", "<p/>", "&a", "]]"} {
		began := time.Now()
		text := fill(`<div xmlns="http://www.w3.org/1999/xhtml">`, part, "</div>")
		json := fhir.NewObject().Set("resourceType", "Patient").Set("text", fhir.NewObject().Set("div", text)).JSON()
		r, err := fhir.Parse(json, fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = Append(nil, r)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %v", part, took)
		}
		if testing.Verbose() {
			t.Log(part, time.Since(began), err)
		}
	}
}
