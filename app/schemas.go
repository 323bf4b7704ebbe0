package app

import (
	"slices"
	"time"

	"github.com/ficushealth/ficus/engine/alert"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/engine/outbox"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/strangler/crosswalk"
	"github.com/ficushealth/ficus/strangler/ledger"
)

// schemas are all tables of the program: what is not listed here is not in a backup.
func schemas() []db.Schema {
	return slices.Concat(
		[]db.Schema{vault.Schema(), audit.Schema(), alert.Schema()},
		(&App{Now: time.Now}).modules().Schemas(),
		[]db.Schema{jobs.Schema()},
		store.Schemas(),
		[]db.Schema{outbox.Schema(), crosswalk.Schema(), ledger.Schema()},
	)
}
