package db

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// hold is the mark of the one process that writes to a SQLite file: a lock on PATH.lock, which holds its process id. The
// operating system drops the lock when the process ends, however it ends; the file stays.
type hold struct{ file *os.File }

// errHeld is what lockFile returns when another open file has the lock.
var errHeld = errors.New("held")

func takeHold(path string) (*hold, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // two names of one file share a lock
	}
	file, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.Unavailable, "there is no folder for the database file %s: make it, or name another file (%v)", path, err)
	}
	if err != nil {
		return nil, fault.New(fault.Unavailable, "the lock of the database file cannot be opened: %v; this user needs the right to write in its folder", err)
	}
	if err := lockFile(file); err != nil {
		defer file.Close()
		return nil, refused(file, err)
	}
	if err := sign(file); err != nil {
		file.Close()
		return nil, fault.New(fault.Unavailable, "the lock of the database file cannot be written: %v", err)
	}
	return &hold{file}, nil
}

func (h *hold) release() error {
	if h == nil {
		return nil
	}
	return h.file.Close()
}

func sign(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

func refused(file *os.File, err error) error {
	if !errors.Is(err, errHeld) {
		return fault.New(fault.Unavailable, "the database file cannot be locked: %v", err)
	}
	pid := "unknown"
	if text, err := io.ReadAll(io.LimitReader(file, 20)); err == nil && len(text) > 0 {
		pid = strings.TrimSpace(string(text))
	}
	return fault.New(fault.Unavailable,
		"the database file is held by another ficus process (pid %s); stop it, or wait until it ends, and give the command again. One process at a time writes to a SQLite file; commands that only look at it work meanwhile, and on PostgreSQL all of them do", pid)
}
