package load

import (
	"bufio"
	"cmp"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/ficushealth/ficus/fault"
)

// file is one file to load.
type file struct {
	path string
	size int64 // in bytes, as it lies on disk
}

// find lists the files under the paths: a file named on its own in any case, of a folder
// and the folders in it those with a known name, sorted by path, Synthea's hospitals and staff first. Faults: Unknown, Invalid.
func find(paths []string) ([]file, error) {
	var all []file
	for _, path := range paths {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fault.New(fault.Unknown, "there is no file or folder %s", path)
		}
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			all = append(all, file{path, info.Size()})
			continue
		}
		found, err := within(path)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fault.New(fault.Invalid, "the folder %s holds no .json, .xml or .ndjson file, plain, .gz, .bz2 or .zst", path)
		}
		all = append(all, found...)
	}
	return all, nil
}

func within(folder string) ([]file, error) {
	var all []file
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !known(path) {
			return err
		}
		info, err := os.Stat(path)
		if err == nil && !info.Mode().IsRegular() {
			return fault.New(fault.Invalid, "%s is no regular file; a pipe or device must be named on its own", path)
		}
		all = append(all, file{path, size(info)})
		return err
	})
	slices.SortFunc(all, func(a, b file) int { return cmp.Or(rank(a.path)-rank(b.path), strings.Compare(a.path, b.path)) })
	return all, err
}

// rank brings forward what all other files of Synthea refer to.
func rank(path string) int {
	for i, first := range []string{"hospitalInformation", "practitionerInformation"} {
		if strings.HasPrefix(filepath.Base(path), first) {
			return i - 2
		}
	}
	return 0
}

func size(info fs.FileInfo) int64 {
	if info == nil {
		return 0
	}
	return info.Size()
}

func known(path string) bool {
	name, _ := inner(path)
	return strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".xml") || lines(path)
}

// lines tells whether a file holds one resource on each line.
func lines(path string) bool {
	name, _ := inner(path)
	return strings.HasSuffix(name, ".ndjson") || strings.HasSuffix(name, ".jsonl")
}

// inner is the name without the ending of a compression, and that ending.
func inner(path string) (name, packed string) {
	name = strings.ToLower(filepath.Base(path))
	for _, packed = range []string{".gz", ".bz2", ".zst"} {
		if rest, found := strings.CutSuffix(name, packed); found {
			return rest, packed
		}
	}
	return name, ""
}

// open reads a file, unpacked; read counts the bytes taken from disk.
func (f file) open(ctx context.Context, read func(int)) (io.ReadCloser, error) {
	on, err := opened(ctx, f.path)
	if err != nil {
		return nil, err
	}
	disk := bufio.NewReaderSize(&counted{on, read}, 1<<16)
	text, err := unpack(f.path, disk)
	if err != nil {
		on.Close() //nolint:errcheck // nothing was written
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{text, on}, nil
}

// opened opens a file. A pipe makes whoever opens or reads it wait for a writer, so both end with ctx.
func opened(ctx context.Context, path string) (*os.File, error) {
	type result struct {
		*os.File
		err error
	}
	done := make(chan result, 1)
	go func() {
		on, err := os.Open(path)
		done <- result{on, err}
	}()
	select {
	case r := <-done:
		if r.err == nil {
			context.AfterFunc(ctx, func() { r.Close() }) //nolint:errcheck // nothing was written
		}
		return r.File, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func unpack(path string, disk io.Reader) (io.Reader, error) {
	_, packed := inner(path)
	text, err := unpacker(packed, disk)
	if err != nil {
		return nil, damaged(packed, err)
	}
	if packed == "" {
		return text, nil
	}
	return &unpacked{text, packed}, nil
}

func unpacker(packed string, disk io.Reader) (io.Reader, error) {
	switch packed {
	case ".gz":
		return gzip.NewReader(disk)
	case ".bz2":
		return bzip2.NewReader(disk), nil
	case ".zst":
		d, err := zstd.NewReader(disk, zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return disk, nil
}

// unpacked says of an error while unpacking what it means.
type unpacked struct {
	io.Reader
	packed string
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = damaged(u.packed, err)
	}
	return n, err
}

func damaged(packed string, err error) error {
	return fault.New(fault.Invalid, "it cannot be unpacked: it is not %s, damaged, or cut off (%v)", packed, err)
}

type counted struct {
	io.Reader
	read func(int)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read(n)
	return n, err
}
