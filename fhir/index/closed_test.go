package index

import (
	"strings"
	"testing"
)

func TestClosedCodes(t *testing.T) {
	for param, want := range map[string]string{
		"Patient.gender":              "female male other unknown",
		"Patient.active":              "false true",
		"Encounter.status":            "arrived cancelled entered-in-error finished in-progress onleave planned triaged unknown",
		"Observation.code":            "",
		"Patient.deceased":            "",
		"Appointment.part-status":     "", // of several participants
		"Patient.birthdate":           "",
		"AllergyIntolerance.category": "",
	} {
		typ, code, _ := strings.Cut(param, ".")
		if got := strings.Join(ClosedCodes(typ, r4Param(typ, code)), " "); got != want {
			t.Errorf("%s: %q", param, got)
		}
	}
}

func TestClosedSystem(t *testing.T) {
	for asked, want := range map[string]string{
		"Patient.gender http://hl7.org/fhir/administrative-gender":                     "female male other unknown",
		"Patient.gender http://loinc.org":                                              "",
		"Patient.active " + SpecialValues:                                              "false true",
		"Appointment.part-status http://hl7.org/fhir/participationstatus":              "accepted declined needs-action tentative",
		"AllergyIntolerance.category http://hl7.org/fhir/allergy-intolerance-category": "biologic environment food medication",
		"Observation.code http://loinc.org":                                            "open",
		"Patient.deceased " + SpecialValues:                                            "open", // may be a dateTime
		"Patient.identifier urn:x":                                                     "open",
	} {
		param, system, _ := strings.Cut(asked, " ")
		typ, code, _ := strings.Cut(param, ".")
		codes, ok := ClosedSystem(typ, r4Param(typ, code), system)
		if got := strings.Join(codes, " "); got != strings.TrimPrefix(want, "open") || ok != (want != "open") {
			t.Errorf("%s: %q %v", asked, got, ok)
		}
	}
}

func TestSharesURI(t *testing.T) {
	for param, want := range map[string]bool{"Patient._profile": true, "ValueSet.url": false, "Observation._source": false, "Patient.gender": false} {
		typ, code, _ := strings.Cut(param, ".")
		if got := SharesURI(typ, r4Param(typ, code)); got != want {
			t.Errorf("%s: %v", param, got)
		}
	}
}
