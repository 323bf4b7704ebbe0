package stage

import (
	"errors"
	"syscall"

	"zombiezen.com/go/sqlite"

	"github.com/ficushealth/ficus/fault"
)

// room names the folder where err says that its disk is full: that of the database may be another one.
func room(dir string, err error) error {
	if err == nil || sqlite.ErrCode(err).ToPrimary() != sqlite.ResultFull && !errors.Is(err, syscall.ENOSPC) {
		return err
	}
	return fault.New(fault.Unavailable, "the disk of the folder in which the rows of the dump are kept is full: make room in %s, or choose another folder", dir)
}
