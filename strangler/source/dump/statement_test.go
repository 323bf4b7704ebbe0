package dump

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

// read gives the rows of a dump as "table: value, value"; NULL, absent and damaged cells by name, others by %q.
func read(t *testing.T, sql string, opt Options) ([]string, *Reader, error) {
	t.Helper()
	r, err := New(strings.NewReader(sql), opt)
	if err != nil {
		return nil, nil, err
	}
	var rows []string
	for {
		row, err := r.Next()
		if err == io.EOF {
			return rows, r, nil
		}
		if err != nil {
			return rows, r, err
		}
		rows = append(rows, line(row))
	}
}

func line(row source.Row) string {
	parts := make([]string, len(row.Cells))
	for i, c := range row.Cells {
		switch c.State {
		case source.Absent:
			parts[i] = "absent"
		case source.Null:
			parts[i] = "NULL"
		case source.Damaged:
			parts[i] = fmt.Sprintf("damaged %q %q", c.Bytes, c.Raw)
		default:
			parts[i] = fmt.Sprintf("%q", c.Bytes)
		}
	}
	return row.Table.String() + ": " + strings.Join(parts, ", ")
}

func TestTheDatabaseOfADumpOfOne(t *testing.T) {
	const table = "CREATE TABLE t (a int); INSERT INTO t VALUES (1);\n"
	const mysql, end = "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n-- Host: localhost    Database: Clinic\n-- -----\n", "-- Dump completed\n"
	const maria = "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19-11.4.2-MariaDB, for debian-linux-gnu (x86_64)\n--\n-- Host: db.example.org    Database: clinic dév  \r\n"
	for name, x := range map[string]struct {
		sql, database string
		want          []string
	}{
		"mysqldump":                     {mysql + table + end, "", []string{`Clinic.t: "1"`}},
		"mariadb-dump":                  {maria + table + end, "", []string{`clinic dév.t: "1"`}},
		"of all databases":              {"-- MySQL dump 10.13\n-- Host: localhost    Database: \n" + table + end, "", []string{`t: "1"`}},
		"USE goes before":               {mysql + "USE `x`;" + table + end, "", []string{`x.t: "1"`}},
		"phpMyAdmin":                    {"-- phpMyAdmin SQL Dump\n-- Host: localhost:3306\n\nSET SQL_MODE = \"NO_AUTO_VALUE_ON_ZERO\";\n--\n-- Database: `opal``db`\n--\n" + table, "", []string{"opal`db.t: \"1\""}},
		"two dumps in one file":         {mysql + table + end + strings.Replace(mysql, "Clinic", "Other", 1) + table + end, "", []string{`Clinic.t: "1"`, `Other.t: "1"`}},
		"none said":                     {table, "", []string{`t: "1"`}},
		"none said, but given":          {table, "Given", []string{`Given.t: "1"`}},
		"given goes before":             {mysql + table + end, "Given", []string{`Given.t: "1"`}},
		"USE goes before what is given": {mysql + "USE x;" + table + end, "Given", []string{`x.t: "1"`}},
		"a comment in a routine":        {mysql + "DELIMITER ;;\nCREATE PROCEDURE p() BEGIN\n-- Database: wrong\nSELECT 1; END ;;\nDELIMITER ;\n" + table + end, "", []string{`Clinic.t: "1"`}},
		"a text that looks like it":     {mysql + "CREATE TABLE u (a text); INSERT INTO u VALUES ('\n-- Database: wrong\n');\n" + table + end, "", []string{`Clinic.u: "\n-- Database: wrong\n"`, `Clinic.t: "1"`}},
	} {
		got, _, err := read(t, x.sql, Options{Database: x.database})
		if diff := cmp.Diff(x.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestNamesInDoubleQuotesWithoutTheirMode(t *testing.T) {
	for _, sql := range []string{"CREATE DATABASE \"Clinic\";\n", "USE \"Clinic\";\n", "CREATE TABLE \"t\" (a int);\n", "CREATE TABLE t (\"a\" int);\n"} {
		if _, _, err := read(t, sql, Options{}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "SET SQL_MODE='ANSI_QUOTES'") {
			t.Errorf("%s: %v", sql, err)
		}
		if _, _, err := read(t, "SET SQL_MODE='ANSI_QUOTES';"+sql, Options{}); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestLiterals(t *testing.T) {
	for _, c := range []struct{ column, literal, want string }{
		{"int", "-5", `"-5"`},
		{"int", "+5", `"+5"`},
		{"int", "1e10", `"1e10"`},
		{"int", "0x10", `"16"`},
		{"int", "b'101'", `"5"`},
		{"int", "'12'", `"12"`},
		{"int", "true", `"1"`},
		{"int", "FALSE", `"0"`},
		{"int", "null", "NULL"},
		{"int NOT NULL DEFAULT -7", "DEFAULT", `"-7"`},
		{"int", "default", "NULL"},
		{"int NOT NULL", "default", "absent"},
		{"decimal(9,2)", ".50", `".50"`},
		{"double", "-1.5e-300", `"-1.5e-300"`},
		{"datetime", "'0000-00-00 00:00:00'", `"0000-00-00 00:00:00"`},
		{"varchar(9)", `'it''s'`, `"it's"`},
		{"varchar(9)", `"a""b'c"`, `"a\"b'c"`},
		{"varchar(9)", `'\0\'\"\b\n\r\t\Z\\\%\_\x'`, `"\x00'\"\b\n\r\t\x1a\\\\%\\_x"`},
		{"varchar(9)", `''`, `""`},
		{"varchar(9)", `''''`, `"'"`},
		{"varchar(9)", `'\\'`, `"\\"`},
		{"varchar(9)", `X'6162'`, `"ab"`},
		{"varchar(9)", `0x6162`, `"ab"`},
		{"varchar(9)", `0x162`, `"\x01b"`},
		{"varchar(9)", `x''`, `""`},
		{"varchar(9)", `N'é'`, `"é"`},
		{"varchar(9) CHARACTER SET latin1", "0x80", `"€"`},
		{"varchar(9) CHARACTER SET latin1", "_binary 0x80", `"€"`},
		{"varchar(9) CHARACTER SET latin1", "_binary '\x80'", `"€"`},
		{"varchar(9) CHARACTER SET latin1", "'\u20ac'", `"€"`},
		{"varchar(9) CHARACTER SET utf8mb4", "_latin1 '\x80'", `"€"`},
		{"varchar(9) CHARACTER SET utf8mb4", "_latin1 X'80'", `"€"`},
		{"varchar(9) CHARACTER SET utf8mb4", "_utf8mb4'\u20ac'", `"€"`},
		{"varchar(9) CHARACTER SET ucs2", "0x20AC0041", `"€A"`},
		{"varchar(9) CHARACTER SET utf16", "0xD83DDE00", `"😀"`},
		{"varchar(9) CHARACTER SET cp1251", "0xCF", `"П"`},
		{"varchar(9) CHARACTER SET utf8mb4", "'a\xC3'", "damaged \"a\ufffd\" \"a\\xc3\""},
		{"varchar(9) CHARACTER SET utf8mb4", "0xC3A9", `"é"`},
		{"varchar(9) CHARACTER SET binary", "'a\xC3'", `"a\xc3"`},
		{"enum('a','b')", "'b'", `"b"`},
		{"enum('a','b')", "2", `"b"`},
		{"enum('a','b')", "0", `""`},
		{"enum('a','b')", "NULL", "NULL"},
		{"set('a','b','c')", "5", `"a,c"`},
		{"set('a','b','c')", "0", `""`},
		{"time", "0x30303A30303A3031", `"00:00:01"`},
		{"date", "x'323032342D30312D3031'", `"2024-01-01"`},
		{"blob", "'\xFF\\0'", `"\xff\x00"`},
		{"blob", "_binary '\xFF\\0'", `"\xff\x00"`},
		{"varbinary(3)", "0xFF00", `"\xff\x00"`},
		{"bit(1)", "b'1'", `"\x01"`},
		{"bit(1)", "'\x01'", `"\x01"`},
		{"bit(1)", "1", `"\x01"`},
		{"bit(12)", "b'101000000011'", `"\n\x03"`},
		{"bit(12)", "0x0A03", `"\n\x03"`},
		{"bit(12)", "b'1'", `"\x00\x01"`},
		{"bit(12)", "2563", `"\n\x03"`},
		{"bit(12) DEFAULT b'1'", "DEFAULT", `"\x00\x01"`},
		{"bit(12) DEFAULT 2563", "DEFAULT", `"\n\x03"`},
		{"bit DEFAULT TRUE", "DEFAULT", `"\x01"`},
		{"bit(64) DEFAULT 5", "DEFAULT", `"\x00\x00\x00\x00\x00\x00\x00\x05"`},
		{"json", `'{\"a\": \"é\"}'`, `"{\"a\": \"é\"}"`},
		{"int", "/* c */ 1 -- d\n", `"1"`},
	} {
		sql := fmt.Sprintf("SET NAMES utf8mb4;\nCREATE TABLE t (v %s);\nINSERT INTO t VALUES (%s);\n", c.column, c.literal)
		rows, _, err := read(t, sql, Options{})
		if want := []string{"t: " + c.want}; err != nil || !cmp.Equal(rows, want) {
			t.Errorf("%s in %s: got %q, %v; want %q", c.literal, c.column, rows, err, want)
		}
	}
}

func TestStatements(t *testing.T) {
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"several rows and statements": {"CREATE TABLE t (a int, b int);\nINSERT INTO t VALUES (1,2),\n(3,4);INSERT INTO `t` VALUE ( 5 , 6 ) ;\n",
			[]string{`t: "1", "2"`, `t: "3", "4"`, `t: "5", "6"`}},
		"list of columns":                              {"CREATE TABLE t (a int, b int DEFAULT 7, c int);\nINSERT INTO t (c, A) VALUES (1,2);\n", []string{`t: "2", "7", "1"`}},
		"generated columns are left out":               {"CREATE TABLE t (a int, g int GENERATED ALWAYS AS (a+1) STORED);\nINSERT INTO t (a) VALUES (1);\n", []string{`t: "1", absent`}},
		"invisible columns are no part of a plain row": {"CREATE TABLE t (a int, i int INVISIBLE DEFAULT 5);\nINSERT INTO t VALUES (1);\n", []string{`t: "1", "5"`}},
		"databases": {"CREATE DATABASE x;CREATE TABLE x.t (a int);CREATE DATABASE y;USE y;CREATE TABLE t (a int);INSERT INTO t VALUES (1);INSERT INTO `x`.`t` VALUES (2);\n",
			[]string{`y.t: "1"`, `x.t: "2"`}},
		"default character set of database, table and column": {"CREATE DATABASE x DEFAULT CHARACTER SET latin1;USE x;SET NAMES binary;CREATE TABLE t (a text, b text CHARSET utf8) ;INSERT INTO t VALUES ('\x80','\u20ac');CREATE TABLE u (a text) COLLATE=utf8mb4_bin;INSERT INTO u VALUES ('\u20ac');\n",
			[]string{`x.t: "€", "€"`, `x.u: "€"`}},
		"conditional comments are code": {"/*!40101 SET NAMES latin1 */;CREATE TABLE t (a text /*!80023 INVISIBLE */, b text);INSERT /*!50000 IGNORE */ INTO t (a) VALUES /*!40000 ('\x80') */;\n",
			[]string{`t: "€", NULL`}},
		"saved variables come back": {"SET NAMES latin1; SET @saved = @@character_set_client, @m=@@sql_mode, sql_mode='NO_BACKSLASH_ESCAPES'; SET character_set_client = utf8mb4;CREATE TABLE t (`\u00e9` text);SET character_set_client = @saved;INSERT INTO t VALUES ('\xE9\\');SET sql_mode=@m;INSERT INTO t VALUES ('\\n');\n",
			[]string{`t: "é\\"`, `t: "\n"`}},
		"members where a backslash is one": {"SET sql_mode='NO_BACKSLASH_ESCAPES';CREATE TABLE t (a enum('x\\','y'), b enum('\\\\'));\nINSERT INTO t VALUES (2,1),(1,1);\n", []string{`t: "y", "\\\\"`, `t: "x\\", "\\\\"`}},
		"delimiters": {"CREATE TABLE t (a int);\nDELIMITER $$\nCREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN -- it's\n INSERT INTO t VALUES (9); END$$\nINSERT INTO t VALUES (1)$$\nDELIMITER ;\nINSERT INTO t VALUES (2);\n",
			[]string{`t: "1"`, `t: "2"`}},
		"comments": {"# it's\n-- it's\n--\nCREATE TABLE t (a int); /* it's; */ INSERT INTO t VALUES -- (7)\n(1)/* */,#\n(2);\n-- end\n", []string{`t: "1"`, `t: "2"`}},
		"a quote and a delimiter in strings and names": {"CREATE TABLE `a``;b` (`x;'` text COMMENT ';''', KEY (`x;'`(3)));INSERT INTO `a``;b` VALUES (');('),('\\');');\n", []string{"a`;b: \");(\"", "a`;b: \"');\""}},
		"no row":                                {"CREATE TABLE t (a int);\n", nil},
		"row of defaults":                       {"CREATE TABLE t (a int DEFAULT 3);INSERT INTO t () VALUES ();\n", []string{`t: "3"`}},
		"a table stands in for a view and goes": {"CREATE TABLE v (a int);DROP TABLE IF EXISTS `v`;CREATE VIEW v AS SELECT 1;\n", nil},
		"emptying what is empty":                {"CREATE TABLE t (a int);TRUNCATE TABLE t;DELETE FROM `t`;INSERT INTO t VALUES (1);\n", []string{`t: "1"`}},
		"as MySQL 8 writes": {"-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n/*!50503 SET NAMES utf8mb4 */;\nSET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\nSET @@SESSION.SQL_LOG_BIN= 0;\nSET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a-b:1-5';\n" +
			"CREATE DATABASE /*!32312 IF NOT EXISTS*/ `x` /*!40100 DEFAULT CHARACTER SET latin1 */ /*!80016 DEFAULT ENCRYPTION='N' */;\nUSE `x`;\n/*!50503 SET character_set_client = utf8mb4 */;\n" +
			"CREATE TABLE `t` (\n  `my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */,\n  `b` varbinary(9) DEFAULT NULL,\n  `j` json DEFAULT NULL,\n  `g` int GENERATED ALWAYS AS (1) VIRTUAL,\n  PRIMARY KEY (`my_row_id`)\n) ENGINE=InnoDB;\n" +
			"INSERT INTO `t` (`my_row_id`, `b`, `j`) VALUES (1,_binary '\xff',_utf8mb4'[1]');\nSET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;\n-- Dump completed on 2026-01-01  0:00:00\n",
			[]string{`x.t: "1", "\xff", "[1]", absent`}},
		"history": {"CREATE TABLE t (a int PRIMARY KEY) WITH SYSTEM VERSIONING;INSERT INTO t (a,row_start,row_end) VALUES (1,'2020-01-01 00:00:00.000000','2021-01-01 00:00:00.000000'),(1,'2021-01-01 00:00:00.000000','2038-01-19 03:14:07.999999');\n",
			[]string{`t: "1", "2020-01-01 00:00:00.000000", "2021-01-01 00:00:00.000000"`, `t: "1", "2021-01-01 00:00:00.000000", "2038-01-19 03:14:07.999999"`}},
	} {
		rows, _, err := read(t, c.sql, Options{})
		if err != nil || !cmp.Equal(rows, c.want) {
			t.Errorf("%s: got %q, %v; want %q", name, rows, err, c.want)
		}
	}
}

func TestBrokenDumpsNameThePlace(t *testing.T) {
	const table = "CREATE TABLE p (a int, b text);\n"
	for name, c := range map[string]struct {
		sql  string
		kind fault.Kind
		line int
		says []string
	}{
		"string not closed":       {table + "INSERT INTO p VALUES (1,'x'),\n(2,'secret", fault.Invalid, 3, []string{"breaks off", "statement 2", "table p", "string"}},
		"row not closed":          {table + "INSERT INTO p VALUES (1,", fault.Invalid, 2, []string{"breaks off", "byte 56"}},
		"statement not closed":    {table + "INSERT INTO p VALUES (1,'x')\n", fault.Invalid, 3, []string{"breaks off", "table p"}},
		"no row behind the comma": {table + "INSERT INTO p VALUES (1,'x'),\n", fault.Invalid, 3, []string{"breaks off"}},
		"too few values":          {table + "INSERT INTO p VALUES (1,'x'),\n\n(2);\n", fault.Invalid, 4, []string{"row 2 has 1 values for 2 columns"}},
		"too many values":         {table + "INSERT INTO p VALUES (1,'x',3);\n", fault.Invalid, 2, []string{"row 1 has more values than the 2 columns"}},
		"bad number":              {table + "INSERT INTO p VALUES (1.2.3,'x');\n", fault.Invalid, 2, []string{"value 1", "no number"}},
		"calculation":             {table + "INSERT INTO p VALUES (1-2,'x');\n", fault.Invalid, 2, []string{"comma"}},
		"expression":              {table + "INSERT INTO p VALUES (1,NOW());\n", fault.Unsupported, 2, []string{"value 2", "expression"}},
		"unknown table":           {table + "INSERT INTO q VALUES (1);\n", fault.Invalid, 2, []string{"not created", "q"}},
		"unknown table, odd name": {table + "INSERT INTO `\xE9` VALUES (1);\n", fault.Invalid, 2, []string{"name of a table", "utf8mb4", "--charset"}},
		"no such member":          {"CREATE TABLE e (a enum('x','y'), b set('x','y'));\nINSERT INTO e VALUES (3,0);\n", fault.Invalid, 2, []string{"column a", "members"}},
		"no such members":         {"CREATE TABLE e (a enum('x','y'), b set('x','y'));\nINSERT INTO e VALUES (2,4);\n", fault.Invalid, 2, []string{"column b", "members"}},
		"half a member":           {"CREATE TABLE e (a enum('x','y'), b set('x','y'));\nINSERT INTO e VALUES (1.5,1);\n", fault.Invalid, 2, []string{"column a", "members"}},
		"unknown column":          {table + "INSERT INTO p (a,c) VALUES (1,2);\n", fault.Invalid, 2, []string{"no column c"}},
		"column twice":            {table + "INSERT INTO p (a,A) VALUES (1,2);\n", fault.Invalid, 2, []string{"twice"}},
		"insert select":           {table + "INSERT INTO p SELECT 1;\n", fault.Unsupported, 2, []string{"VALUES"}},
		"on duplicate key":        {table + "INSERT INTO p VALUES (1,'') ON DUPLICATE KEY UPDATE a=1;\n", fault.Unsupported, 2, []string{"DUPLICATE"}},
		"created twice":           {table + "\n" + table, fault.Invalid, 3, []string{"created twice"}},
		"dropped after rows":      {table + "INSERT INTO p VALUES (1,'');\nDROP TABLE p;\n", fault.Unsupported, 3, []string{"two dumps"}},
		"rows changed":            {table + "INSERT INTO p VALUES (1,'');\nUPDATE p SET a=1;\n", fault.Unsupported, 3, []string{"UPDATE"}},
		"columns added":           {table + "ALTER TABLE p ADD COLUMN c int;\n", fault.Unsupported, 2, []string{"columns are added"}},
		"create like":             {"CREATE TABLE p LIKE q;\n", fault.Unsupported, 1, []string{"without its columns"}},
		"no type":                 {"CREATE TABLE p (\na int,\nb);\n", fault.Invalid, 3, []string{"column b has no type"}},
		"load data":               {table + "LOAD DATA INFILE 'x' INTO TABLE p;\n", fault.Unsupported, 2, []string{"LOAD"}},
		"closing comment missing": {"-- MySQL dump 10.13  Distrib 8.0\n" + table, fault.Invalid, 3, []string{"Dump completed"}},
		"last line has no end":    {strings.TrimSpace(table), fault.Invalid, 1, []string{"last line"}},
		"comment not closed":      {table + "/* x", fault.Invalid, 2, []string{"comment"}},
		"conditional not closed":  {table + "/*!40101 SET NAMES utf8;\n", fault.Invalid, 3, []string{"conditional"}},
		"unreadable charset":      {"SET NAMES big5;\n", fault.Unsupported, 1, []string{"big5", "utf8mb4"}},
		"unreadable column":       {"SET NAMES binary;CREATE TABLE p (a text CHARACTER SET sjis);\nINSERT INTO p VALUES ('\x83');\n", fault.Unsupported, 2, []string{"column a", "sjis"}},
		"value too long":          {table + "INSERT INTO p VALUES (1,'" + strings.Repeat("x", 3000) + "');\n", fault.TooLarge, 2, []string{"value 2", "2000 bytes"}},
		"statement too long":      {"CREATE TABLE p (a int COMMENT '" + strings.Repeat("x", 3000) + "');\n", fault.TooLarge, 1, []string{"2000 bytes"}},
		"bad hex":                 {table + "INSERT INTO p VALUES (1,x'0G');\n", fault.Invalid, 2, []string{"column b", "digits"}},
		"empty":                   {"", fault.Invalid, 1, []string{"empty"}},
		"only comments":           {"-- MariaDB dump 10.19\n", fault.Invalid, 2, []string{"empty"}},
	} {
		_, _, err := read(t, c.sql, Options{MaxValue: 2000})
		f := fault.Find(err)
		if f == nil || f.Kind != c.kind || len(f.Issues) != 1 {
			t.Errorf("%s: got %v, want a fault of kind %v", name, err, c.kind)
			continue
		}
		if f.Issues[0].Line != c.line {
			t.Errorf("%s: line %d, want %d: %s", name, f.Issues[0].Line, c.line, f.Text)
		}
		for _, says := range c.says {
			if !strings.Contains(f.Text, says) {
				t.Errorf("%s: %q does not say %q", name, f.Text, says)
			}
		}
		if strings.Contains(f.Text, "secret") {
			t.Errorf("%s: the error shows a value: %q", name, f.Text)
		}
	}
}

func TestWhatIsNoDumpIsRefused(t *testing.T) {
	for name, content := range map[string]string{
		"XML": "<?xml version=\"1.0\"?>\n<mysqldump/>", "PowerShell": "\xFF\xFE-\x00-\x00", "pg_dump": "PGDMP\x01", "plain pg_dump": "--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n",
		"tab": "1\tAnna\t2020-01-01\n", "zip": "PK\x03\x04", "xz": "\xFD7zXZ\x00", "SQLite": "SQLite format 3\x00", "binary": "\x00\x01\x02", "JSON": `{"a":1}`,
	} {
		if _, _, err := read(t, content, Options{}); !fault.Is(err, fault.Unsupported) {
			t.Errorf("%s: got %v, want fault unsupported", name, err)
		}
	}
}

func TestAnErrorStays(t *testing.T) {
	r, err := New(strings.NewReader("CREATE TABLE t (a int);INSERT INTO t VALUES (x);"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, first := r.Next()
	_, second := r.Next()
	if first == nil || first != second {
		t.Errorf("first %v, then %v", first, second)
	}
}

func TestUnwantedRowsAreCounted(t *testing.T) {
	sql := "CREATE TABLE a (x int);CREATE TABLE b (x text);INSERT INTO a VALUES (1),(2);INSERT INTO b VALUES ('\xFF\\'),(');\nINSERT INTO b VALUES ('y');\n"
	rows, r, err := read(t, sql, Options{Want: func(t *source.Table) bool { return t.Name == "a" }})
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	if c := r.Tables(); c[0].Rows != 2 || c[1].Rows != 2 {
		t.Errorf("counts %+v", c)
	}
}

// A dump of any length is read in the memory of its longest row.
func TestMemoryDoesNotGrowWithTheDump(t *testing.T) {
	head, row := "CREATE TABLE t (a int, b text);\nINSERT INTO t VALUES (0,'')", []byte(",\n(1,'"+strings.Repeat("x", 900)+"\\n')")
	rows := 60_000
	src := io.MultiReader(strings.NewReader(head), &repeat{row, rows * len(row), 0}, strings.NewReader(";\n"))
	r, err := New(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if len(r.w.buf) > windowSize || cap(r.space) > 1<<16 {
			t.Fatalf("after %d rows: %d bytes of window, %d of values", n, len(r.w.buf), cap(r.space))
		}
	}
	if n != rows+1 {
		t.Errorf("%d rows, want %d", n, rows+1)
	}
}

// A long row is read, and its memory let go.
func TestALongValue(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789abcde'"), 1<<18)
	sql := fmt.Sprintf("CREATE TABLE t (b longblob);\nINSERT INTO t VALUES ('%s'),('%s'),('z');\nINSERT INTO t VALUES ('%s');\n",
		bytes.ReplaceAll(long, []byte("'"), []byte(`\'`)), bytes.ReplaceAll(long, []byte("'"), []byte(`''`)), strings.Repeat("y", windowSize))
	r, err := New(strings.NewReader(sql), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]byte{long, long, []byte("z"), bytes.Repeat([]byte("y"), windowSize)} {
		row, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(row.Cells[0].Bytes, want) {
			t.Errorf("value %d differs", i)
		}
	}
}

// repeat reads as its bytes, over and over.
type repeat struct {
	b        []byte
	left, at int
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), r.left)], r.b[r.at:])
	r.left, r.at = r.left-n, (r.at+n)%len(r.b)
	return n, nil
}
