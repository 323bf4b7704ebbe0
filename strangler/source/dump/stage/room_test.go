package stage

import (
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/ficushealth/ficus/fault"
)

func TestAFullDiskNamesTheFolder(t *testing.T) {
	conn, err := sqlite.OpenConn(t.TempDir()+"/full.db", sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // a test's
	full := sqlitex.ExecuteScript(conn, "PRAGMA max_page_count = 4; CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(100000));", nil)
	for _, err := range []error{full, &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}} {
		if got := room("the-folder", err); !fault.Is(got, fault.Unavailable) || !strings.Contains(got.Error(), "make room in the-folder") {
			t.Errorf("%v became %v", err, got)
		}
	}
}

func TestOtherFaultsOfAStageStayAsTheyAre(t *testing.T) {
	for _, err := range []error{nil, fault.New(fault.Invalid, "the dump breaks off"), fs.ErrPermission} {
		if got := room("the-folder", err); got != err {
			t.Errorf("%v became %v", err, got)
		}
	}
}
