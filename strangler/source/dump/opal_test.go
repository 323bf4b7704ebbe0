package dump

import (
	"bufio"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/ficushealth/ficus/suites"
)

// The public OpalDB dump: all its rows, counted here by another way. mariadb-dump begins each row on a line of its own, and
// no line inside a string begins with a bracket, for line ends in strings are escaped.
func TestOpalRowsAreAllRead(t *testing.T) {
	path := suites.Path(t, "legacy-opaldb", "opal-legacy-omi-test.sql.gz")
	r, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]int64{}
	for _, c := range r.Tables() {
		got[c.Table.String()] = c.Rows
		if len(c.Table.Columns) == 0 || c.Table.Zone != "+00:00" {
			t.Errorf("%s: %d columns, zone %q", c.Table, len(c.Table.Columns), c.Table.Zone)
		}
	}
	if diff := cmp.Diff(countLines(t, path), got); diff != "" {
		t.Error(diff)
	}
	for table, want := range map[string]int64{"OpalDB.Patient": 10, "OpalDB.PatientTestResult": 6298, "OpalDB.Doctor": 901, "OpalDB.Appointment": 191, "OpalDB.SecurityQuestion": 12} {
		if got[table] != want {
			t.Errorf("%s: %d rows, want %d", table, got[table], want)
		}
	}
	if len(got) != 141+56+29 {
		t.Errorf("%d tables", len(got))
	}
}

func countLines(t *testing.T, path string) map[string]int64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	declares, uses := regexp.MustCompile("^CREATE TABLE `(.*)` \\($"), regexp.MustCompile("^USE `(.*)`;$")
	inserts := regexp.MustCompile("^INSERT INTO `(.*)` VALUES$")
	rows, database, table := map[string]int64{}, "", ""
	for lines := bufio.NewReader(z); ; {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		line = strings.TrimSuffix(line, "\n")
		if m := uses.FindStringSubmatch(line); m != nil {
			database = m[1]
		} else if m := declares.FindStringSubmatch(line); m != nil {
			rows[database+"."+m[1]] = 0
		} else if m := inserts.FindStringSubmatch(line); m != nil {
			table = database + "." + m[1]
		} else if table != "" && strings.HasPrefix(line, "(") {
			rows[table]++
		}
		if table != "" && strings.HasSuffix(line, ";") {
			table = ""
		}
	}
}
