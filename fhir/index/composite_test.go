package index

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// observed is an Observation of components that each have some codes, and as many codes for a value.
func observed(t *testing.T, components, codes int) fhir.Resource {
	t.Helper()
	var coding []string
	for i := range codes {
		coding = append(coding, fmt.Sprintf(`{"system":"http://s.example.org","code":"%d"}`, i))
	}
	concept := `{"coding":[` + strings.Join(coding, ",") + `]}`
	component := strings.Repeat(`,{"code":`+concept+`,"valueCodeableConcept":`+concept+`}`, components)
	r, err := fhir.Parse([]byte(`{"resourceType":"Observation","status":"final","code":{"text":"x"},"component":[`+component[1:]+`]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFewCodesDoNotMakeMillionsOfRows(t *testing.T) {
	_, err := Extract(observed(t, 1, 1000), Hasher{})
	f := fault.Find(err)
	if f == nil || f.Kind != fault.Unprocessable || f.Issues[0].Code != "too-costly" || f.Issues[0].Expression != "Observation" {
		t.Error(err)
	}
}

func TestAPanelIsIndexedWhole(t *testing.T) {
	for _, size := range [][2]int{{1, 50}, {4000, 3}} {
		if _, err := Extract(observed(t, size[0], size[1]), Hasher{}); err != nil {
			t.Error(size, err)
		}
	}
}

func TestMoreValuesThanCanBeIndexedAreTheResourcesFault(t *testing.T) {
	names := strings.Repeat(`,{"family":"a"}`, 1_100_000)
	r, err := fhir.Parse([]byte(`{"resourceType":"Patient","name":[`+names[1:]+`]}`), fhir.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Extract(r, Hasher{}); !fault.Is(err, fault.Unprocessable) {
		t.Error(err)
	}
}
