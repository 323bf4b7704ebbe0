package patients

import (
	"github.com/ficushealth/ficus/care"
)

// Module is what patients brings to the program.
func Module() care.Module {
	return care.Module{Name: "patients", Owns: []care.Owned{{Type: "Patient", Rule: Rule}}}
}
