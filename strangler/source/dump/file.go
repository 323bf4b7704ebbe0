package dump

import (
	"bytes"
	"compress/bzip2"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
	"github.com/zeebo/blake3"

	"github.com/ficushealth/ficus/fault"
)

// file is a dump file: its bytes as they are, counted and hashed on the way.
type file struct {
	f      *os.File
	size   int64
	done   int64
	hash   *blake3.Hasher
	packed bool
	unpack io.Closer // nil if there is nothing to close
}

func (f *file) Read(b []byte) (int, error) {
	n, err := f.f.Read(b)
	f.done += int64(n)
	if _, herr := f.hash.Write(b[:n]); err == nil {
		err = herr
	}
	return n, err
}

// Open reads the dump file at path; gzip, zstd and bzip2 are known by their first bytes, whatever the file is called.
// fault.Unknown if there is no such file; else as New.
func Open(path string, opt Options) (*Reader, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	src, err := f.unpacked()
	if err == nil {
		var r *Reader
		if r, err = newReader(src, opt, f.packed); err == nil {
			r.file = f
			return r, nil
		}
	}
	f.close()
	return nil, err
}

func openFile(path string) (*file, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, fault.New(fault.Unknown, "there is no dump file %s", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open the dump: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fault.New(fault.Unsupported, "%s is a folder; a dump is one file", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &file{f: f, size: info.Size(), hash: blake3.New()}, nil
}

// unpacked is the content of the file without compression.
func (f *file) unpacked() (io.Reader, error) {
	head := make([]byte, 6)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("read the dump: %w", err)
	}
	head = head[:n]
	whole := io.MultiReader(bytes.NewReader(head), f)
	f.packed = true
	switch {
	case bytes.HasPrefix(head, []byte{0x1F, 0x8B}):
		z, err := newMembers(whole)
		if err != nil {
			return nil, fault.New(fault.Invalid, "the dump's gzip header is damaged; copy the file again")
		}
		f.unpack = z
		return z, nil
	case bytes.HasPrefix(head, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		z, err := zstd.NewReader(whole, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, fault.New(fault.Invalid, "the dump's zstd header is damaged; copy the file again")
		}
		f.unpack = z.IOReadCloser()
		return z, nil
	case bytes.HasPrefix(head, []byte("BZh")):
		return bzip2.NewReader(whole), nil
	}
	f.packed = false
	return whole, nil
}

func (f *file) close() error {
	if f.unpack != nil {
		f.unpack.Close() // nothing was written: closing cannot lose anything
	}
	return f.f.Close()
}

// Close closes the file.
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	return r.file.close()
}

// Progress is how many bytes of the file are read, and how many there are; compressed, if it is. 0, 0 without a file.
func (r *Reader) Progress() (done, size int64) {
	if r.file == nil {
		return 0, 0
	}
	return r.file.done, r.file.size
}

// Hash is the hash of the whole file, what is not read yet included: see Hash.
func (r *Reader) Hash() (string, error) {
	if r.file == nil {
		return "", fault.New(fault.Internal, "only files have a hash")
	}
	return r.file.sum()
}

func (f *file) sum() (string, error) {
	if _, err := io.Copy(io.Discard, f); err != nil {
		return "", fmt.Errorf("read the dump: %w", err)
	}
	return "blake3:" + hex.EncodeToString(f.hash.Sum(nil)), nil
}

// Hash is "blake3:" and the BLAKE3 hash of the file's bytes in hex, as b3sum prints it.
func Hash(ctx context.Context, path string) (string, error) {
	f, err := openFile(path)
	if err != nil {
		return "", err
	}
	defer f.close()
	for err == nil && ctx.Err() == nil {
		_, err = io.CopyN(io.Discard, f, 64<<20)
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != io.EOF {
		return "", fmt.Errorf("read the dump: %w", err)
	}
	return f.sum()
}
