package dump

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// spell writes a value as one of the many forms that a dump may use; it knows nothing of the reader.
func spell(t *rapid.T, value []byte, binary bool) string {
	forms := []string{"quoted", "doubled", "hex", "xhex"}
	if binary {
		forms = append(forms, "_binary", "bits")
	} else {
		forms = append(forms, "_utf8mb4", "double quotes")
	}
	switch rapid.SampledFrom(forms).Draw(t, "form") {
	case "doubled":
		return "'" + strings.ReplaceAll(strings.ReplaceAll(string(value), `\`, `\\`), "'", "''") + "'"
	case "double quotes":
		return `"` + escape(string(value)) + `"`
	case "hex":
		if len(value) > 0 {
			return fmt.Sprintf("0x%x", value)
		}
	case "xhex":
		return fmt.Sprintf("X'%X'", value)
	case "bits":
		s := "b'"
		for _, b := range value {
			s += fmt.Sprintf("%08b", b)
		}
		return s + "'"
	case "_binary":
		return "_binary '" + escape(string(value)) + "'"
	case "_utf8mb4":
		return "_utf8mb4'" + escape(string(value)) + "'"
	}
	return "'" + escape(string(value)) + "'"
}

func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "'", `\'`, `"`, `\"`, "\x00", `\0`, "\n", `\n`, "\r", `\r`, "\x1a", `\Z`, "\t", "\t").Replace(s)
}

// nasty are characters that matter to the grammar.
func nasty() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.SampledFrom([]rune("'\"`\\;,()-#/*\x00\n\r\t\x1a 0aNé€漢😀x")), 0, 12, -1)
}

// Whatever is written is read, whichever way it is spelled and however the file is cut into pieces.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(1, 12).Draw(t, "rows")
		var sql strings.Builder
		sql.WriteString("SET NAMES utf8mb4;\nCREATE TABLE `t` (`s` text CHARACTER SET utf8mb4, `b` longblob, `n` decimal(20,5));\n")
		var want []string
		open := false
		for i := range rows {
			s, b := nasty().Draw(t, "s"), rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "b")
			n := rapid.StringMatching(`-?[0-9]{1,8}(\.[0-9]{1,5})?`).Draw(t, "n")
			if !open {
				sql.WriteString("INSERT INTO `t` VALUES\n")
			}
			blank := rapid.SampledFrom([]string{"", " ", "\n", " /* ' */ ", "-- '\n"}).Draw(t, "blank")
			text, bin := spell(t, []byte(s), false), spell(t, b, true)
			shown := fmt.Sprintf("t: %q, %q, %q", s, b, n)
			if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
				text, shown = "NULL", fmt.Sprintf("t: NULL, %q, %q", b, n)
			}
			fmt.Fprintf(&sql, "(%s%s,%s%s%s,%s)", blank, text, bin, blank, "", n)
			want = append(want, shown)
			open = i < rows-1 && rapid.Bool().Draw(t, "one more")
			sql.WriteString(map[bool]string{true: ",", false: ";\n"}[open])
		}
		r, err := New(pieces(t, sql.String()), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; ; i++ {
			row, err := r.Next()
			if err == io.EOF && i == len(want) {
				return
			}
			if err != nil || i >= len(want) || line(row) != want[i] {
				t.Fatalf("row %d: %s, %v; want %s; dump:\n%s", i, line(row), err, want[min(i, len(want)-1)], sql.String())
			}
		}
	})
}

func pieces(t *rapid.T, sql string) io.Reader {
	whole := strings.NewReader(sql)
	switch rapid.IntRange(0, 2).Draw(t, "pieces") {
	case 1:
		return iotest.OneByteReader(whole)
	case 2:
		return iotest.DataErrReader(iotest.HalfReader(whole))
	}
	return whole
}

// Every beginning of a whole dump is refused: nothing is taken for complete that breaks off.
func TestEveryCutIsSeen(t *testing.T) {
	for name, whole := range map[string]string{
		"with comments": "-- MariaDB dump 10.19\n/*!40101 SET NAMES utf8mb4 */;\nCREATE TABLE `t` (`a` int, `b` text);\nINSERT INTO `t` VALUES (1,'x\\'y'),\n(2,NULL);\n-- Dump completed on 2026-01-01\n",
		"without":       "/*!40101 SET NAMES utf8mb4 */;\nCREATE TABLE `t` (`a` int, `b` text);\nINSERT INTO `t` VALUES (1,'x\\'y'),\n(2,NULL);\n",
	} {
		for cut := range len(whole) {
			_, _, err := read(t, whole[:cut], Options{})
			done := strings.Contains(whole[:cut], "-- Dump completed") || name == "without" && strings.HasSuffix(whole[:cut], ";\n")
			if err == nil != done {
				t.Errorf("%s, cut at %d behind %q: %v", name, cut, whole[max(0, cut-20):cut], err)
			}
		}
	}
}

// A dump without comments tells its end from a cut between two statements: what it put aside at its head it gives back there.
func TestACutBetweenStatementsIsSeen(t *testing.T) {
	const head, body = "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n", "CREATE TABLE `t` (`a` int);\nINSERT INTO `t` VALUES (1);\nINSERT INTO `t` VALUES (2);\n"
	whole := head + body + "/*!40101 SET SQL_MODE=IFNULL(@old_sql_mode, '') */;\n"
	for _, sql := range []string{whole, whole + whole[:len(head)] + "/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n"} {
		if _, _, err := read(t, sql, Options{}); err != nil {
			t.Error(err)
		}
	}
	for _, cut := range []string{head + body, head + strings.TrimSuffix(body, "INSERT INTO `t` VALUES (2);\n"), whole + head} {
		if _, _, err := read(t, cut, Options{}); err == nil || !strings.Contains(err.Error(), "breaks off") {
			t.Errorf("%q: %v", cut, err)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("SET NAMES latin1;\nCREATE TABLE t (a int, b text, c bit(9), d blob);\nINSERT INTO t VALUES (1,'x\\'',b'1',0xFF),(NULL,_utf8mb4'a',DEFAULT,'');\n"))
	f.Add([]byte("/*!40101 SET @a=@@sql_mode, sql_mode='ANSI' */;CREATE DATABASE x;USE x;CREATE TABLE \"t\" (a int PRIMARY KEY) WITH SYSTEM VERSIONING;\nINSERT INTO t (a,row_end) VALUES (1,'2020');\n"))
	f.Add([]byte("DELIMITER ;;\nCREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN END;;\nDELIMITER ;\nALTER TABLE t ADD PRIMARY KEY (a), MODIFY a int;\nDROP TABLE t;\n"))
	f.Add([]byte("CREATE TABLE t (a enum('x','y') DEFAULT 'x' COMMENT 'c', b decimal(9,2) GENERATED ALWAYS AS (a+1), CONSTRAINT k FOREIGN KEY (a) REFERENCES d.t (a) ON DELETE SET NULL);\nREPLACE INTO t () VALUES ();\n"))
	if plain, err := os.ReadFile("testdata/fig/plain.sql"); err == nil {
		f.Add(plain)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := New(bytes.NewReader(b), Options{MaxValue: 1 << 12})
		for n := 0; err == nil; n++ {
			var row source.Row
			if row, err = r.Next(); err == nil {
				check(t, row)
			}
			if n > len(b) {
				t.Fatal("more rows than bytes")
			}
		}
		if err != io.EOF && fault.Find(err) == nil {
			t.Errorf("not a fault: %v", err)
		}
		if f := fault.Find(err); f != nil && f.Kind == fault.Internal {
			t.Errorf("internal: %v", err)
		}
	})
}

func check(t *testing.T, row source.Row) {
	if len(row.Cells) != len(row.Table.Columns) {
		t.Fatalf("%d cells for %d columns", len(row.Cells), len(row.Table.Columns))
	}
	for i, c := range row.Cells {
		if row.Table.Class(i) == source.TextClass && !utf8.Valid(c.Bytes) {
			t.Errorf("text %q is no UTF-8", c.Bytes)
		}
	}
	row.Key()
	source.Canonical(nil, row)
}
