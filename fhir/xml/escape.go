package xml

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
)

// kinds are what each form is in JSON.
var kinds = [...]fhir.Kind{tokenForm: fhir.String, textForm: fhir.String, booleanForm: fhir.Bool, integerForm: fhir.Number, decimalForm: fhir.Number}

// value writes an attribute. Faults: Unprocessable for a value of another kind than the element's.
func (w *writer) value(name string, t *r4.TypeInfo, e *r4.Element, v fhir.Value, f form) error {
	if v.Kind() != kinds[f] {
		return unwritable(v, place(t, e), "the value is of a kind that this element does not have in JSON")
	}
	w.b = append(append(append(w.b, ' '), name...), '=', '"')
	s := v.Str()
	if strings.IndexByte(s, 0xEF) >= 0 { // all that JSON may hold and XML may not begins with it
		if at, text := badChar([]byte(s)); at >= 0 {
			return unwritable(v, place(t, e), text)
		}
	}
	if s == "" {
		return unwritable(v, place(t, e), "an empty string has no XML form")
	}
	w.b = append(appendEscaped(w.b, s), '"')
	return nil
}

// appendEscaped appends the value of an attribute. White space but the space itself is written
// by number, because a reader takes it for spaces.
func appendEscaped(dst []byte, s string) []byte {
	from := 0
	for i := range len(s) {
		if code := escapes[s[i]]; code != "" {
			dst = append(append(dst, s[from:i]...), code...)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

var escapes = [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;", '\t': "&#9;", '\n': "&#10;", '\r': "&#13;"}
