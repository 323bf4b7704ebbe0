package suites

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"testing"
)

// Archive shows each file of a suite's .tgz, in its order. A missing archive ends the test as Path does.
func Archive(t testing.TB, visit func(name string, body []byte), elem ...string) {
	t.Helper()
	file, err := os.Open(Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for files := tar.NewReader(plain); ; {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(files)
		if err != nil {
			t.Fatal(err)
		}
		visit(head.Name, body)
	}
}
