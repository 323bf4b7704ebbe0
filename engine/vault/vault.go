package vault

import (
	"context"
	"crypto/ed25519"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Options says where the installation key is.
type Options struct {
	Key     string           // the key in base64 (from FICUS_KEY); wins over the file
	KeyFile string           // its file; made if it does not exist and the database has no keys yet
	Now     func() time.Time // clock for vault_key.created; nil is time.Now
}

// Vault gives keys. It is safe for concurrent use.
type Vault struct {
	d     *db.DB
	root  *installation
	codec *codec
	now   func() time.Time

	mu      sync.Mutex
	sealers map[int32]*Sealer
	signer  ed25519.PrivateKey
}

// Open opens the vault of a database whose tables Migrate has made. Faults: Unavailable if the installation key is
// missing, cannot be read, or is not the one that the database was sealed with; Invalid if it is not a key.
func Open(ctx context.Context, d *db.DB, o Options) (*Vault, error) {
	wrapper, err := wrapperOf(ctx, d)
	if err != nil {
		return nil, err
	}
	key, err := findKey(o)
	if err == nil && key == nil {
		key, err = firstKey(o, wrapper)
	}
	if err != nil {
		return nil, err
	}
	root, err := newInstallation(key)
	if err != nil {
		return nil, err
	}
	root.from = place(o)
	if err := root.check(wrapper); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	codec, err := newCodec()
	return &Vault{d: d, root: root, codec: codec, now: o.Now, sealers: map[int32]*Sealer{}}, err
}

// firstKey makes the installation key, but never for a database that needs another one.
func firstKey(o Options, wrapper string) ([]byte, error) {
	if wrapper != "" {
		return nil, fault.New(fault.Unavailable,
			"the database was sealed with installation key %s, which is missing: restore %s, name the file that holds it, or set FICUS_KEY", wrapper, place(o))
	}
	return makeKey(o)
}

func place(o Options) string {
	switch {
	case o.Key != "":
		return "FICUS_KEY"
	case o.KeyFile == "":
		return "the key file"
	}
	return o.KeyFile
}

// Sealer gives the sealer of a tenant and makes its keys if it has none. The first call for a tenant may write, so it must
// not stand inside a transaction; later ones come from memory. Faults: those of the database.
func (v *Vault) Sealer(ctx context.Context, tenant int32) (*Sealer, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.sealers[tenant]; ok {
		return s, nil
	}
	rows, err := v.keys(ctx, tenant, purposeSeal, purposeDerive)
	if err != nil {
		return nil, err
	}
	s, err := newSealer(v, tenant, rows)
	if err != nil {
		return nil, err
	}
	v.sealers[tenant] = s
	return s, nil
}

// Rotate gives the tenant a new key for sealing. What was sealed before still opens. Other processes seal with the old key
// until they start again, and open what was sealed with the new one at once.
func (v *Vault) Rotate(ctx context.Context, tenant int32) error {
	s, err := v.Sealer(ctx, tenant)
	if err != nil {
		return err
	}
	if err := v.add(ctx, tenant, purposeSeal); err != nil {
		return err
	}
	return s.reload(ctx)
}
