package vault

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
)

// What a key in the database is for.
const (
	purposeSeal   = "seal"
	purposeDerive = "derive"
	purposeSign   = "sign"
)

// row is an unwrapped row of vault_key.
type row struct {
	id      uint32
	purpose string
	key     []byte
}

// wrapperOf tells which installation key the database was sealed with, "" if it has no keys.
func wrapperOf(ctx context.Context, d *db.DB) (wrapper string, err error) {
	err = d.Query(ctx, db.Same("SELECT wrapper FROM vault_key LIMIT 1"), nil, func(r db.Row) error {
		wrapper = r.Text(0)
		return nil
	})
	return wrapper, err
}

// keys gives the tenant's keys, by id, and makes one for each purpose that has none.
func (v *Vault) keys(ctx context.Context, tenant int32, purposes ...string) ([]row, error) {
	rows, err := v.read(ctx, tenant)
	if err != nil {
		return nil, err
	}
	made := false
	for _, p := range purposes {
		if slices.ContainsFunc(rows, func(r row) bool { return r.purpose == p }) {
			continue
		}
		if err := v.first(ctx, tenant, p); err != nil {
			return nil, err
		}
		made = true
	}
	if !made {
		return rows, nil
	}
	return v.read(ctx, tenant)
}

func (v *Vault) read(ctx context.Context, tenant int32) ([]row, error) {
	var rows []row
	stmt := db.Same("SELECT id, purpose, wrapped, wrapper FROM vault_key WHERE tenant = $1 ORDER BY id")
	err := v.d.Query(ctx, stmt, []any{tenant}, func(r db.Row) error {
		one := row{id: uint32(r.Int64(0)), purpose: r.Text(1)}
		err := v.root.check(r.Text(3)) // they may have been wrapped under another since this process began
		if err != nil {
			return err
		}
		one.key, err = v.root.unwrap(r.Bytes(2), about(tenant, one.id, one.purpose))
		rows = append(rows, one)
		return err
	})
	return rows, err
}

// about binds a wrapped key to its place.
func about(tenant int32, id uint32, purpose string) []byte {
	b := binary.BigEndian.AppendUint32([]byte("ficus vault key "), uint32(tenant))
	return append(binary.BigEndian.AppendUint32(b, id), purpose...)
}

// first adds a key unless another process has just done so.
func (v *Vault) first(ctx context.Context, tenant int32, purpose string) error {
	return v.insert(ctx, tenant, purpose, func(found int64) bool { return found == 0 })
}

func (v *Vault) add(ctx context.Context, tenant int32, purpose string) error {
	return v.insert(ctx, tenant, purpose, func(int64) bool { return true })
}

// insert adds a key under the next id of the tenant, if want agrees to the number of keys that the purpose has.
func (v *Vault) insert(ctx context.Context, tenant int32, purpose string, want func(found int64) bool) error {
	return v.d.Write(ctx, func(tx db.Tx) error {
		if err := lock(ctx, tx); err != nil {
			return err
		}
		var found, last int64
		var wrapper string
		stmt := db.Same(`SELECT count(CASE WHEN purpose = $2 THEN 1 END), coalesce(max(id), 0),
			coalesce((SELECT min(wrapper) FROM vault_key), '') FROM vault_key WHERE tenant = $1`)
		err := tx.Query(ctx, stmt, []any{tenant, purpose}, func(r db.Row) error {
			found, last, wrapper = r.Int64(0), r.Int64(1), r.Text(2)
			return v.root.check(wrapper)
		})
		if err != nil || !want(found) {
			return err
		}
		return v.write(ctx, tx, tenant, uint32(last+1), purpose)
	})
}

// lock lets one process at a time give out ids. SQLite has one writer anyway.
func lock(ctx context.Context, tx db.Tx) error {
	if tx.Dialect() == db.SQLite {
		return nil
	}
	_, err := tx.Exec(ctx, db.Same("LOCK TABLE vault_key IN SHARE ROW EXCLUSIVE MODE"))
	return err
}

func (v *Vault) write(ctx context.Context, tx db.Tx, tenant int32, id uint32, purpose string) error {
	key := make([]byte, keySize)
	rand.Read(key)
	wrapped := v.root.wrap(key, about(tenant, id, purpose))
	_, err := tx.Exec(ctx, db.Same(`INSERT INTO vault_key (tenant, id, purpose, wrapper, wrapped, created)
		VALUES ($1, $2, $3, $4, $5, $6)`), tenant, int64(id), purpose, v.root.id, wrapped, v.now().UnixMicro())
	return err
}
