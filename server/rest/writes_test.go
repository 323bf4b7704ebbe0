package rest

import (
	"strings"
	"testing"
)

// TestWhatWritesAreClaimed: the statement says what conditional deletes do here, and what patches may be.
func TestWhatWritesAreClaimed(t *testing.T) {
	for many, want := range map[bool]string{false: `"conditionalDelete":"single"`, true: `"conditionalDelete":"multiple"`} {
		r := newRig(t, Options{DeleteMany: many})
		text := r.do("GET /fhir/metadata").Body.String()
		for _, claim := range []string{
			want, `"conditionalCreate":true`, `"conditionalUpdate":true`, `"conditionalRead":"full-support"`, `"versioning":"versioned"`, `"readHistory":true`,
			`"updateCreate":true`, `{"code":"patch"}`, `"patchFormat":["application/json-patch+json","application/xml-patch+xml","application/fhir+json","application/fhir+xml"]`,
		} {
			if !strings.Contains(text, claim) {
				t.Errorf("the statement lacks %s", claim)
			}
		}
	}
}
