package db

import (
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"github.com/ficushealth/ficus/fault"
)

// TestAFolderThatIsReadOnlyIsNamed is about codes, because an administrator may write to every folder.
func TestAFolderThatIsReadOnlyIsNamed(t *testing.T) {
	for code, want := range map[sqlite.ResultCode]string{
		sqlite.ResultReadOnlyDirectory: "the folder of the database file",
		sqlite.ResultReadOnlyCantInit:  "the folder of the database file",
		sqlite.ResultReadOnly:          "open for reading only",
	} {
		if e := liteKind(code); e.Fault.Kind != fault.Unavailable || !strings.Contains(e.Error(), want) {
			t.Errorf("%v: %v", code, e)
		}
	}
}
