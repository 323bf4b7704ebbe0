package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/suites"
)

func TestPackagesAndCodes(t *testing.T) {
	url := dbtest.SQLiteURL(t)
	where := []string{"--db", url, "--key-file", filepath.Join(t.TempDir(), "key")}
	admin := func(args ...string) (int, string, string) {
		return ficus(t, append(append([]string{"admin"}, args...), where...)...)
	}
	file := suites.Path(t, "us-core", "us_core_700.tgz")
	for _, want := range []string{"208 definitions stored, 0 were there", "0 definitions stored, 208 were there"} {
		if code, out, _ := admin("package", "add", file); code != exitDone || !strings.Contains(out, want) {
			t.Fatal(code, out)
		}
	}
	if code, out, _ := admin("package", "list"); code != exitDone || !strings.Contains(out, "hl7.fhir.us.core#7.0.0  complete") {
		t.Error(code, out)
	}
	if code, _, about := admin("package", "add", "doc.go"); code == exitDone || !strings.Contains(about, "no FHIR package") {
		t.Error(code, about)
	}
	if code, out, _ := admin("package", "remove", "hl7.fhir.us.core#7.0.0"); code != exitDone || !strings.Contains(out, "208 definitions removed") {
		t.Error(code, out)
	}
	list := filepath.Join(t.TempDir(), "codes.txt")
	if err := os.WriteFile(list, []byte("A one\nB two\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := admin("codes", list, "--url", "http://x", "--id", "x", "--name", "X"); code != exitDone || !strings.Contains(out, "CodeSystem/x stored") {
		t.Error(code, out)
	}
}
