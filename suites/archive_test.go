package suites

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

func TestAnArchiveIsShownInItsOrder(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("FICUS_SUITES", dir)
	pack(t, filepath.Join(dir, "x.tgz"), "b.json", "a.json")
	var seen []string
	Archive(t, func(name string, body []byte) { seen = append(seen, name+"="+string(body)) }, "x.tgz")
	if len(seen) != 2 || seen[0] != "b.json=in b.json" || seen[1] != "a.json=in a.json" {
		t.Errorf("saw %q", seen)
	}
}

func pack(t *testing.T, path string, names ...string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	packed := gzip.NewWriter(file)
	files := tar.NewWriter(packed)
	for _, name := range names {
		body := "in " + name
		if err := files.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(body))}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	for _, end := range []func() error{files.Close, packed.Close, file.Close} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
	}
}
