package patients

import (
	"context"
	"fmt"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// followed is a field of another module's record that the merge made name the target, with the record's version before.
type followed struct {
	record, id, field string
	version           int64
}

var (
	keepFollowed = db.Text{
		SQLite: `INSERT INTO patients_moved_record (tenant, merge, record, id, field, version) VALUES ($1, $2, $3, $4, $5, $6)`,
		Postgres: `INSERT INTO patients_moved_record (tenant, merge, record, id, field, version)
			SELECT q.* FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int8[]) AS q(tenant, merge, record, id, field, version)`,
	}
	followedBy = db.Same(`SELECT record, id, field, version FROM patients_moved_record WHERE tenant = $1 AND merge = $2 ORDER BY record, id, field`)
	// An earlier merge made the version that is back now: what it counts from goes on with it.
	renumber = db.Same(`UPDATE patients_moved_record SET version = $5 WHERE tenant = $1 AND record = $2 AND id = $3 AND version = $4`)
)

// follow makes the records that name the source name the target.
func (m *merging) follow(a *store.Alone) error {
	m.followed = m.followed[:0]
	for _, sink := range m.records {
		if err := m.followIn(a, sink); err != nil {
			return err
		}
	}
	return nil
}

func (m *merging) followIn(a *store.Alone, sink store.Naming) error {
	fields := map[string][]string{} // by record
	for _, field := range patientFields(sink) {
		ids, err := m.bearing(a, sink, field)
		if err != nil {
			return err
		}
		for _, id := range ids {
			fields[id] = append(fields[id], field)
		}
	}
	kept, err := a.Records(sink, sorted(fields))
	if err != nil {
		return err
	}
	records := make([]store.Record, len(kept))
	for i, k := range kept {
		for _, field := range fields[k.ID] {
			k.Values[field] = &m.target
			m.followed = append(m.followed, followed{sink.Name(), k.ID, field, k.Version})
		}
		records[i] = k.Record
	}
	return a.PutRecords(sink, records)
}

// bearing are the records whose field names the source, within what a merge moves at once.
func (m *merging) bearing(a *store.Alone, sink store.Naming, field string) (ids []string, err error) {
	room := maxMoved - len(m.moved) - len(m.followed)
	err = a.Do(func(ctx context.Context, tx db.Tx) error {
		ids, err = sink.Bearing(ctx, tx, m.tenant, field, m.source, room+1)
		return err
	})
	if err == nil && len(ids) > room {
		err = tooMany()
	}
	return ids, err
}

func patientFields(sink store.Naming) (fields []string) {
	for _, n := range sink.Names() {
		if n.Type == "Patient" {
			fields = append(fields, n.Field)
		}
	}
	return fields
}

func sorted[T any](m map[string]T) []string {
	ids := make([]string, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// keepRecords writes what followed.
func (r record) keepRecords(ctx context.Context, tx db.Tx, tenant int32, list []followed) error {
	n := len(list)
	tenants, merges, names, ids, fields, versions := slices.Repeat([]int32{tenant}, n), slices.Repeat([]string{r.id}, n), make([]string, n), make([]string, n), make([]string, n), make([]int64, n)
	for i, f := range list {
		names[i], ids[i], fields[i], versions[i] = f.record, f.id, f.field, f.version
	}
	return tx.Each(ctx, keepFollowed, tenants, merges, names, ids, fields, versions)
}

// followers reads what followed the merge.
func (r record) followers(ctx context.Context, tx db.Tx, tenant int32) (list []followed, err error) {
	err = tx.Query(ctx, followedBy, []any{tenant, r.id}, func(row db.Row) error {
		list = append(list, followed{row.Text(0), row.Text(1), row.Text(2), row.Int64(3)})
		return nil
	})
	return list, err
}

// lead makes the records that followed the merge name the source again, where they still name the target.
func (u *unmerging) lead(a *store.Alone) error {
	u.outgrown = false
	var list []followed
	err := a.Do(func(ctx context.Context, tx db.Tx) (err error) {
		list, err = u.followers(ctx, tx, u.tenant)
		return err
	})
	if err != nil {
		return err
	}
	for len(list) > 0 {
		n := slices.IndexFunc(list, func(f followed) bool { return f.record != list[0].record })
		if n < 0 {
			n = len(list)
		}
		if err := u.leadIn(a, list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// leadIn leads the records of one kind back.
func (u *unmerging) leadIn(a *store.Alone, list []followed) error {
	i := slices.IndexFunc(u.records, func(s store.Naming) bool { return s.Name() == list[0].record })
	if i < 0 {
		return unfit("business-rule", "records of another module followed the merge, and no module of this server keeps them any more, so they cannot be moved back")
	}
	sink, fields := u.records[i], map[string][]followed{}
	for _, f := range list {
		fields[f.id] = append(fields[f.id], f)
	}
	kept, err := a.Records(sink, sorted(fields))
	if err != nil {
		return err
	}
	var records []store.Record
	for _, k := range kept {
		if u.leadRecord(k, fields[k.ID]) {
			records = append(records, k.Record)
		}
	}
	if err := a.PutRecords(sink, records); err != nil {
		return err
	}
	return a.Do(func(ctx context.Context, tx db.Tx) error { return u.renumber(ctx, tx, kept, fields) })
}

// leadRecord puts the source back into the fields of a record that still name the target, and reports whether there are any.
func (u *unmerging) leadRecord(k store.Kept, fields []followed) (back bool) {
	if k.Gone {
		u.outgrown = true
		return false
	}
	for _, f := range fields {
		if v := k.Values[f.field]; v != nil && *v == u.target {
			k.Values[f.field], back = &u.source, true
		}
	}
	u.outgrown = u.outgrown || !back || k.Version != fields[0].version+1
	return back
}

// renumber lets earlier merges know the version that says again what they made of a record.
func (u *unmerging) renumber(ctx context.Context, tx db.Tx, kept []store.Kept, fields map[string][]followed) error {
	for _, k := range kept {
		f := fields[k.ID][0]
		if k.Gone || k.Version != f.version+1 {
			continue
		}
		if _, err := tx.Exec(ctx, renumber, u.tenant, f.record, f.id, f.version-1, k.Version); err != nil {
			return err
		}
	}
	return nil
}

// followedToo says of records of other modules what everybody may know: which of them name a patient, and how many, is for those to
// tell who show them, by rights of their own.
const followedToo = "; records of other modules follow it, if there are any"

// changedSince is for records what unmerging.tell is for resources.
func (u *unmerging) changedSince() []fault.Issue {
	if !u.outgrown {
		return nil
	}
	return []fault.Issue{{Code: "informational", Warning: true, Text: "records of other modules were changed since or deleted; those that still name Patient/" + u.target +
		" where the merge put it name Patient/" + u.source + " again and keep what was changed, the others were left as they are"}}
}

func tooMany() error {
	return fault.At(fault.Invalid, fault.Issue{Code: "too-costly", Text: fmt.Sprintf("more than %d resources and records refer to the source patient; a merge moves no more at once", maxMoved)})
}
