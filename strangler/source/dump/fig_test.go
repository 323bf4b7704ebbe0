package dump

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/strangler/source"
)

// server is what a MariaDB server said of the rows: by table, a line per row of hex values.
func server(t *testing.T) map[string][]string {
	t.Helper()
	b, err := os.ReadFile("testdata/fig/truth.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows, table := map[string][]string{}, ""
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# "); ok {
			table = name
			rows[table] = nil
			continue
		}
		rows[table] = append(rows[table], line)
	}
	return rows
}

// shown is a row as truth.tsv writes it.
func shown(r source.Row) string {
	var parts []string
	for i, c := range r.Cells {
		if generated := r.Table.Columns[i].Generated; r.Table.Columns[i].Invisible && (generated == "row start" || generated == "row end") {
			continue // columns that the server does not show either
		}
		if !c.Has() {
			parts = append(parts, "-")
			continue
		}
		parts = append(parts, strings.ToUpper(hex.EncodeToString(c.Bytes)))
	}
	return strings.Join(parts, "\t")
}

func columnLine(t *source.Table) string {
	var names []string
	for _, c := range t.Columns {
		if !(c.Invisible && (c.Generated == "row start" || c.Generated == "row end")) {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, "\t")
}

// readAll reads a dump into the form of truth.tsv, old versions of rows apart.
func readAll(t *testing.T, r *Reader) (rows map[string][]string, old int) {
	t.Helper()
	rows = map[string][]string{}
	for row, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if row.Historical() {
			old++
			continue
		}
		rows[row.Table.String()] = append(rows[row.Table.String()], shown(row))
	}
	for _, c := range r.Tables() {
		rows[c.Table.String()] = append([]string{columnLine(c.Table)}, rows[c.Table.String()]...)
	}
	return rows, old
}

func TestEveryDialectReadsAsTheServerSays(t *testing.T) {
	for _, file := range []string{"plain", "binary", "hex", "single", "ignore", "compact", "history", "nocharset", "quick"} {
		t.Run(file, func(t *testing.T) {
			r, err := Open(filepath.Join("testdata/fig", file+".sql"), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			rows, old := readAll(t, r)
			if diff := cmp.Diff(server(t), rows); diff != "" {
				t.Error("what the server says (-) is not what was read (+):\n" + diff)
			}
			if want := map[string]int{"history": 3}[file]; old != want {
				t.Errorf("%d old versions of rows, want %d", old, want)
			}
		})
	}
}

// mariadb-dump makes question marks of what latin1 cannot say, so the wide texts are lost before we see them. With
// --compatible=ansi it speaks latin1 and does not say so: the character set must be told.
func TestLatin1ConnectionKeepsWhatLatin1CanSay(t *testing.T) {
	for file, charset := range map[string]string{"latin1": "", "ansi": "latin1"} {
		r, err := Open(filepath.Join("testdata/fig", file+".sql"), Options{Charset: charset})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		rows, _ := readAll(t, r)
		want := server(t)
		for _, lossy := range []string{"u8", "u3", "u2"} {
			blank(want["fig.kinds"], lossy)
			blank(rows["fig.kinds"], lossy)
		}
		delete(want, "wasp.od`d na-me")
		delete(rows, "wasp.od`d na-me")
		if diff := cmp.Diff(want, rows); diff != "" {
			t.Error(file, diff)
		}
	}
}

func blank(lines []string, column string) {
	at := slices.Index(strings.Split(lines[0], "\t"), column)
	for i := range lines {
		parts := strings.Split(lines[i], "\t")
		parts[at] = ""
		lines[i] = strings.Join(parts, "\t")
	}
}

func TestRawBytesStayBesideDecodedText(t *testing.T) {
	r, err := Open("testdata/fig/latin1.sql", Options{Want: func(t *source.Table) bool { return t.Name == "parent" && t.Database == "wasp" }})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	row, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if c := row.Cell("z"); c.String() != "é" || string(c.Raw) != "\xE9" {
		t.Errorf("got %q with raw %q, want é with raw E9", c.Bytes, c.Raw)
	}
}

// A server with NO_BACKSLASH_ESCAPES still gets backslash escapes from mariadb-dump, whose own session has another sql_mode.
func TestServerModeDoesNotChangeTheDump(t *testing.T) {
	r, err := Open("testdata/fig/nobs.sql", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if rows, _ := readAll(t, r); !cmp.Equal(server(t), rows) {
		t.Error(cmp.Diff(server(t), rows))
	}
}

func TestSmallReadsAndWindowsLineEnds(t *testing.T) {
	b, err := os.ReadFile("testdata/fig/plain.sql")
	if err != nil {
		t.Fatal(err)
	}
	byOne, err := New(iotest.OneByteReader(bytes.NewReader(b)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	windows, err := New(iotest.HalfReader(bytes.NewReader(append([]byte("\xEF\xBB\xBF"), bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))...))), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*Reader{"one byte at a time": byOne, "CRLF and BOM": windows} {
		if rows, _ := readAll(t, r); !cmp.Equal(server(t), rows) {
			t.Error(name, cmp.Diff(server(t), rows))
		}
	}
}

func TestWhatIsNoTableIsNamed(t *testing.T) {
	r, err := Open("testdata/fig/plain.sql", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	readAll(t, r)
	want := []Object{{"sequence", "fig", "seq1"}, {"trigger", "fig", "tr1"}, {"view", "fig", "v1"}, {"event", "fig", "ev1"},
		{"function", "fig", "fu1"}, {"procedure", "fig", "pr1"}}
	if diff := cmp.Diff(want, r.Objects()); diff != "" {
		t.Error(diff)
	}
}
