package raw

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/ficushealth/ficus/fhir/r4"
)

// tenant is that of all rows.
const tenant = 1

const auditTable = "audit_pending"

// samples is how many resources of each type are learned from.
const samples = 16

// shape is what a resource of a type is made of: some resources of the database, each as its rows.
type shape struct {
	examples []example
	turn     atomic.Int64
}

// example is one resource: a step for each table, to be filled with fresh numbers.
type example []step

// lesson is what was learned from a database.
type lesson struct {
	tables    map[string][]column // that have a row for a resource
	shapes    map[string]*shape   // by type
	history   []string            // columns that history takes over
	auditSize int                 // bytes of an audit entry
	next      int64               // first free rid
}

func learn(ctx context.Context, b base) (*lesson, error) {
	all, err := b.tables(ctx, "rid")
	if err != nil {
		return nil, err
	}
	l := &lesson{tables: all, shapes: map[string]*shape{}, auditSize: 90}
	for _, c := range all["resource_history"] {
		if slices.ContainsFunc(all["resource"], func(o column) bool { return o.name == c.name }) {
			l.history = append(l.history, c.name)
		}
	}
	delete(all, "resource_history")
	if err := l.types(ctx, b); err != nil {
		return nil, err
	}
	last, err := b.rows(ctx, "SELECT max(rid) FROM resource")
	if err != nil {
		return nil, err
	}
	l.next = last[0][0].(int64) + 1_000_000
	return l, nil
}

// types picks examples of each type and reads their rows, with one pass over each table, because none has an index by rid alone.
func (l *lesson) types(ctx context.Context, b base) error {
	types, list := map[int64]string{}, []string{}
	for i, name := range r4.Resources() {
		rids, err := b.rows(ctx, fmt.Sprintf("SELECT rid FROM resource WHERE tenant = %d AND type = %d AND version > 0 ORDER BY id LIMIT %d", tenant, i, samples))
		if err != nil {
			return err
		}
		for _, r := range rids {
			types[r[0].(int64)] = name
			list = append(list, fmt.Sprint(r[0]))
		}
	}
	examples := map[int64]example{}
	for _, table := range slices.Sorted(maps.Keys(l.tables)) {
		if err := l.read(ctx, b, table, strings.Join(list, ","), examples); err != nil {
			return err
		}
	}
	for rid, e := range examples {
		name := types[rid]
		if l.shapes[name] == nil {
			l.shapes[name] = &shape{}
		}
		l.shapes[name].examples = append(l.shapes[name].examples, e)
	}
	return nil
}

// read adds the rows of one table to the examples.
func (l *lesson) read(ctx context.Context, b base, table, rids string, examples map[int64]example) error {
	columns := l.tables[table]
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	at := slices.Index(names, "rid")
	rows, err := b.rows(ctx, fmt.Sprintf("SELECT %s FROM %s WHERE tenant = %d AND rid IN (%s)", strings.Join(names, ","), table, tenant, rids))
	of := map[int64][][]any{}
	for _, r := range rows {
		of[r[at].(int64)] = append(of[r[at].(int64)], r)
	}
	for rid, rows := range of {
		examples[rid] = append(examples[rid], template(table, columns, rows))
	}
	return err
}

// template is the insert of such rows. Columns that are empty, and the number that the outbox gives itself, are left out.
func template(table string, columns []column, rows [][]any) step {
	var kept []column
	var picked [][]any
	for range rows {
		picked = append(picked, nil)
	}
	for i, c := range columns {
		empty := !slices.ContainsFunc(rows, func(r []any) bool { return r[i] != nil })
		if empty || table == "outbox" && c.name == "change" {
			continue
		}
		kept = append(kept, c)
		for n, r := range rows {
			picked[n] = append(picked[n], r[i])
		}
	}
	s := insert(table, kept)
	if table == "outbox" {
		s.pg = strings.Replace(strings.Replace(s.pg, "(", "(change,", 1), "SELECT ", "SELECT nextval('outbox_change'),", 1)
	}
	s.rows = picked
	return s
}

// steps are the inserts of a new resource of the type, and its rows' number.
func (s *shape) steps(rid int64, id string) []step {
	e := s.examples[int(s.turn.Add(1))%len(s.examples)]
	out := make([]step, len(e))
	for i, t := range e {
		out[i] = t
		out[i].rows = make([][]any, len(t.rows))
		for n, r := range t.rows {
			out[i].rows[n] = renumber(t.columns, r, rid, id)
		}
	}
	return out
}

func renumber(columns []column, row []any, rid int64, id string) []any {
	fresh := slices.Clone(row)
	for i, c := range columns {
		switch c.name {
		case "rid":
			fresh[i] = rid
		case "id":
			fresh[i] = id
		}
	}
	return fresh
}
