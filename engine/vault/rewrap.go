package vault

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// NewKey reads the installation key of a file, and makes one first if there is no such file: so it is the same when what it was
// made for has to be done again. Faults: as ReadKey; Unavailable if it cannot be made.
func NewKey(path string) (InstallationKey, error) {
	o := Options{KeyFile: path}
	key, err := findKey(o)
	if err == nil && key == nil {
		_, err = makeKey(o)
	}
	if err != nil {
		return InstallationKey{}, err
	}
	return ReadKey(o)
}

var rewrapping = struct{ keys, tokens, setKey, setToken db.Text }{
	keys:   db.Same(`SELECT tenant, id, purpose, wrapped FROM vault_key`),
	tokens: db.Same(`SELECT tenant, id, alg, wrapped FROM vault_token`),
	setKey: db.Text{
		SQLite: `UPDATE vault_key SET wrapper = $4, wrapped = $3 WHERE tenant = $1 AND id = $2`,
		Postgres: `UPDATE vault_key k SET wrapper = u.wrapper, wrapped = u.wrapped
			FROM unnest($1::int4[], $2::int8[], $3::bytea[], $4::text[]) AS u (tenant, id, wrapped, wrapper) WHERE k.tenant = u.tenant AND k.id = u.id`,
	},
	setToken: db.Text{
		SQLite: `UPDATE vault_token SET wrapped = $3 WHERE tenant = $1 AND id = $2`,
		Postgres: `UPDATE vault_token k SET wrapped = u.wrapped
			FROM unnest($1::int4[], $2::int8[], $3::bytea[]) AS u (tenant, id, wrapped) WHERE k.tenant = u.tenant AND k.id = u.id`,
	},
}

// Rewrap wraps all keys in the database under another installation key and returns how many. They are the same keys, so
// what was sealed still opens. It is one transaction: whatever ends it, all of them are under the one key or under the other.
// What note queues is committed with it: an entry of the audit. Other processes that serve the database must start again with
// the other key, and this vault is used up. Faults: Conflict if it is the key that they are under; those of the database.
func (v *Vault) Rewrap(ctx context.Context, to InstallationKey, note func(*db.Pipe)) (n int, err error) {
	if to.ID == v.root.id {
		return 0, fault.New(fault.Conflict, "the keys are wrapped under the installation key %s already", to.ID)
	}
	root, err := newInstallation(to.key)
	if err != nil {
		return 0, err
	}
	err = v.d.Write(ctx, func(tx db.Tx) error {
		if err := lock(ctx, tx); err != nil {
			return err
		}
		keys, err := v.rewrapped(ctx, tx, root, rewrapping.keys, about)
		if err != nil {
			return err
		}
		tokens, err := v.rewrapped(ctx, tx, root, rewrapping.tokens, func(_ int32, _ uint32, alg string) []byte { return aboutToken(alg) })
		if err != nil {
			return err
		}
		n = len(keys.id) + len(tokens.id)
		return tx.Last(ctx, func(p *db.Pipe) {
			p.Each(rewrapping.setKey, keys.tenant, keys.id, keys.wrapped, keys.wrapper)
			p.Each(rewrapping.setToken, tokens.tenant, tokens.id, tokens.wrapped)
			note(p)
		})
	})
	return n, err
}

// wraps are keys, wrapped, column by column.
type wraps struct {
	tenant  []int32
	id      []int64
	wrapped [][]byte
	wrapper []string
}

// rewrapped reads keys and wraps them anew. place is what a key is bound to.
func (v *Vault) rewrapped(ctx context.Context, tx db.Tx, to *installation, list db.Text, place func(int32, uint32, string) []byte) (w wraps, err error) {
	err = tx.Query(ctx, list, nil, func(r db.Row) error {
		tenant, id := r.Int32(0), r.Int64(1)
		where := place(tenant, uint32(id), r.Text(2))
		key, err := v.root.unwrap(r.Bytes(3), where)
		if err != nil {
			return err
		}
		w.tenant, w.id, w.wrapper = append(w.tenant, tenant), append(w.id, id), append(w.wrapper, to.id)
		w.wrapped = append(w.wrapped, to.wrap(key, where))
		return nil
	})
	return w, err
}
