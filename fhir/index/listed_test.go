package index

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ficushealth/ficus/fhir"
)

func TestListed(t *testing.T) {
	for param, want := range map[string]bool{
		"Observation.code": true, "Observation.category": true, "Observation._tag": true, "Observation.value-concept": true, "MedicationRequest.code": true,
		"AllergyIntolerance.code": true, "Appointment.part-status": true, "Patient.language": true,
		"Observation.status": false, "Observation.combo-code": false, "Observation.identifier": false, "Patient.phone": false, "Patient.telecom": false,
		"Patient.deceased": false, "Patient.gender": false, "Observation.subject": false, "Patient._profile": false,
	} {
		typ, code, _ := strings.Cut(param, ".")
		if got := Listed(typ, r4Param(typ, code)); got != want {
			t.Errorf("%s: %v", param, got)
		}
	}
}

// TestCodesAreListed: each once, under the key of its rows; what has a value without a code has a row that says so.
func TestCodesAreListed(t *testing.T) {
	long := strings.Repeat("ü", 200)
	for coding, want := range map[string]string{
		`,"coding":[{"code":"b"},{"code":"a","system":"x"},{"code":"a"}]`: "a b", `,"coding":[{"system":"x"}]`: "", ``: "", `,"coding":[{"code":"` + long + `"}]`: long[:224],
	} {
		r, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Condition","code":{"text":"t"%s},"identifier":[{"value":"i"}]}`, coding), fhir.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := Extract(r, Hasher{})
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, v := range rows.Codes {
			if list = append(list, v.Text); len(v.Text) > MaxString || !utf8.ValidString(v.Text) || v.List != (Hasher{}).Codes("Condition", "code") || !hasToken(rows, v.Key) {
				t.Errorf("%+v", v)
			}
		}
		slices.Sort(list)
		if got := strings.Join(list, " "); !strings.HasPrefix(got, want) || want == "" && got != "" || hasToken(rows, Hasher{}.NoCode("Condition", "code")) != (want == "") {
			t.Errorf("%s: %q", coding, got)
		}
	}
}

func hasToken(rows Rows, key int64) bool {
	return slices.ContainsFunc(rows.Token, func(x TokenRow) bool { return x.Hash == key })
}
