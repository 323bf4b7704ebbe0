package caregivers

import (
	"embed"

	"github.com/ficushealth/ficus/care"
)

//go:embed schema
var schema embed.FS

// Module is what caregivers brings to the program. The keys seal the records.
func Module(keys care.Keys) care.Module {
	m := care.Module{
		Name:   "caregivers",
		Schema: schema,
		Owns:   []care.Owned{{Type: "RelatedPerson", Rule: Rule}, {Type: "Person", Rule: Rule}},
	}
	for _, t := range []care.Table{question, answer, device, account} {
		m.Takes = append(m.Takes, care.NewSink(t, keys))
	}
	return m
}
