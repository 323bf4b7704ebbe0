package suites

import (
	"archive/tar"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// Package yields name and content of every resource in an npm package of FHIR resources, in the package's order.
func Package(t testing.TB, elem ...string) iter.Seq2[string, []byte] {
	t.Helper()
	file := Path(t, elem...)
	return func(yield func(string, []byte) bool) {
		f := must(os.Open(file))(t)
		defer f.Close()
		for files := tar.NewReader(must(gzip.NewReader(f))(t)); ; {
			h, err := files.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			name := path.Base(h.Name)
			isResource := strings.HasSuffix(name, ".json") && !strings.HasPrefix(name, "package") && !strings.HasPrefix(name, ".")
			if isResource && !yield(name, must(io.ReadAll(files))(t)) {
				return
			}
		}
	}
}

// Synthea yields name and content of the Synthea bundles in the order in which they have to be posted: hospitals,
// practitioners, then patients.
func Synthea(t testing.TB) iter.Seq2[string, []byte] {
	t.Helper()
	names := must(filepath.Glob(filepath.Join(Path(t, "synthea-60"), "*.json.bz2")))(t)
	return func(yield func(string, []byte) bool) {
		for _, name := range names {
			f := must(os.Open(name))(t)
			raw := must(io.ReadAll(bzip2.NewReader(f)))(t)
			f.Close()
			if !yield(filepath.Base(name), raw) {
				return
			}
		}
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
