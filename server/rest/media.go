package rest

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

const (
	fhirJSON = "application/fhir+json"
	anyJSON  = "application/json"
	textJSON = "text/json"
	fhirXML  = "application/fhir+xml"
	anyXML   = "application/xml"
	textXML  = "text/xml"
	oldJSON  = "application/json+fhir" // of DSTU2, as are many clients
	oldXML   = "application/xml+fhir"
)

// inXML tells which form a media type has.
func inXML(media string) bool {
	return media == fhirXML || media == anyXML || media == textXML || media == oldXML
}

// mediaOf decides the media type of the answer from _format, which wins, or Accept
// (https://hl7.org/fhir/R4/http.html#mime-type). A caller who asks for plain JSON or XML gets
// that of FHIR under this name; one who takes anything gets the form that he sends, or else
// JSON. Faults: NotAcceptable.
func mediaOf(r *http.Request, format string) (string, error) {
	if format != "" {
		return fromFormat(format)
	}
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" { // says nothing, so anything goes (RFC 9110 section 12.5.1)
		return own(r), nil
	}
	if m := best(accept, own(r)); m != "" {
		return m, nil
	}
	return "", notAcceptable()
}

func notAcceptable() error {
	return fault.New(fault.NotAcceptable, "JSON and XML are spoken here: ask for application/fhir+json or application/fhir+xml, version 4.0")
}

// fromFormat reads _format. A plus sign may have come as a space, because in an URL it means one.
func fromFormat(format string) (string, error) {
	media, params, err := mime.ParseMediaType(strings.ReplaceAll(format, " ", "+"))
	if err != nil || !version40(params) {
		return "", notAcceptable()
	}
	switch media {
	case "json":
		return fhirJSON, nil
	case "xml":
		return fhirXML, nil
	}
	if spoken(media) {
		return media, nil
	}
	return "", notAcceptable()
}

// own is the form that the request itself is in.
func own(r *http.Request) string {
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && inXML(media) {
		return fhirXML
	}
	return fhirJSON
}

func spoken(media string) bool {
	return media == fhirJSON || media == anyJSON || media == textJSON || media == oldJSON || inXML(media)
}

// best is the type that an Accept header wants most; of equals, the first. "" if it takes none.
func best(accept, own string) string {
	found, weight := "", 0.0
	for part := range strings.SplitSeq(accept, ",") {
		media, params, err := mime.ParseMediaType(part)
		if err != nil || !version40(params) {
			continue
		}
		if media = offered(media, own); media == "" {
			continue
		}
		if q := quality(params["q"]); q > weight {
			found, weight = media, q
		}
	}
	return found
}

// offered is what we would send for a media range.
func offered(media, own string) string {
	switch {
	case spoken(media):
		return media
	case media == "*/*" || media == "application/*":
		return own
	case media == "text/*" && inXML(own):
		return textXML
	case media == "text/*":
		return textJSON
	}
	return ""
}

func quality(q string) float64 {
	if q == "" {
		return 1
	}
	f, err := strconv.ParseFloat(q, 64)
	if err != nil || f < 0 || f > 1 {
		return 0
	}
	return f
}

// version40 reports whether the parameter fhirVersion, if there, is ours
// (https://hl7.org/fhir/R4/http.html#version-parameter).
func version40(params map[string]string) bool {
	v, given := params["fhirversion"]
	return !given || v == "4.0" || v == "4.0.1"
}

// form is the media type of a request's body by its own word. Faults: Unsupported.
func form(r *http.Request) (string, error) {
	header := r.Header.Get("Content-Type")
	if header == "" {
		return fhirJSON, nil
	}
	media, params, err := mime.ParseMediaType(header)
	if err != nil || !spoken(media) || !version40(params) || !utf8Charset(params) {
		return "", fault.New(fault.Unsupported, "the body must be application/fhir+json or application/fhir+xml, in UTF-8 and of FHIR version 4.0")
	}
	return media, nil
}

func utf8Charset(params map[string]string) bool {
	c, given := params["charset"]
	return !given || strings.EqualFold(c, "utf-8") || strings.EqualFold(c, "utf8") || strings.EqualFold(c, "us-ascii")
}
