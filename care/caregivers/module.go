package caregivers

import (
	"embed"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/db"
)

//go:embed schema
var schema embed.FS

// Module is what caregivers brings to the program. The keys seal the records.
func Module(keys care.Keys) care.Module {
	m := care.Module{
		Name:   "caregivers",
		Schema: schema,
		Tables: []db.Table{{Name: "caregivers_question"}, {Name: "caregivers_answer"}, {Name: "caregivers_device"}, {Name: "caregivers_account"}},
		Owns:   []care.Owned{{Type: "RelatedPerson", Rule: Rule}, {Type: "Person", Rule: Rule}},
	}
	for _, t := range []care.Table{question, answer, device, account} {
		m.Takes = append(m.Takes, care.NewSink(t, keys))
	}
	return m
}
