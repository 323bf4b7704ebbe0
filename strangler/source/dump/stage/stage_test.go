package stage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
	"github.com/ficushealth/ficus/strangler/source/dump"
	"github.com/ficushealth/ficus/suites"
)

const families = `CREATE DATABASE d;
USE d;
CREATE TABLE child (id int PRIMARY KEY, pa int, pb varchar(9), n int);
INSERT INTO child VALUES (1,1,'a',30),(2,1,'a',-4),(3,NULL,'a',0),(4,10,'a',9),(5,1,'b',2),(6,1,'a',9),(7,1,'',1);
CREATE TABLE other (x int);
INSERT INTO other VALUES (1),(2),(3);
CREATE TABLE parent (a int, b varchar(9), PRIMARY KEY (a,b));
INSERT INTO parent VALUES (10,'a'),(-1,'x'),(1,'b'),(1,'a'),(2,'\0'),(2,'');
CREATE TABLE late (k varchar(9) NOT NULL, v int);
INSERT INTO late VALUES ('b',1),('a',2);
CREATE TABLE bag (v int);
INSERT INTO bag VALUES (7),(7),(1);
CREATE TABLE old (id int PRIMARY KEY) WITH SYSTEM VERSIONING;
INSERT INTO old (id,row_start,row_end) VALUES (1,'2020-01-01 00:00:00.000000','2021-01-01 00:00:00.000000'),(1,'2021-01-01 00:00:00.000000','2038-01-19 03:14:07.999999');
ALTER TABLE late ADD PRIMARY KEY (k);
CREATE VIEW w AS SELECT 1;
`

var familyWants = []Want{{Table: "d.parent"}, {Table: "d.late"}, {Table: "d.bag"}, {Table: "d.old"}, {Table: "d.missing"},
	{Table: "d.child", By: []Lookup{{Columns: []string{"pa", "pb"}, Order: []string{"n"}}, {Columns: []string{"pb"}}}}}

func write(t *testing.T, sql string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dump.sql")
	if err := os.WriteFile(path, []byte(sql), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func build(t *testing.T, sql string, wants ...Want) *Stage {
	t.Helper()
	s, err := Build(t.Context(), write(t, sql), t.TempDir(), wants, dump.Options{}, testKeys{7}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func tableOf(t *testing.T, s *Stage, name string) *source.Table {
	t.Helper()
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if table.String() == name {
			return table
		}
	}
	t.Fatalf("no table %s", name)
	return nil
}

func keys(t *testing.T, rows func(func(source.Row, error) bool)) (list []string) {
	t.Helper()
	for row, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, row.KeyText())
	}
	return list
}

func TestRowsComeInTheOrderOfTheirKeys(t *testing.T) {
	s := build(t, families, familyWants...)
	for table, want := range map[string][]string{
		"d.parent": {"-1/x", "1/a", "1/b", "2/", "2/\x00", "10/a"},
		"d.late":   {"a", "b"},
		"d.bag":    {"#1", "#2", "#3"},
		"d.old":    {"1"},
		"d.child":  {"1", "2", "3", "4", "5", "6", "7"},
	} {
		if got := keys(t, s.Rows(t.Context(), tableOf(t, s, table), source.Position{})); !cmp.Equal(got, want) {
			t.Errorf("%s: %q, want %q", table, got, want)
		}
	}
}

func TestReadingGoesOnBehindAPosition(t *testing.T) {
	s := build(t, families, familyWants...)
	table := tableOf(t, s, "d.parent")
	all := keys(t, s.Rows(t.Context(), table, source.Position{}))
	i := 0
	for row, err := range s.Rows(t.Context(), table, source.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		i++
		if got := keys(t, s.Rows(t.Context(), table, row.Position)); strings.Join(got, ",") != strings.Join(all[i:], ",") {
			t.Errorf("behind row %d: %q, want %q", i, got, all[i:])
		}
	}
}

func TestPositionsAreThoseOfTheDump(t *testing.T) {
	s := build(t, families, familyWants...)
	for row, err := range s.Rows(t.Context(), tableOf(t, s, "d.late"), source.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		at := strings.Index(families, "('"+row.Cells[0].String()+"',")
		want := source.Position{Offset: int64(at), Line: 10, Statement: 10, Row: map[string]int64{"b": 1, "a": 2}[row.KeyText()], Key: row.Key()}
		if diff := cmp.Diff(want, row.Position); diff != "" {
			t.Error(diff)
		}
	}
}

func TestChildrenComeInDeclaredOrder(t *testing.T) {
	s := build(t, families, familyWants...)
	child := tableOf(t, s, "d.child")
	for _, c := range []struct {
		columns []string
		values  []source.Cell
		want    []string
	}{
		{[]string{"pa", "pb"}, []source.Cell{source.Text("1"), source.Text("a")}, []string{"2", "6", "1"}},
		{[]string{"pa", "pb"}, []source.Cell{source.Text("01"), source.Text("a")}, []string{"2", "6", "1"}},
		{[]string{"pa", "pb"}, []source.Cell{source.Text("1"), source.Text("")}, []string{"7"}},
		{[]string{"pa", "pb"}, []source.Cell{source.Text("1"), source.Text("A")}, nil},
		{[]string{"pa", "pb"}, []source.Cell{source.NullCell(), source.Text("a")}, nil},
		{[]string{"pb"}, []source.Cell{source.Text("a")}, []string{"1", "2", "3", "4", "6"}},
		{[]string{"pb"}, []source.Cell{{}}, nil},
	} {
		if got := keys(t, s.Children(t.Context(), child, c.columns, c.values)); !cmp.Equal(got, c.want) {
			t.Errorf("%q = %v: %q, want %q", c.columns, c.values, got, c.want)
		}
	}
}

func TestEveryTableIsCounted(t *testing.T) {
	s := build(t, families, familyWants...)
	for table, want := range map[string]source.Count{"d.child": {Rows: 7}, "d.other": {Rows: 3}, "d.old": {Rows: 1, History: 1}, "d.bag": {Rows: 3}} {
		if got, err := s.Count(t.Context(), tableOf(t, s, table)); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", table, got, err, want)
		}
	}
	if len(s.Objects()) != 1 || s.Objects()[0].Kind != "view" {
		t.Errorf("objects %+v", s.Objects())
	}
}

func TestWhatWasNotStagedIsUnknown(t *testing.T) {
	s := build(t, families, familyWants...)
	for row, err := range s.Rows(t.Context(), tableOf(t, s, "d.other"), source.Position{}) {
		if !fault.Is(err, fault.Unknown) {
			t.Errorf("%v, %v", row, err)
		}
	}
	for row, err := range s.Children(t.Context(), tableOf(t, s, "d.child"), []string{"n"}, []source.Cell{source.Text("1")}) {
		if !fault.Is(err, fault.Unknown) {
			t.Errorf("%v, %v", row, err)
		}
	}
}

func TestRowsOfOneTableWhileReadingAnother(t *testing.T) {
	s := build(t, families, familyWants...)
	parent, child, n := tableOf(t, s, "d.parent"), tableOf(t, s, "d.child"), 0
	for row, err := range s.Rows(t.Context(), parent, source.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range s.Children(t.Context(), child, []string{"pa", "pb"}, row.Cells) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	if n != 5 {
		t.Errorf("%d children of parents, want 5", n)
	}
}

func TestRepeatedKeys(t *testing.T) {
	const table = "CREATE TABLE t (id int PRIMARY KEY, v int);\n"
	for name, c := range map[string]struct {
		sql  string
		want []string
	}{
		"the last row of REPLACE counts":       {"REPLACE INTO t VALUES (1,1),(2,2);REPLACE INTO t VALUES (1,3);\n", []string{"1=3", "2=2"}},
		"the first row of INSERT IGNORE stays": {"INSERT IGNORE INTO t VALUES (1,1),(2,2);INSERT IGNORE INTO t VALUES (1,3);\n", []string{"1=1", "2=2"}},
	} {
		s := build(t, table+c.sql, Want{Table: "t"})
		var got []string
		for row, err := range s.Rows(t.Context(), tableOf(t, s, "t"), source.Position{}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%s=%s", row.Cells[0], row.Cells[1]))
		}
		if n, _ := s.Count(t.Context(), tableOf(t, s, "t")); !cmp.Equal(got, c.want) || n.Rows != 2 {
			t.Errorf("%s: %q (%d), want %q", name, got, n.Rows, c.want)
		}
	}
	_, err := Build(t.Context(), write(t, table+"INSERT INTO t VALUES (1,1),(2,2),\n(1,3);\n"), t.TempDir(), []Want{{Table: "t"}}, dump.Options{}, testKeys{7}, nil)
	if f := fault.Find(err); f == nil || f.Kind != fault.Invalid || f.Issues[0].Line != 3 || !strings.Contains(f.Text, "row 3") {
		t.Errorf("a repeated key: %v", err)
	}
}

func TestAWishForAnUnknownColumn(t *testing.T) {
	_, err := Build(t.Context(), write(t, families), t.TempDir(), []Want{{Table: "d.child", By: []Lookup{{Columns: []string{"zz"}}}}}, dump.Options{}, testKeys{7}, nil)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "d.child") {
		t.Errorf("got %v", err)
	}
}

func TestNamesThatDifferInCaseOnly(t *testing.T) {
	const rows = " (id int PRIMARY KEY, p int); INSERT INTO "
	for name, x := range map[string]struct {
		sql  string
		want []string // tables as the stage names them, and how many rows are kept; -1: none are
		kept []int
	}{
		"small letters":   {"CREATE DATABASE d;USE d;CREATE TABLE child" + rows + "child VALUES (1,1),(2,1);", []string{"D.Child"}, []int{2}},
		"the exact one":   {"CREATE DATABASE D;USE D;CREATE TABLE child" + rows + "child VALUES (1,1);CREATE TABLE Child" + rows + "Child VALUES (5,1),(6,1);", []string{"D.Child", "D.child"}, []int{2, -1}},
		"two that may be": {"CREATE DATABASE D;USE D;CREATE TABLE child" + rows + "child VALUES (1,1);CREATE TABLE CHILD" + rows + "CHILD VALUES (5,1);", []string{"D.CHILD", "D.child"}, []int{-1, -1}},
		"another table":   {"CREATE DATABASE D;USE D;CREATE TABLE child (x int);INSERT INTO child VALUES (1);", []string{"D.child"}, []int{-1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := build(t, x.sql+"\n", Want{Table: "D.Child", By: []Lookup{{Columns: []string{"p"}}}})
			for i, table := range x.want {
				kept := -1
				found := tableOf(t, s, table)
				for _, err := range s.Rows(t.Context(), found, source.Position{}) {
					if err != nil {
						kept = -2
						break
					}
					kept = max(kept, 0) + 1
				}
				if want := x.kept[i]; kept != want && (want >= 0 || kept != -2) {
					t.Errorf("%s: %d rows, want %d", table, kept, want)
				}
			}
		})
	}
}

func TestAStageIsUsedAgainAndNotForAnotherDump(t *testing.T) {
	dir, path := t.TempDir(), write(t, families)
	files := func(path string, wants ...Want) int {
		s, err := Build(t.Context(), path, dir, wants, dump.Options{}, testKeys{7}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		found, _ := filepath.Glob(filepath.Join(dir, "*.stage"))
		return len(found)
	}
	if n := files(path, familyWants...); n != 1 {
		t.Errorf("%d files", n)
	}
	found, _ := filepath.Glob(filepath.Join(dir, "*.stage"))
	first, _ := os.Stat(found[0])
	if n := files(path, familyWants...); n != 1 {
		t.Errorf("%d files after the same again", n)
	}
	if again, _ := os.Stat(found[0]); !again.ModTime().Equal(first.ModTime()) {
		t.Error("the file was made again")
	}
	if n := files(write(t, families+"-- more\n"), familyWants...); n != 2 {
		t.Errorf("%d files after another dump", n)
	}
	if n := files(path, familyWants[:1]...); n != 3 {
		t.Errorf("%d files after other wishes", n)
	}
}

func TestABrokenDumpLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	_, err := Build(t.Context(), write(t, families+"INSERT INTO bag VALUES (1"), dir, familyWants, dump.Options{}, testKeys{7}, nil)
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.stage*")); len(left) != 1 || !strings.HasSuffix(left[0], ".lock") {
		t.Errorf("left %q", left)
	}
}

func TestStoppingLeavesNothing(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	dir := t.TempDir()
	var big strings.Builder
	big.WriteString("CREATE TABLE t (id int PRIMARY KEY, v text);\n")
	for i := range 30_000 {
		fmt.Fprintf(&big, "INSERT INTO t VALUES (%d,'%060d');\n", i, i)
	}
	_, err := Build(ctx, write(t, big.String()), dir, []Want{{Table: "t"}}, dump.Options{}, testKeys{7}, func(done, total int64) { stop() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.building")); len(left) != 0 {
		t.Errorf("left %q", left)
	}
}

// A process that dies while staging leaves a file that nobody opens, and the next one starts over.
func TestStagingSurvivesKill(t *testing.T) {
	if path := os.Getenv("STAGE_CHILD_DUMP"); path != "" {
		_, err := Build(t.Context(), path, os.Getenv("STAGE_CHILD_DIR"), []Want{{Table: "t"}}, dump.Options{}, testKeys{7}, nil)
		t.Fatalf("was not killed: %v", err)
	}
	const rows = 120_000
	var big strings.Builder
	big.WriteString("CREATE TABLE t (id int PRIMARY KEY, v text);\nINSERT INTO t VALUES (0,'')")
	for i := 1; i < rows; i++ {
		fmt.Fprintf(&big, ",\n(%d,'%040d')", i, i)
	}
	big.WriteString(";\n")
	path, dir := write(t, big.String()), t.TempDir()
	for _, after := range []time.Duration{50, 120, 200} {
		child := exec.Command(os.Args[0], "-test.run=TestStagingSurvivesKill")
		child.Env = append(os.Environ(), "STAGE_CHILD_DUMP="+path, "STAGE_CHILD_DIR="+dir)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		child.Process.Kill()
		child.Wait()
	}
	s, err := Build(t.Context(), path, dir, []Want{{Table: "t"}}, dump.Options{}, testKeys{7}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n := 0
	for row, err := range s.Rows(t.Context(), tableOf(t, s, "t"), source.Position{}) {
		if err != nil {
			t.Fatal(err)
		}
		if row.KeyText() != fmt.Sprint(n) {
			t.Fatalf("row %d has key %s", n, row.KeyText())
		}
		n++
	}
	if n != rows {
		t.Errorf("%d rows, want %d", n, rows)
	}
}

// What is staged is what the dump says, cell by cell: checksums of all rows of a real dump, read both ways.
func TestOpalStagesAsItReads(t *testing.T) {
	path := suites.Path(t, "legacy-opaldb", "opal-legacy-omi-test.sql.gz")
	r, err := dump.Open(path, dump.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	want := map[string]map[string]source.Sum{}
	for row, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if want[row.Table.String()] == nil {
			want[row.Table.String()] = map[string]source.Sum{}
		}
		want[row.Table.String()][string(row.Key())], _ = source.Checksum(row, nil)
	}
	var wants []Want
	for _, c := range r.Tables() {
		wants = append(wants, Want{Table: c.Table.String()})
	}
	s, err := Build(t.Context(), path, t.TempDir(), wants, dump.Options{}, testKeys{7}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		n, scratch := 0, []byte(nil)
		for row, err := range s.Rows(t.Context(), table, source.Position{}) {
			if err != nil {
				t.Fatal(err)
			}
			var sum source.Sum
			if sum, scratch = source.Checksum(row, scratch); sum != want[table.String()][string(row.Position.Key)] {
				t.Fatalf("%s: a row differs", table)
			}
			n++
		}
		if n != len(want[table.String()]) {
			t.Errorf("%s: %d rows, want %d", table, n, len(want[table.String()]))
		}
	}
}
