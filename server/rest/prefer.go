package rest

import (
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/fhir/search"
)

// prefer is the header of that name (RFC 7240), as far as FHIR uses it
// (https://hl7.org/fhir/R4/http.html#ops and #errors). What is unknown is ignored, as the RFC asks.
type prefer struct {
	answer   string // minimal, representation, OperationOutcome; "" is the server's choice
	handling search.Handling
}

func preferOf(r *http.Request) (p prefer) {
	for _, line := range r.Header.Values("Prefer") {
		for part := range strings.FieldsFuncSeq(line, func(c rune) bool { return c == ',' || c == ';' }) {
			p.read(part)
		}
	}
	return p
}

func (p *prefer) read(part string) {
	name, value, _ := strings.Cut(part, "=")
	value = strings.Trim(strings.TrimSpace(value), `"`)
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "return":
		if value == "minimal" || value == "representation" || value == "OperationOutcome" {
			p.answer = value
		}
	case "handling":
		if value == "lenient" {
			p.handling = search.Lenient
		}
	}
}
