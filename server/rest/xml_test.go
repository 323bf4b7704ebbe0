package rest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/xml"
)

// fromXML reads an answer.
func fromXML(t *testing.T, body string) fhir.Resource {
	t.Helper()
	r, err := xml.Parse([]byte(body), fhir.Limits{})
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return r
}

func TestEveryAnswerCanBeXML(t *testing.T) {
	for line, typ := range map[string]string{
		"GET /fhir/Patient/p0":               "Patient",
		"GET /fhir/Patient/p0/_history/1":    "Patient",
		"GET /fhir/Patient/p0?_summary=true": "Patient",
		"GET /fhir/Patient?_elements=active": "Bundle",
		"GET /fhir/Patient?_pretty=true":     "Bundle",
		"GET /fhir/Patient/_history":         "Bundle",
		"GET /fhir/metadata":                 "CapabilityStatement",
		"GET /fhir/Patient/none":             "OperationOutcome",
		"GET /fhir/patient":                  "OperationOutcome",
		"PATCH /fhir/metadata":               "OperationOutcome",
	} {
		r := newRig(t, Options{})
		r.shelf.list = patients(3)
		w := r.do(line, "Accept: application/fhir+xml")
		if got := w.Header().Get("Content-Type"); got != "application/fhir+xml; charset=utf-8" {
			t.Errorf("%s: %s", line, got)
		}
		if got := fromXML(t, w.Body.String()); got.Type() != typ {
			t.Errorf("%s: %s", line, got.Type())
		}
	}
}

func TestWhoIsNotKnownIsToldInXML(t *testing.T) {
	r := newRig(t, Options{})
	w := r.do("GET /fhir/Patient?_format=xml", "Authorization: ")
	if w.Code != http.StatusUnauthorized || fromXML(t, w.Body.String()).Type() != "OperationOutcome" {
		t.Error(w.Code, w.Body)
	}
}

func TestXMLIsWrittenAsJSON(t *testing.T) {
	r := newRig(t, Options{})
	w := r.do("PUT /fhir/Patient/7", "Content-Type: application/fhir+xml; charset=UTF-8", "",
		`<Patient xmlns="http://hl7.org/fhir"><id value="7"/><extension url="u"><valueDecimal value="1.50"/></extension></Patient>`)
	if w.Code != http.StatusOK || fromXML(t, w.Body.String()).ID() != "7" {
		t.Fatal(w.Code, w.Body)
	}
	if got := string(r.shelf.list[0].Body); !strings.Contains(got, `"extension":[{"url":"u","valueDecimal":1.50}]`) {
		t.Error(got)
	}
}

func TestPlacesInXMLAreThoseOfXML(t *testing.T) {
	r := newRig(t, Options{})
	w := r.do("PUT /fhir/Patient/8", "Content-Type: application/fhir+xml", "Accept: application/json", "",
		"<Patient xmlns=\"http://hl7.org/fhir\">\n <id value=\"7\"/></Patient>")
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "(line 2, column 12)") {
		t.Error(w.Code, w.Body)
	}
}

func TestWhatHasNoXMLFormCanBeHadAsJSON(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list = patients(1)
	r.shelf.list[0].Body = []byte(`{"resourceType":"Patient","id":"p0","colour":"red"}`)
	if w := r.do("GET /fhir/Patient/p0", "Accept: text/xml"); w.Code != http.StatusNotAcceptable || !strings.Contains(w.Body.String(), "no such element") {
		t.Error(w.Code, w.Body)
	}
	if w := r.do("GET /fhir/Patient/p0"); w.Code != http.StatusOK {
		t.Error(w.Code, w.Body)
	}
}

func TestABundleInXML(t *testing.T) {
	r := newRig(t, Options{})
	w := r.do("POST /fhir", "Content-Type: text/xml", "", `<?xml version="1.0" encoding="UTF-8"?>
<Bundle xmlns="http://hl7.org/fhir"><type value="batch"/><entry><resource><Patient/></resource><request><method value="POST"/><url value="Patient"/></request></entry></Bundle>`)
	got := fromXML(t, w.Body.String())
	if w.Code != http.StatusOK || got.Get("type").Str() != "batch-response" {
		t.Error(w.Code, w.Body)
	}
}

func TestXMLHasTheLimitOfJSON(t *testing.T) {
	r := newRig(t, Options{MaxBody: 100})
	w := r.do("POST /fhir/Patient", "Content-Type: application/fhir+xml", "", strings.Repeat(" ", 101))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Error(w.Code, fault.TooLarge)
	}
}

func TestLinksKeepTheForm(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list, r.shelf.next = patients(1), "c1"
	for _, line := range []string{"GET /fhir/Patient?_count=1&_format=xml&_pretty=true", "GET /fhir/Patient/_history?_count=1&_format=xml&_pretty=true"} {
		w := r.do(line, "Accept: application/json")
		for l := range fromXML(t, w.Body.String()).Get("link").Items() {
			if url := l.Get("url").Str(); !strings.Contains(url, "_format=xml") || !strings.Contains(url, "_pretty=true") {
				t.Error(url)
			}
		}
	}
}

func TestEveryFormatOfTheCapabilitiesIsSpoken(t *testing.T) {
	r := newRig(t, Options{})
	r.shelf.list = patients(1)
	list := fromXML(t, r.do("GET /fhir/metadata?_format=xml").Body.String()).Get("format")
	for f := range list.Items() {
		for _, w := range []int{
			r.do("GET /fhir/Patient/p0?_format=" + strings.ReplaceAll(f.Str(), "+", "%2B")).Code,
			r.do("GET /fhir/Patient/p0", "Accept: "+f.Str()).Code,
		} {
			if w != http.StatusOK && strings.Contains(f.Str(), "/") {
				t.Error(f.Str(), w)
			}
		}
	}
	if list.Len() != 4 {
		t.Error(list.Len())
	}
}
