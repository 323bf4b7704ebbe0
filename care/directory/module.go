package directory

import "github.com/ficushealth/ficus/care"

// Module is what directory brings to the program.
func Module() care.Module {
	m := care.Module{Name: "directory"}
	for _, t := range []string{"Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService"} {
		m.Owns = append(m.Owns, care.Owned{Type: t, Rule: Rule})
	}
	return m
}
