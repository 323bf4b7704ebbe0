package rest

import (
	"net/http"
	"strings"
	"testing"
)

func TestPatches(t *testing.T) {
	const parameters = `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.active"},{"name":"value","valueBoolean":false}]}]}`
	const xml = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/><part><name value="type"/><valueCode value="replace"/></part>` +
		`<part><name value="path"/><valueString value="Patient.active"/></part><part><name value="value"/><valueBoolean value="false"/></part></parameter></Parameters>`
	for name, c := range map[string]struct {
		media, body string
		status      int
	}{
		"json patch":      {"application/json-patch+json", `[{"op":"replace","path":"/active","value":false}]`, 200},
		"with a charset":  {"application/json-patch+json; charset=utf-8", `[{"op":"replace","path":"/active","value":false}]`, 200},
		"fhirpath":        {"application/fhir+json", parameters, 200},
		"fhirpath in xml": {"application/fhir+xml", xml, 200},
		"not json":        {"application/json-patch+json", `[`, 400},
		"no patch":        {"application/json-patch+json", parameters, 400},
		"no parameters":   {"application/fhir+json", `{"resourceType":"Patient"}`, 400},
		"does not fit":    {"application/json-patch+json", `[{"op":"remove","path":"/nothing"}]`, 422},
		"merge patch":     {"application/merge-patch+json", `{}`, 415},
		"another charset": {"application/json-patch+json; charset=latin1", `[]`, 415},
		"xml patch":       {"application/xml-patch+xml", `<diff xmlns="http://hl7.org/fhir"><replace sel="f:Patient/f:active/@value">false</replace></diff>`, 200},
		"no xml patch":    {"application/xml-patch+xml", `<diff/>`, 400},
		"no xml":          {"application/xml-patch+xml", `{}`, 400},
	} {
		r := newRig(t, Options{})
		r.shelf.list = patients(1)
		w := r.do("PATCH /fhir/Patient/p0", "Content-Type: "+c.media, `If-Match: W/"1"`, "", c.body)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", name, w.Code, c.status, w.Body)
		}
		if c.status == 200 && (r.shelf.opts != 1 || !strings.Contains(w.Body.String(), `active`) || w.Header().Get("ETag") == "") {
			t.Errorf("%s: %d options, %v, %s", name, r.shelf.opts, w.Header(), w.Body)
		}
	}
}

func TestConditionalDeletes(t *testing.T) {
	r := newRig(t, Options{})
	if w := r.do("DELETE /fhir/Patient?identifier=a%7Cb&_count=3&_pretty=true"); w.Code != http.StatusNoContent || r.shelf.query != "identifier=a|b&_count=3" && r.shelf.query != "identifier=a%7Cb&_count=3" {
		t.Errorf("%d, asked %s", w.Code, r.shelf.query)
	}
	w := r.do("DELETE /fhir/Patient?active=true", "Prefer: return=OperationOutcome")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "1 resource was deleted") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
