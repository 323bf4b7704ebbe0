package vault

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"

	"github.com/ficushealth/ficus/fault"
)

// InstallationKey is the key outside of the database, for what must be known without one: whether a copy of a database is
// as it was written.
type InstallationKey struct {
	ID  string // tells which key it is and nothing about it
	key []byte
}

// ReadKey reads the installation key and never makes one. Faults: Unavailable if there is none, or it cannot be read;
// Invalid if it is no key.
func ReadKey(o Options) (InstallationKey, error) {
	key, err := findKey(o)
	if err == nil && key == nil {
		err = fault.New(fault.Unavailable, "the installation key is missing: restore %s or set FICUS_KEY", place(o))
	}
	if err != nil {
		return InstallationKey{}, err
	}
	root, err := newInstallation(key)
	if err != nil {
		return InstallationKey{}, err
	}
	return InstallationKey{ID: root.id, key: key}, nil
}

// Derive makes a key for one use (HKDF-SHA-256, RFC 5869).
func (k InstallationKey) Derive(use string) (out [32]byte, err error) {
	b, err := hkdf.Key(sha256.New, k.key, nil, "ficus "+use, len(out))
	copy(out[:], b)
	return out, err
}

// Save writes the key into a new file that its owner alone may read, in the form of a key file. The file appears whole or
// not at all. Faults: Conflict if there is a file of that name; Unavailable if it cannot be written.
func (k InstallationKey) Save(path string) error {
	err := publish(path, []byte(base64.StdEncoding.EncodeToString(k.key)+"\n"))
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, "%s is there already: name another file for the key", path)
	}
	if err != nil {
		return fault.New(fault.Unavailable, "the key cannot be written: %v", err)
	}
	return nil
}
