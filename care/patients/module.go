package patients

import (
	"embed"
	"time"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/operation"
)

//go:embed schema
var schema embed.FS

// Module is what patients brings to the program. newID gives UUIDs.
func Module(now func() time.Time, newID func() string) care.Module {
	return care.Module{
		Name:   "patients",
		Schema: schema,
		Owns:   []care.Owned{{Type: "Patient", Rule: Rule}},
		Offers: operation.List{match(), merge(now, newID), unmerge(now)},
	}
}
