package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// keySize is the length of installation and tenant keys: AES-256.
const keySize = 32

// installation wraps and unwraps the keys in the database.
type installation struct {
	id   string // tells which key it is and nothing about it
	from string // file or variable
	aead cipher.AEAD
}

func newInstallation(key []byte) (*installation, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte("ficus installation key "), key...))
	return &installation{id: hex.EncodeToString(sum[:8]), aead: aead}, nil
}

// check refuses a database that another installation key has wrapped.
func (i *installation) check(wrapper string) error {
	if wrapper == "" || wrapper == i.id {
		return nil
	}
	return fault.New(fault.Unavailable,
		"the database was sealed with installation key %s, and %s holds another, %s: name the file that holds the right one, or restore it", wrapper, i.from, i.id)
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (i *installation) wrap(key, about []byte) []byte {
	nonce := make([]byte, nonceSize, nonceSize+len(key)+i.aead.Overhead())
	rand.Read(nonce)
	return i.aead.Seal(nonce, nonce, key, about)
}

func (i *installation) unwrap(wrapped, about []byte) ([]byte, error) {
	if len(wrapped) < nonceSize {
		return nil, fault.New(fault.Internal, "a key in the database is damaged")
	}
	key, err := i.aead.Open(nil, wrapped[:nonceSize], wrapped[nonceSize:], about)
	if err != nil {
		return nil, fault.New(fault.Internal, "a key in the database is damaged or was moved")
	}
	return key, nil
}

// findKey gives the installation key from the environment or the file, nil if there is neither.
func findKey(o Options) ([]byte, error) {
	if text := o.Key; text != "" {
		return decodeKey(text, "FICUS_KEY")
	}
	if o.KeyFile == "" {
		return nil, nil
	}
	info, err := os.Stat(o.KeyFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the key file cannot be read: %v", err)
	}
	if info.IsDir() {
		return nil, fault.New(fault.Unavailable, "the key file cannot be read: %s is a folder; name the file", o.KeyFile)
	}
	if info.Mode().Perm()&0o007 != 0 && runtime.GOOS != "windows" {
		return nil, fault.New(fault.Unavailable, "the key file %s is open to every user of this machine: chmod 600 it", o.KeyFile)
	}
	text, err := os.ReadFile(o.KeyFile)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the key file cannot be read: %v", err)
	}
	return decodeKey(string(text), o.KeyFile)
}

func decodeKey(text, from string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != keySize {
		return nil, fault.New(fault.Invalid, "%s holds no installation key, which is 32 bytes in base64: name the file that holds it, or restore it", from)
	}
	return key, nil
}

// makeKey makes the key file. It is on disk, whole, before anything is sealed with it; if another process was first, its
// key is the one.
func makeKey(o Options) ([]byte, error) {
	if o.KeyFile == "" {
		return nil, fault.New(fault.Invalid, "no installation key: set FICUS_KEY or name a key file")
	}
	key := make([]byte, keySize)
	rand.Read(key)
	err := publish(o.KeyFile, []byte(base64.StdEncoding.EncodeToString(key)+"\n"))
	if errors.Is(err, fs.ErrExist) {
		return findKey(o)
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the key file cannot be made: %v", err)
	}
	return key, nil
}

// publish writes a new file that appears whole or not at all.
func publish(path string, text []byte) error {
	dir := filepath.Dir(path)
	draft, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	if _, err := draft.Write(text); err != nil {
		return errors.Join(err, draft.Close())
	}
	if err := errors.Join(draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Link(draft.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// syncDir makes a new name in a folder durable. Windows does that by itself and has no such call.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
