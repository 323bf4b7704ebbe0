package movetest

import (
	"io/fs"
	"strings"
	"testing/fstest"

	"github.com/ficushealth/ficus/strangler/mapping"
)

// PackWith is the clinic's pack with a text in its maps and its schema replaced by another.
func PackWith(old, with string) (*mapping.Pack, error) {
	files := fstest.MapFS{}
	err := fs.WalkDir(clinic, "clinic", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := clinic.ReadFile(path)
		files[path] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(b), old, with))}
		return err
	})
	if err != nil {
		return nil, err
	}
	return mapping.Load(files, "clinic")
}
