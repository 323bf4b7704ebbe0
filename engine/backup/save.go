package backup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/ficushealth/ficus/fault"
)

// draftMark ends the names of files that are not whole yet.
const draftMark = ".part"

// Save writes an archive into a new file that its owner alone may read. It appears under its name when all of it is on the
// disk. Faults: Conflict if there is a file of that name; as Write.
func Save(ctx context.Context, path string, s Source) (*Written, error) {
	if _, err := os.Lstat(path); err == nil {
		return nil, there(path)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*"+draftMark) // mode 0600
	if err != nil {
		return nil, unwritten(err)
	}
	defer os.Remove(draft.Name())
	w, err := Write(ctx, draft, s)
	if err == nil {
		err = unwritten(draft.Sync())
	}
	if closed := draft.Close(); err == nil {
		err = unwritten(closed)
	}
	if err == nil {
		err = publish(draft.Name(), path)
	}
	return w, err
}

func there(path string) error {
	return fault.New(fault.Conflict, "%s is there already: a backup never writes over another; name another file, or a folder", path)
}

// publish gives a whole file its name, and takes no other file's.
func publish(draft, path string) error {
	err := os.Link(draft, path)
	if errors.Is(err, fs.ErrExist) {
		return there(path)
	}
	if err != nil { // file systems without links
		err = os.Rename(draft, path)
	}
	if err != nil || runtime.GOOS == "windows" {
		return unwritten(err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return unwritten(err)
	}
	defer dir.Close()
	return unwritten(dir.Sync())
}

// Drafts lists the files in a folder that backups have left which were killed, or write now.
func Drafts(folder string) []string {
	list, _ := filepath.Glob(filepath.Join(folder, ".*"+draftMark)) // the pattern is well formed
	return list
}
