package rest

import (
	"testing"

	"github.com/ficushealth/ficus/fhir/search"
)

// TestWhatIsSaidToBeIncludedIsRead: every value that the CapabilityStatement names for _include and _revinclude is one
// that a search takes.
func TestWhatIsSaidToBeIncludedIsRead(t *testing.T) {
	r := newRig(t, Options{})
	rest := parsed(t, r.do("GET /fhir/metadata"))["rest"].([]any)[0].(map[string]any)
	values := 0
	for _, x := range rest["resource"].([]any) {
		resource := x.(map[string]any)
		typ := resource["type"].(string)
		for name, list := range map[string]any{"_include": resource["searchInclude"], "_revinclude": resource["searchRevInclude"]} {
			for _, value := range list.([]any) {
				values++
				if _, _, err := search.Parse(typ, []search.Pair{{Name: name, Value: value.(string)}}, search.Strict); err != nil {
					t.Errorf("%s?%s=%s: %v", typ, name, value, err)
				}
			}
		}
	}
	if values < 1000 {
		t.Errorf("only %d values", values)
	}
}
