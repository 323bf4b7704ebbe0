package care

import (
	"context"
	"io/fs"
	"maps"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/outbox"
	"github.com/ficushealth/ficus/engine/store"
)

// Module is one part of the product. Every field but Name may be empty.
type Module struct {
	Name   string             // lower case; prefix of its tables, records, handlers and kinds of jobs
	Schema fs.FS              // its numbered SQL files, as db.Migrate reads them
	Tables []db.Table         // all tables that these make
	Owns   []Owned            // the resource types that only it rules over
	Hears  []outbox.Handler   // what it does after an event; names begin with Name and a dot
	Offers operation.List     // FHIR operations
	Takes  []store.RecordSink // records that a mapping may write; names begin with Name and a dot
	Jobs   []jobs.Kind        // periodic and queued work; names begin with Name and a dot
}

// Owned is a resource type and the rule that guards each write to it.
type Owned struct {
	Type string
	Rule store.Rule // nil: the rules of FHIR are enough
}

// Modules is the product: what runs is what app lists here.
type Modules []Module

// Migrate brings the tables of all modules up to date. Faults: as db.Migrate.
func (ms Modules) Migrate(ctx context.Context, d *db.DB) error {
	for _, s := range ms.Schemas() {
		if err := s.Migrate(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// Schemas are what the modules have in the database.
func (ms Modules) Schemas() (all []db.Schema) {
	for _, m := range ms {
		if m.Schema != nil {
			all = append(all, db.Schema{Module: m.Name, Files: m.Schema, Tables: m.Tables})
		}
	}
	return all
}

// Rules are the rules of all modules, by resource type.
func (ms Modules) Rules() map[string]store.Rule {
	rules := map[string]store.Rule{}
	for _, m := range ms {
		for _, o := range m.Owns {
			if o.Rule != nil {
				rules[o.Type] = o.Rule
			}
		}
	}
	return rules
}

// Handlers are the event handlers of all modules.
func (ms Modules) Handlers() (all []outbox.Handler) {
	for _, m := range ms {
		all = append(all, m.Hears...)
	}
	return all
}

// Sinks are the records of all modules, by name.
func (ms Modules) Sinks() map[string]store.RecordSink {
	sinks := map[string]store.RecordSink{}
	for _, m := range ms {
		for _, s := range m.Takes {
			sinks[s.Name()] = s
		}
	}
	return sinks
}

// Naming are the records of all modules that name resources of a type by their ids, in the order of their names.
func (ms Modules) Naming(typ string) (all []store.Naming) {
	for _, name := range slices.Sorted(maps.Keys(ms.Sinks())) {
		n, does := ms.Sinks()[name].(store.Naming)
		if does && slices.ContainsFunc(n.Names(), func(n store.Name) bool { return n.Type == typ }) {
			all = append(all, n)
		}
	}
	return all
}

// Kinds are the kinds of jobs of all modules.
func (ms Modules) Kinds() (all []jobs.Kind) {
	for _, m := range ms {
		all = append(all, m.Jobs...)
	}
	return all
}

// Operations are the operations of all modules.
func (ms Modules) Operations() (all operation.List) {
	for _, m := range ms {
		all = append(all, m.Offers...)
	}
	return all
}
