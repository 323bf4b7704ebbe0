package stage

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/ficushealth/ficus/fault"
)

// Keys gives keys for one purpose each, always the same for the same installation; a tenant's *vault.Sealer does.
type Keys interface {
	Derive(purpose string) [32]byte
}

// randomKeys are keys that nobody has afterwards.
type randomKeys [32]byte

func newRandomKeys() (k randomKeys) {
	rand.Read(k[:]) //nolint:errcheck // it never fails
	return k
}

func (k randomKeys) Derive(string) [32]byte { return k }

// A sealed file is a head (magic, salt, length of what it holds), its own key sealed under a key of the installation for
// this salt, and blocks: each is AES-256-GCM over one page of SQLite under the file's key, its number is the nonce, the
// head is authenticated with it. So no page can be changed, moved or taken from another file unseen.
const (
	magic  = "ficusst3"
	page   = 8192
	tag    = 16
	head   = len(magic) + 16 + 8
	header = head + 32 + tag
)

func aeadOf(key [32]byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// wrap is the file's key, sealed for those who have the keys. The key that seals it is of this salt only, so any nonce will do.
func wrap(keys Keys, head []byte, key [32]byte) ([]byte, error) {
	aead, err := wrapper(keys, head)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nonceOf(0), key[:], head), nil
}

func unwrap(keys Keys, head, wrapped []byte) (key [32]byte, err error) {
	aead, err := wrapper(keys, head)
	if err != nil {
		return key, err
	}
	plain, err := aead.Open(nil, nonceOf(0), wrapped, head)
	if err != nil {
		return key, changed()
	}
	copy(key[:], plain)
	return key, nil
}

func wrapper(keys Keys, head []byte) (cipher.AEAD, error) {
	return aeadOf(keys.Derive("stage " + hex.EncodeToString(head[len(magic):len(magic)+16])))
}

func changed() error {
	return fault.New(fault.Internal, "the staged dump was changed, or sealed by another installation: delete its file")
}

func nonceOf(block int64) []byte {
	return binary.LittleEndian.AppendUint64(make([]byte, 4, 12), uint64(block))
}

// seal writes what src holds, sealed, into a new file.
func seal(src *os.File, to string, keys Keys) (err error) {
	info, err := src.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	front, key := append([]byte(magic), make([]byte, 16)...), newRandomKeys()
	rand.Read(front[len(magic):]) //nolint:errcheck // it never fails
	front = binary.LittleEndian.AppendUint64(front, uint64(info.Size()))
	wrapped, err := wrap(keys, front, key)
	if err != nil {
		return err
	}
	aead, err := aeadOf(key)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 1<<20)
	if _, err := w.Write(slices.Concat(front, wrapped)); err != nil {
		return err
	}
	if err := sealPages(io.NewSectionReader(src, 0, info.Size()), w, aead, front); err != nil {
		return err
	}
	return errors.Join(w.Flush(), out.Sync())
}

func sealPages(src io.Reader, w io.Writer, aead cipher.AEAD, head []byte) error {
	in := bufio.NewReaderSize(src, 1<<20)
	plain, sealed := make([]byte, page), make([]byte, 0, page+tag)
	for n := int64(0); ; n++ {
		got, err := io.ReadFull(in, plain)
		if got > 0 {
			sealed = aead.Seal(sealed[:0], nonceOf(n), plain[:got], head)
			if _, err := w.Write(sealed); err != nil {
				return err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// sealedFS shows SQLite one file, opened: it reads pages of it, and finds no other file.
type sealedFS struct {
	path string
	head []byte
	key  [32]byte
	aead cipher.AEAD
}

// rewrap seals the file's key for others than before.
func (s *sealedFS) rewrap(keys Keys) (err error) {
	wrapped, err := wrap(keys, s.head, s.key)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(s.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.WriteAt(wrapped, int64(head)); err != nil {
		return err
	}
	return f.Sync()
}

const inner = "stage.db"

func openSealed(path string, keys Keys) (*sealedFS, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	front := make([]byte, header)
	if _, err := io.ReadFull(f, front); err != nil || string(front[:len(magic)]) != magic {
		return nil, fault.New(fault.Internal, "the staged dump %s is not one; delete it", path)
	}
	s := &sealedFS{path: path, head: front[:head]}
	if s.key, err = unwrap(keys, s.head, front[head:]); err != nil {
		return nil, err
	}
	s.aead, err = aeadOf(s.key)
	return s, err
}

// Open opens the one file there is.
func (s *sealedFS) Open(name string) (fs.File, error) {
	if name != inner {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	return &sealedFile{sealedFS: s, f: f, at: -1}, nil
}

func (s *sealedFS) size() int64 { return int64(binary.LittleEndian.Uint64(s.head[head-8:])) }

// sealedFile is for one connection. It keeps the page that it opened last.
type sealedFile struct {
	*sealedFS
	f      *os.File
	pos    int64
	at     int64 // number of the page in plain
	plain  []byte
	sealed []byte
}

// Seek moves to a place from the start.
func (f *sealedFile) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart || offset < 0 {
		return 0, fs.ErrInvalid
	}
	f.pos = offset
	return offset, nil
}

// Read opens pages. A page that cannot be opened was changed or is of another file.
func (f *sealedFile) Read(b []byte) (n int, err error) {
	for n < len(b) && f.pos < f.size() {
		if err := f.load(f.pos / page); err != nil {
			return n, err
		}
		k := copy(b[n:], f.plain[f.pos%page:])
		n, f.pos = n+k, f.pos+int64(k)
	}
	if n == 0 && len(b) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (f *sealedFile) load(number int64) error {
	if f.at == number {
		return nil
	}
	f.at = -1
	length := min(page, f.size()-number*page) + tag
	if cap(f.sealed) < page+tag {
		f.sealed, f.plain = make([]byte, page+tag), make([]byte, 0, page)
	}
	if _, err := f.f.ReadAt(f.sealed[:length], int64(header)+number*(page+tag)); err != nil {
		return fmt.Errorf("read the staged dump: %w", err)
	}
	plain, err := f.aead.Open(f.plain[:0], nonceOf(number), f.sealed[:length], f.head)
	if err != nil {
		return changed()
	}
	f.plain, f.at = plain, number
	return nil
}

// Stat tells the size.
func (f *sealedFile) Stat() (fs.FileInfo, error) {
	info, err := f.f.Stat()
	return sealedInfo{info, f.size()}, err
}

// Close closes the file.
func (f *sealedFile) Close() error { return f.f.Close() }

type sealedInfo struct {
	fs.FileInfo
	size int64
}

// Size is that of what the file holds.
func (i sealedInfo) Size() int64 { return i.size }
