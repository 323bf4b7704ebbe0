package backup

import (
	"archive/tar"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/zeebo/blake3"

	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// Archive is an archive that was read to its end and is as it was written.
type Archive struct {
	Manifest
	Bytes int64
	path  string
}

// Open reads an archive from one end to the other and checks every byte of it; it takes nothing. Faults: Unknown if there is
// no such file; Conflict for the form of a newer program; Unavailable if it was made under another installation key;
// Unprocessable for one that was changed or cut off.
func Open(path string, key vault.InstallationKey, progress func(done, total int64)) (*Archive, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Unknown, "there is no backup %s", path)
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the backup cannot be read: %v", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the backup cannot be read: %v", err)
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	r := &reader{file: f, tar: tar.NewReader(f), key: key, progress: func(done int64) { progress(done, info.Size()) }}
	m, err := r.all()
	if err != nil {
		return nil, err
	}
	return &Archive{Manifest: *m, Bytes: info.Size(), path: path}, nil
}

// reader goes through an archive for the first time.
type reader struct {
	file     *os.File
	tar      *tar.Reader
	key      vault.InstallationKey
	progress func(done int64)
	done     int64
	parts    []found
}

// found is a part as it was come across.
type found struct {
	name string
	Part
}

func (r *reader) all() (*Manifest, error) {
	about, err := r.about()
	if err != nil {
		return nil, err
	}
	text, err := r.toManifest()
	if err != nil {
		return nil, err
	}
	mac, err := r.text(sealName)
	if err != nil {
		return nil, err
	}
	m, err := unseal(r.key, text, mac)
	if err != nil {
		return nil, err
	}
	if m.About != about {
		return nil, harmed("its beginning and its manifest differ")
	}
	if err := r.compare(m); err != nil {
		return nil, err
	}
	return m, r.nothingBehind()
}

// about reads the first entry, which tells at once that the rest is in vain.
func (r *reader) about() (a About, err error) {
	text, err := r.text(aboutName)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(text, &a); err != nil {
		return a, harmed("its beginning cannot be read")
	}
	if a.Format > Format {
		return a, fault.New(fault.Conflict, "the backup has the form %d, this program knows those up to %d: restore it with ficus %q or newer", a.Format, Format, a.Program)
	}
	if a.Key != r.key.ID {
		return a, fault.New(fault.Unavailable, "the backup was made under the installation key %q, the one given is %s: name the right file with --key-file, or set FICUS_KEY", a.Key, r.key.ID)
	}
	return a, nil
}

// maxText and maxManifest bound the entries that are read whole, before it is known who wrote them.
const (
	maxText     = 64 << 10
	maxManifest = 256 << 20
)

// text reads an entry that must be the next.
func (r *reader) text(name string) ([]byte, error) {
	h, err := r.next()
	if err != nil {
		return nil, err
	}
	if h.Name != name {
		return nil, harmed("it is no backup of Ficus, or was changed: %q stands where %s is expected", h.Name, name)
	}
	text, err := io.ReadAll(io.LimitReader(r.tar, maxText))
	return text, unread(err)
}

func (r *reader) next() (*tar.Header, error) {
	h, err := r.tar.Next()
	if errors.Is(err, io.EOF) {
		return nil, harmed("its end is missing")
	}
	if err == nil && (h.Typeflag != tar.TypeReg || h.Format != tar.FormatUSTAR) {
		return nil, harmed("%q is no plain file in it", h.Name) // what has holes may claim to be of any size
	}
	return h, unread(err)
}

func unread(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return harmed("it is cut off")
	}
	if _, disk := errors.AsType[*fs.PathError](err); disk {
		return fault.New(fault.Unavailable, "the backup cannot be read: %v", err)
	}
	return harmed("it cannot be read: %v", err)
}

// toManifest hashes the parts, and gives the text of the manifest behind them.
func (r *reader) toManifest() ([]byte, error) {
	for {
		h, err := r.next()
		if err != nil {
			return nil, err
		}
		if h.Name == manifestName {
			text, err := io.ReadAll(io.LimitReader(r.tar, maxManifest))
			return text, unread(err)
		}
		hash := blake3.New()
		n, err := io.Copy(hash, r.tar)
		if err != nil {
			return nil, unread(err)
		}
		r.parts = append(r.parts, found{h.Name, Part{hex.EncodeToString(hash.Sum(nil)), n}})
		r.done += n
		r.progress(r.done)
	}
}

// compare asks for the parts of the manifest, all of them, in their order, and for no others.
func (r *reader) compare(m *Manifest) error {
	at := 0
	for _, e := range m.Tables {
		for n, p := range e.Parts {
			name := partName(e.Name, n)
			if at == len(r.parts) || r.parts[at].name != name {
				return harmed("the part %s is missing or stands elsewhere", name)
			}
			if r.parts[at].Part != p {
				return harmed("the part %s was changed", name)
			}
			at++
		}
	}
	if at < len(r.parts) {
		return harmed("the part %q does not belong to it", r.parts[at].name)
	}
	return nil
}

func (r *reader) nothingBehind() error {
	if h, err := r.tar.Next(); err == nil {
		return harmed("%q stands behind its end", h.Name)
	} else if !errors.Is(err, io.EOF) {
		return unread(err)
	}
	if n, err := io.Copy(io.Discard, r.file); err != nil || n > 0 {
		return harmed("there are %d bytes behind its end", n)
	}
	return nil
}
