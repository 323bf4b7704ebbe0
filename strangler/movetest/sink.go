package movetest

import (
	"context"
	"maps"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// Secrets takes the records test.Secret.
type Secrets struct{}

// Migrate makes their table.
func (Secrets) Migrate(ctx context.Context, d *db.DB) error {
	_, err := d.Exec(ctx, db.Same(`CREATE TABLE IF NOT EXISTS test_secret (tenant bigint NOT NULL, id text NOT NULL, serial text, person text,
		question text, answer text, PRIMARY KEY (tenant, id))`))
	return err
}

// Name is the records' name.
func (Secrets) Name() string { return "test.Secret" }

func fields() []string { return []string{"serial", "person", "question", "answer"} }

// Apply writes records. An answer "refuse me" is refused.
func (Secrets) Apply(ctx context.Context, tx db.Tx, tenant int32, records []store.Record) error {
	for _, r := range records {
		args := []any{tenant, r.ID}
		for _, f := range fields() {
			args = append(args, argument(r.Values[f]))
		}
		if a := r.Values["answer"]; a != nil && *a == "refuse me" {
			return fault.New(fault.Invalid, "the answer cannot be held")
		}
		_, err := tx.Exec(ctx, db.Same(`INSERT INTO test_secret (tenant, id, serial, person, question, answer) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (tenant, id) DO UPDATE SET serial = excluded.serial, person = excluded.person,
			question = excluded.question, answer = excluded.answer`), args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func argument(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

// Hold is Read: the tests have nobody else who writes.
func (s Secrets) Hold(ctx context.Context, tx db.Tx, tenant int32, ids []string) ([]store.Record, error) {
	return s.Read(ctx, tx, tenant, ids)
}

// Delete deletes records.
func (Secrets) Delete(ctx context.Context, tx db.Tx, tenant int32, ids []string) error {
	for _, id := range ids {
		if _, err := tx.Exec(ctx, db.Same(`DELETE FROM test_secret WHERE tenant = $1 AND id = $2`), tenant, id); err != nil {
			return err
		}
	}
	return nil
}

// List lists ids.
func (Secrets) List(ctx context.Context, tx db.Tx, tenant int32, after string, limit int) (ids []string, err error) {
	stmt := db.Same(`SELECT id FROM test_secret WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3`)
	err = tx.Query(ctx, stmt, []any{tenant, after, limit}, func(r db.Row) error {
		ids = append(ids, r.Text(0))
		return nil
	})
	return ids, err
}

// Read reads records. An answer "cannot be opened" cannot be, as a sealed one that was damaged.
func (Secrets) Read(ctx context.Context, tx db.Tx, tenant int32, ids []string) (found []store.Record, err error) {
	for _, id := range ids {
		err = tx.Query(ctx, db.Same(`SELECT serial, person, question, answer FROM test_secret WHERE tenant = $1 AND id = $2`), []any{tenant, id},
			func(r db.Row) error {
				rec := record(id, r)
				found = append(found, rec)
				if a := rec.Values["answer"]; a != nil && *a == "cannot be opened" {
					return fault.New(fault.Internal, "a sealed text is damaged")
				}
				return nil
			})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

func record(id string, r db.Row) store.Record {
	values := map[string]*string{}
	for i, f := range fields() {
		if !r.IsNull(i) {
			v := r.Text(i)
			values[f] = &v
		}
	}
	return store.Record{ID: id, Values: values}
}

// ChangeSecret changes values of a person's secret as a module would, through the store. A nil value is NULL.
func (w *World) ChangeSecret(serial string, values map[string]*string) {
	w.T.Helper()
	id := w.Text(`SELECT id FROM test_secret WHERE serial = $1`, serial)
	var now []store.Record
	w.must(w.DB.Read(w.T.Context(), func(tx db.Tx) (err error) {
		now, err = Secrets{}.Read(w.T.Context(), tx, Tenant, []string{id})
		return err
	}))
	maps.Copy(now[0].Values, values)
	w.change(func(c *store.Change) { c.Records(Secrets{}, now) })
}

// ForgetSecret deletes a person's secret as a module would.
func (w *World) ForgetSecret(serial string) {
	w.T.Helper()
	id := w.Text(`SELECT id FROM test_secret WHERE serial = $1`, serial)
	w.change(func(c *store.Change) { c.Forget(Secrets{}, []string{id}) })
}

func (w *World) change(fn func(*store.Change)) {
	w.T.Helper()
	w.must(w.Store.As(access.Inside(Tenant, "module")).Write(w.T.Context(), func(c *store.Change) error {
		fn(c)
		return nil
	}))
}
