package patients

import (
	"embed"
	"time"

	"github.com/ficushealth/ficus/care"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
)

//go:embed schema
var schema embed.FS

// Module is what patients brings to the program. newID gives UUIDs; records are those of other modules that name patients, which
// take part when patients are merged and parted.
func Module(now func() time.Time, newID func() string, records []store.Naming) care.Module {
	return care.Module{
		Name:   "patients",
		Schema: schema,
		Tables: []db.Table{{Name: "patients_merge"}, {Name: "patients_moved"}, {Name: "patients_moved_record"}},
		Owns:   []care.Owned{{Type: "Patient", Rule: Rule}},
		Offers: operation.List{match(), merge(now, newID, records), unmerge(now, records)},
	}
}
