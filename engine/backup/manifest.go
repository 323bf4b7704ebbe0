package backup

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// Format is the version of the archive's form that this program writes; it reads this one and those before it.
const Format = 1

// The names in the archive beside those of the parts.
const (
	aboutName    = "about.json"
	manifestName = "manifest.json"
	sealName     = "manifest.mac"
)

// About is the first entry of an archive: what can be told before it has been read to its end.
type About struct {
	Format   int       `json:"format"`
	Program  string    `json:"program"`  // version of the program that wrote it
	Database string    `json:"database"` // sqlite or postgres
	Key      string    `json:"key"`      // id of the installation key
	Made     time.Time `json:"made"`     // all that was committed before is in it
}

// Manifest is what an archive holds. It bears a MAC, and holds the hash of every part, so that no byte of it can be changed
// without the installation key.
type Manifest struct {
	About
	Modules map[string]int    `json:"modules"` // the schema of each, as the number of its last file
	Tables  []Entry           `json:"tables"`
	LeftOut map[string]string `json:"leftOut"` // tables of which nothing is in it, and why
	Heads   []Head            `json:"audit"`
}

// Entry is a table of an archive.
type Entry struct {
	Name    string      `json:"name"`
	Columns []db.Column `json:"columns"`
	Rows    int64       `json:"rows"`
	Sum     Sum         `json:"sum"` // of the rows, in any order
	Parts   []Part      `json:"parts"`
}

// Part is a piece of a table's rows, compressed.
type Part struct {
	Hash string `json:"blake3"` // hexadecimal
	Size int64  `json:"size"`
}

// Head is the end of a tenant's audit chain.
type Head struct {
	Tenant int32     `json:"tenant"`
	Block  int64     `json:"block"`
	Hash   string    `json:"hash"` // hexadecimal
	Last   time.Time `json:"last"` // its latest entry
}

// Rows is the number of rows of all tables.
func (m *Manifest) Rows() (n int64) {
	for i := range m.Tables {
		n += m.Tables[i].Rows
	}
	return n
}

func partName(table string, n int) string { return fmt.Sprintf("%s/%06d.zst", table, n+1) }

// Sum is the sum of the XXH3 hashes of rows. It tells whether the rows of a table are those of the archive, wherever they
// lie in it; against people there are the hashes of the parts.
type Sum struct{ hi, lo uint64 }

func (s *Sum) add(row []byte) {
	h := xxh3.Hash128(row)
	s.hi, s.lo = s.hi+h.Hi, s.lo+h.Lo
}

// MarshalText is the sum in hexadecimal.
func (s Sum) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%016x%016x", s.hi, s.lo), nil }

// UnmarshalText reads what MarshalText gave.
func (s *Sum) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "%016x%016x", &s.hi, &s.lo)
	return err
}

// seal gives the manifest's text and its MAC (HMAC-SHA-256 under a key derived from the installation key), in hexadecimal.
func (m *Manifest) seal(key vault.InstallationKey) (text, mac []byte, err error) {
	text, err = json.MarshalIndent(m, "", " ")
	if err == nil {
		mac, err = macOf(key, text)
	}
	return text, mac, err
}

func macOf(key vault.InstallationKey, text []byte) ([]byte, error) {
	k, err := key.Derive("backup manifest 1")
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, k[:])
	h.Write(text)
	return hex.AppendEncode(nil, h.Sum(nil)), nil
}

// unseal reads a manifest that bears the right MAC. Fault: Unprocessable for any other.
func unseal(key vault.InstallationKey, text, mac []byte) (*Manifest, error) {
	want, err := macOf(key, text)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(want, mac) {
		return nil, harmed("its manifest does not bear the seal of the installation key")
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, harmed("its manifest cannot be read: %v", err)
	}
	return m, nil
}

// harmed is the fault of an archive that is not as it was written.
func harmed(format string, args ...any) error {
	return fault.New(fault.Unprocessable, "the backup is not as it was written: %s; use another one", fmt.Sprintf(format, args...))
}
