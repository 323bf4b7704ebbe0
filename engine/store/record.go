package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// Record is one row of a module's own bookkeeping (a hashed answer, a device)
// that a mapping may write, as names and texts: numbers in decimal, instants in
// RFC 3339 UTC with microseconds, booleans as "true" and "false". nil is NULL.
type Record struct {
	ID     string
	Values map[string]*string
}

// RecordSink is the table in which a module keeps records of one kind. It shares
// the transaction of the change. Nobody writes through it but the store (see
// Change.Records), which numbers each write, audits it, and stamps the record, so
// that what was changed by others can be told.
type RecordSink interface {
	// Name is module and kind, for example "caregivers.SecurityAnswer".
	Name() string
	// Apply inserts the records or replaces those that have the same id.
	Apply(ctx context.Context, tx db.Tx, tenant int32, records []Record) error
	// Read returns the records of these ids that exist, in any order.
	Read(ctx context.Context, tx db.Tx, tenant int32, ids []string) ([]Record, error)
	// Hold is Read in a transaction that writes; nobody else changes or deletes what it returned before tx ends.
	Hold(ctx context.Context, tx db.Tx, tenant int32, ids []string) ([]Record, error)
	// Delete deletes the records of these ids that exist.
	Delete(ctx context.Context, tx db.Tx, tenant int32, ids []string) error
	// List returns, in an order that stays, the ids behind after, at most limit of them; "" is the start.
	List(ctx context.Context, tx db.Tx, tenant int32, after string, limit int) ([]string, error)
}

// Naming is a RecordSink whose records name resources by their ids. What has been replaced is not named anew, and who replaces
// a resource finds what names it.
type Naming interface {
	RecordSink
	// Names are the fields that hold an id, with the type of the resource.
	Names() []Name
	// Bearing returns the ids of the records whose field holds this id, in order, at most limit.
	Bearing(ctx context.Context, tx db.Tx, tenant int32, field, id string, limit int) ([]string, error)
}

// Name is a field that holds the id of a resource of a type.
type Name struct{ Field, Type string }
