package validate

import (
	"strings"

	"github.com/ficushealth/ficus/fhir"
)

// extension checks that there is either a value or extensions (https://hl7.org/fhir/R4/extensibility.html, ext-1).
func (w *walk) extension(v fhir.Value) {
	values, extensions := false, false
	c := v.Cursor()
	for m := c.Next(); m.Exists(); m = c.Next() {
		name := strings.TrimPrefix(m.Name(), "_")
		values = values || strings.HasPrefix(name, "value")
		extensions = extensions || name == "extension"
	}
	if values == extensions {
		w.say("invariant", v, "an extension has either a value or extensions")
	}
}
