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
