package care

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// Table declares a record: the table of a module in which each row has a tenant, an id and these fields. The table's SQL
// is in the module's schema; its first columns are tenant and id, which are its primary key.
type Table struct {
	Name   string // module and kind, for example "caregivers.Device"
	Table  string // in SQL
	Fields []Field
}

// Field is a column of a record.
type Field struct {
	Name string // in records, mappings and SQL
	Kind Kind
	Null bool // may be missing

	// Of is the resource type of which the field, a Text, holds an id. An index leads to it: (tenant, field).
	Of string
}

// Keys gives the sealer of a tenant; *vault.Vault does. The tenant's keys must exist before a record is written: making
// them is a transaction of its own.
type Keys interface {
	Sealer(ctx context.Context, tenant int32) (*vault.Sealer, error)
}

// NewSink is the door to a table. The keys seal its fields of the kind Sealed; they may be nil if it has none.
func NewSink(t Table, keys Keys) store.RecordSink {
	return &sink{Table: t, keys: keys, bearing: bearingText(t), apply: applyText(t), read: readText(t), hold: holdText(t), remove: removeText(t), list: listText(t)}
}

type sink struct {
	Table
	keys                            Keys
	apply, read, hold, remove, list db.Text
	bearing                         map[string]db.Text // by field
}

// Name is Table.Name.
func (s *sink) Name() string { return s.Table.Name }

// Apply inserts the records or replaces those that have the same id; of several with one id, the last counts. Faults:
// Invalid for a value that its field cannot hold; Internal for a field that the record does not have.
func (s *sink) Apply(ctx context.Context, tx db.Tx, tenant int32, records []store.Record) error {
	records = lastOfEach(records)
	if len(records) == 0 {
		return nil
	}
	box, err := s.box(ctx, tenant)
	if err != nil {
		return err
	}
	tenants, ids := make([]int32, len(records)), make([]string, len(records))
	cols := []any{tenants, ids}
	for i, r := range records {
		tenants[i], ids[i] = tenant, r.ID
		if err := s.knows(r); err != nil {
			return err
		}
	}
	for _, f := range s.Fields {
		col, err := f.column(box, records)
		if err != nil {
			return err
		}
		cols = append(cols, col)
	}
	return tx.Each(ctx, s.apply, cols...)
}

// box is the sealer of the table's sealed fields.
func (s *sink) box(ctx context.Context, tenant int32) (*box, error) {
	b := &box{tenant: tenant, table: s.Name()}
	if !slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Kind == Sealed }) {
		return b, nil
	}
	sealer, err := s.keys.Sealer(ctx, tenant)
	if err != nil {
		return nil, err
	}
	b.sealer, b.places = sealer, sealer.Derive("record places")
	return b, nil
}

// knows reports a value for which there is no field: it would be lost.
func (s *sink) knows(r store.Record) error {
	for name := range r.Values {
		if !slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Name == name }) {
			return fault.New(fault.Internal, "the record %s has no field %q; it has %s", s.Name(), name, s.names())
		}
	}
	return nil
}

func (s *sink) names() string {
	var names []string
	for _, f := range s.Fields {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

func lastOfEach(records []store.Record) []store.Record {
	at := make(map[string]int, len(records))
	for i, r := range records {
		at[r.ID] = i
	}
	if len(at) == len(records) {
		return records
	}
	var out []store.Record
	for i, r := range records {
		if at[r.ID] == i {
			out = append(out, r)
		}
	}
	return out
}

// Read returns the records of these ids that exist, in any order.
func (s *sink) Read(ctx context.Context, tx db.Tx, tenant int32, ids []string) ([]store.Record, error) {
	return s.find(ctx, tx, s.read, tenant, ids)
}

// Hold is Read in a transaction that writes; nobody else changes or deletes what it returned before tx ends.
func (s *sink) Hold(ctx context.Context, tx db.Tx, tenant int32, ids []string) ([]store.Record, error) {
	ids = slices.Sorted(slices.Values(ids)) // so that two that hold the same records wait for each other in one order
	return s.find(ctx, tx, s.hold, tenant, ids)
}

// Delete deletes the records of these ids that exist.
func (s *sink) Delete(ctx context.Context, tx db.Tx, tenant int32, ids []string) error {
	return tx.Each(ctx, s.remove, tenants(tenant, ids), ids)
}

// List returns the ids behind after in the order of the primary key, at most limit of them.
func (s *sink) List(ctx context.Context, tx db.Tx, tenant int32, after string, limit int) (ids []string, err error) {
	err = tx.Query(ctx, s.list, []any{tenant, after, limit}, func(r db.Row) error {
		ids = append(ids, r.Text(0))
		return nil
	})
	return ids, err
}

// Names are the fields that have Of.
func (s *sink) Names() (names []store.Name) {
	for _, f := range s.Fields {
		if f.Of != "" {
			names = append(names, store.Name{Field: f.Name, Type: f.Of})
		}
	}
	return names
}

// Bearing returns the ids of the records whose field holds this id, in order.
func (s *sink) Bearing(ctx context.Context, tx db.Tx, tenant int32, field, id string, limit int) (ids []string, err error) {
	err = tx.Query(ctx, s.bearing[field], []any{tenant, id, limit}, func(r db.Row) error {
		ids = append(ids, r.Text(0))
		return nil
	})
	return ids, err
}

func (s *sink) find(ctx context.Context, tx db.Tx, stmt db.Text, tenant int32, ids []string) (records []store.Record, err error) {
	box, err := s.box(ctx, tenant)
	if err != nil {
		return nil, err
	}
	err = tx.EachQuery(ctx, stmt, func(r db.Row) error {
		rec := store.Record{ID: ids[r.Int64(0)], Values: make(map[string]*string, len(s.Fields))}
		for i, f := range s.Fields {
			if rec.Values[f.Name], err = f.value(box, rec.ID, r, i+1); err != nil {
				return err
			}
		}
		records = append(records, rec)
		return nil
	}, tenants(tenant, ids), ids)
	return records, err
}

func tenants(tenant int32, ids []string) []int32 {
	all := make([]int32, len(ids))
	for i := range all {
		all[i] = tenant
	}
	return all
}

func applyText(t Table) db.Text {
	names, marks, arrays, sets := []string{"tenant", "id"}, []string{"$1", "$2"}, []string{"$1::int4[]", "$2::text[]"}, []string{}
	for i, f := range t.Fields {
		names = append(names, f.Name)
		marks = append(marks, fmt.Sprintf("$%d", i+3))
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+3, f.Kind.element()))
		sets = append(sets, f.Name+" = excluded."+f.Name)
	}
	into := "INSERT INTO " + t.Table + " (" + strings.Join(names, ", ") + ") "
	replace := " ON CONFLICT (tenant, id) DO UPDATE SET " + strings.Join(sets, ", ")
	return db.Text{
		SQLite:   into + "VALUES (" + strings.Join(marks, ", ") + ")" + replace,
		Postgres: into + "SELECT * FROM unnest(" + strings.Join(arrays, ", ") + ")" + replace,
	}
}

func readText(t Table) db.Text {
	var columns []string
	for _, f := range t.Fields {
		columns = append(columns, "t."+f.Name)
	}
	list := strings.Join(columns, ", ")
	return db.Text{
		SQLite: "SELECT $3, " + list + " FROM " + t.Table + " t WHERE t.tenant = $1 AND t.id = $2",
		Postgres: "SELECT r.i - 1, " + list + " FROM unnest($1::int4[], $2::text[]) WITH ORDINALITY AS r (tenant, id, i) JOIN " +
			t.Table + " t ON t.tenant = r.tenant AND t.id = r.id",
	}
}

// holdText locks the rows on PostgreSQL; SQLite has one writer at a time.
func holdText(t Table) db.Text {
	text := readText(t)
	text.Postgres += " ORDER BY r.i FOR UPDATE OF t"
	return text
}

func removeText(t Table) db.Text {
	return db.Text{
		SQLite:   "DELETE FROM " + t.Table + " WHERE tenant = $1 AND id = $2",
		Postgres: "DELETE FROM " + t.Table + " t USING unnest($1::int4[], $2::text[]) AS r (tenant, id) WHERE t.tenant = r.tenant AND t.id = r.id",
	}
}

// listText orders as the primary key does, which the database's collation decides.
func listText(t Table) db.Text {
	return db.Same("SELECT id FROM " + t.Table + " WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3")
}

func bearingText(t Table) map[string]db.Text {
	all := map[string]db.Text{}
	for _, f := range t.Fields {
		if f.Of != "" {
			all[f.Name] = db.Same("SELECT id FROM " + t.Table + " WHERE tenant = $1 AND " + f.Name + " = $2 ORDER BY id LIMIT $3")
		}
	}
	return all
}
