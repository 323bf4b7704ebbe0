package source

import (
	"bytes"
	"cmp"
	"math/big"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func sample() *Table {
	return &Table{Database: "d", Name: "t", PrimaryKey: []string{"id", "code"}, Columns: []Column{
		{Name: "id", Type: "int"}, {Name: "code", Type: "varchar"}, {Name: "n", Type: "decimal"}, {Name: "b", Type: "blob"}, {Name: "at", Type: "datetime"}}}
}

func TestKeyColumns(t *testing.T) {
	columns := []Column{{Name: "a", Type: "int"}, {Name: "B", Type: "int", Nullable: true}, {Name: "c", Type: "int"}, {Name: "re", Type: "timestamp", Generated: "row end"}}
	for _, c := range []struct {
		name    string
		primary []string
		unique  [][]string
		want    []int
	}{
		{"primary key", []string{"c", "a"}, [][]string{{"a"}}, []int{2, 0}},
		{"first unique key without nullable columns", nil, [][]string{{"a", "B"}, {"c"}, {"a"}}, []int{2}},
		{"names without regard to case", []string{"A", "b"}, nil, []int{0, 1}},
		{"end of a version left out", []string{"a", "re"}, nil, []int{0}},
		{"none", nil, [][]string{{"B"}}, nil},
	} {
		table := &Table{Columns: columns, PrimaryKey: c.primary, Unique: c.unique}
		if got := table.KeyColumns(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Keys sort as their columns: integers by value, then text by bytes; NULL first. The comparison here is made on the values.
func TestKeysSortAsTheirColumns(t *testing.T) {
	table := sample()
	type pair struct {
		id   *big.Int // nil is NULL
		code string
	}
	draw := rapid.Custom(func(t *rapid.T) pair {
		id := rapid.OneOf(rapid.Map(rapid.Int64(), big.NewInt), rapid.Map(rapid.Uint64(), new(big.Int).SetUint64), rapid.Just((*big.Int)(nil))).Draw(t, "id")
		return pair{id, rapid.StringOfN(rapid.SampledFrom([]rune{0, 1, 2, 'a', 'b', 'é', 0xFF}), 0, 4, -1).Draw(t, "code")}
	})
	key := func(p pair) []byte {
		id := NullCell()
		if p.id != nil {
			id = Text(p.id.String())
		}
		return Row{Table: table, Cells: []Cell{id, Text(p.code), {}, {}, {}}}.Key()
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		if got, want := bytes.Compare(key(a), key(b)), compare(a.id, b.id, a.code, b.code); got != want {
			t.Fatalf("%v and %v sort as %d, want %d", a, b, got, want)
		}
	})
}

func compare(a, b *big.Int, codeA, codeB string) int {
	switch {
	case a == nil && b == nil:
		return cmp.Compare(codeA, codeB)
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return cmp.Or(a.Cmp(b), cmp.Compare(codeA, codeB))
}

func TestKeyOfHistoryAndOfNoKey(t *testing.T) {
	table := &Table{Columns: []Column{{Name: "id", Type: "int"}, {Name: "re", Type: "timestamp", Generated: "row end"}}, PrimaryKey: []string{"id"}}
	now := Row{Table: table, Cells: []Cell{Text("1"), Text("2038-01-19 03:14:07.999999")}}
	old := Row{Table: table, Cells: []Cell{Text("1"), Text("2020-01-01 00:00:00.000000")}}
	if now.Historical() || !old.Historical() || bytes.Equal(now.Key(), old.Key()) || !bytes.HasPrefix(old.Key(), now.Key()) {
		t.Errorf("now %v %x, old %v %x", now.Historical(), now.Key(), old.Historical(), old.Key())
	}
	if absent := (Row{Table: table, Cells: []Cell{Text("1"), {}}}); absent.Historical() || !bytes.Equal(absent.Key(), now.Key()) {
		t.Error("a row without the end of its version is current")
	}
	none := Row{Table: &Table{Columns: table.Columns[:1]}, Cells: []Cell{Text("7")}, Position: Position{Row: 3}}
	if none.KeyText() != "#3" || !bytes.Equal(none.Key(), appendInteger(nil, 3)) {
		t.Errorf("key %x %s", none.Key(), none.KeyText())
	}
	if got := (Row{Table: sample(), Cells: []Cell{Text("5"), Text("ODH"), {}, {}, {}}}).KeyText(); got != "5/ODH" {
		t.Errorf("key text %s", got)
	}
}

func TestNumbersHaveOneSpelling(t *testing.T) {
	for _, same := range [][]string{
		{"1.5", "1.50", "+1.5", "01.500", "15e-1", "0.15E+1", ".15e1"},
		{"0", "-0", "0.000", "0e5", "+0", "-.0"},
		{"100", "1e2", "1E+2", "100.0"},
		{"-2.5e-300", "-25e-301", "-0.025e-298"},
		{"18446744073709551615", "018446744073709551615.0"},
	} {
		first, _ := appendNumeral(nil, []byte(same[0]))
		for _, s := range same {
			if got, ok := appendNumeral(nil, []byte(s)); !ok || !bytes.Equal(got, first) {
				t.Errorf("%s: %s, %v; want %s", s, got, ok, first)
			}
		}
	}
	for _, other := range []string{"", "-", ".", "1.2.3", "e5", "1e", "1e+", "0x10", "1 ", "NULL", "1e99999999999999999999"} {
		if got, ok := appendNumeral([]byte("keep"), []byte(other)); ok || string(got) != "keep" {
			t.Errorf("%q is no number, got %s", other, got)
		}
	}
}

// Two literals have one spelling if and only if they are the same rational number.
func TestSpellingIsValue(t *testing.T) {
	literal := rapid.StringMatching(`-?[0-9]{1,4}(\.[0-9]{0,4})?(e-?[0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := literal.Draw(t, "a"), literal.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		got, ok := appendNumeral(nil, []byte(a))
		want, ok2 := appendNumeral(nil, []byte(b))
		if !ok || !ok2 || bytes.Equal(got, want) != (x.Cmp(y) == 0) {
			t.Fatalf("%s -> %s, %s -> %s", a, got, b, want)
		}
	})
}

func TestCanonicalTellsRowsApart(t *testing.T) {
	table := sample()
	row := func(cells ...Cell) []byte { return Canonical(nil, Row{Table: table, Cells: cells}) }
	base := []Cell{Text("1"), Text("a"), Text("1.50"), Binary([]byte{0}), Text("2020-01-01 00:00:00")}
	change := func(i int, c Cell) []byte {
		cells := slices.Clone(base)
		cells[i] = c
		return row(cells...)
	}
	if !bytes.Equal(row(base...), change(2, Text("1.5"))) {
		t.Error("1.50 and 1.5 differ")
	}
	if !bytes.Equal(row(base...), change(1, Cell{State: Value, Bytes: []byte("a"), Raw: []byte("\x00a")})) {
		t.Error("a text differs by the character set that carried it")
	}
	seen := map[string]int{string(row(base...)): -1}
	for i, other := range [][]byte{change(0, Text("2")), change(0, NullCell()), change(0, Cell{}), change(1, Text("")), change(1, Text("A")), change(1, Text("a ")),
		change(2, Text("1.51")), change(2, Text("abc")), change(3, Binary(nil)), change(4, Text("0000-00-00 00:00:00")),
		change(1, Cell{State: Damaged, Bytes: []byte("\uFFFD"), Raw: []byte{0x80}}), change(1, Cell{State: Damaged, Bytes: []byte("\uFFFD"), Raw: []byte{0x81}}),
		row(base[:4]...), change(1, Text("e\u0301")), change(1, Text("é"))} {
		if before, is := seen[string(other)]; is {
			t.Errorf("change %d equals change %d", i, before)
		}
		seen[string(other)] = i
	}
}

func TestGeneratedColumnsDoNotCount(t *testing.T) {
	table := &Table{Columns: []Column{{Name: "a", Type: "int"}, {Name: "g", Type: "int", Generated: "(a*2)"}}}
	with := Canonical(nil, Row{Table: table, Cells: []Cell{Text("1"), Text("2")}})
	if without := Canonical(nil, Row{Table: table, Cells: []Cell{Text("1"), {}}}); !bytes.Equal(with, without) {
		t.Error("a generated column makes a difference")
	}
}

func TestChecksumIsOfTheCanonicalBytes(t *testing.T) {
	a := Row{Table: sample(), Cells: []Cell{Text("1"), Text("a"), Text("1.50"), Cell{}, NullCell()}}
	b := a.Clone()
	b.Cells[2] = Text("15e-1")
	sumA, scratch := Checksum(a, nil)
	sumB, _ := Checksum(b, scratch)
	if sumA != sumB {
		t.Error("checksums differ")
	}
	b.Cells[1] = Text("b")
	if sumB, _ = Checksum(b, scratch); sumA == sumB {
		t.Error("checksums are the same")
	}
}

func cellGenerator() *rapid.Generator[Cell] {
	return rapid.Custom(func(t *rapid.T) Cell {
		c := Cell{State: State(rapid.IntRange(0, 3).Draw(t, "state"))}
		if c.Has() {
			c.Bytes = rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "bytes")
		}
		if c.State == Damaged || c.State == Value && rapid.Bool().Draw(t, "differs") {
			c.Raw = append([]byte{}, rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "raw")...)
		}
		return c
	})
}

func TestStoredCellsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells := rapid.SliceOfN(cellGenerator(), 0, 8).Draw(t, "cells")
		got, err := ReadCells(nil, AppendCells(nil, cells))
		if err != nil {
			t.Fatal(err)
		}
		same := gocmp.Comparer(func(a, b Cell) bool {
			return a.State == b.State && bytes.Equal(a.Bytes, b.Bytes) && bytes.Equal(a.Raw, b.Raw) && (a.Raw == nil) == (b.Raw == nil)
		})
		if len(cells) > 0 && !gocmp.Equal(cells, got, same) {
			t.Fatal(gocmp.Diff(cells, got, same))
		}
	})
}

func FuzzReadCells(f *testing.F) {
	f.Add(AppendCells(nil, []Cell{Text("a"), NullCell(), {}, {State: Damaged, Bytes: []byte("b"), Raw: []byte("c")}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if cells, err := ReadCells(nil, b); err == nil {
			if again, err := ReadCells(nil, AppendCells(nil, cells)); err != nil || len(again) != len(cells) {
				t.Errorf("%d cells, then %d, %v", len(cells), len(again), err)
			}
		}
	})
}

func TestMissingCells(t *testing.T) {
	zero := "0"
	for name, c := range map[string]struct {
		column Column
		want   State
	}{
		"constant default": {Column{Default: &zero, Nullable: true}, Value}, "nullable": {Column{Nullable: true}, Null}, "neither": {Column{}, Absent},
		"computed": {Column{Computed: "now()", Nullable: true}, Absent}, "generated": {Column{Generated: "(a+1)", Nullable: true}, Absent}, "auto": {Column{Auto: true}, Absent},
	} {
		if got := c.column.Missing(); got.State != c.want {
			t.Errorf("%s: state %d, want %d", name, got.State, c.want)
		}
	}
}

func TestBits(t *testing.T) {
	if n, ok := Binary([]byte{0x0A, 0x03}).Uint(); n != 0xA03 || !ok {
		t.Error(n, ok)
	}
	if _, ok := Binary(make([]byte, 9)).Uint(); ok {
		t.Error("nine bytes are no number")
	}
}

func TestARowFindsItsCellsByName(t *testing.T) {
	row := Row{Table: sample(), Cells: []Cell{Text("5"), Text("ODH")}}
	if row.Cell("CODE").String() != "ODH" || row.Cell("n").State != Absent || row.Cell("zz").State != Absent {
		t.Error("cells are not found by name")
	}
	clone := row.Clone()
	row.Cells[1].Bytes[0] = 'X'
	if clone.Cell("code").String() != "ODH" {
		t.Error("a clone shares memory")
	}
	if at, ok := row.Table.Indexes([]string{"code", "id"}); !ok || !slices.Equal(at, []int{1, 0}) {
		t.Error(at, ok)
	}
	if p := (Position{Line: 2, Offset: 30, Statement: 4, Row: 5}).String(); p != "line 2, byte 30, statement 4, row 5" {
		t.Error(p)
	}
}

// A key says again what was shown of its row; what is no key says nothing.
func TestAKeyIsShownAsItsRowWas(t *testing.T) {
	table := sample()
	for _, r := range [][]Cell{{Text("51"), Text("ODH")}, {Text("-7"), Text("")}, {NullCell(), Text("a b/é")}, {Text("18446744073709551615"), Text("x")}} {
		row := Row{Table: table, Cells: append(r, Cell{}, Cell{}, Cell{})}
		if got, ok := table.KeyText(row.Key()); !ok || got != row.KeyText() {
			t.Errorf("%q %v, want %q", got, ok, row.KeyText())
		}
	}
	for _, key := range [][]byte{nil, {9}, {1, 2}, {3, 'a'}, {3, 'a', 0}, {3, 'a', 0, 1}, {0, 3, 0xC3, 0, 1}, {0, 3, 'a', 0, 0xFF, 0, 1}, {0, 0, 0, 0}} {
		if got, ok := table.KeyText(key); ok {
			t.Errorf("% X is shown as %q", key, got)
		}
	}
	bare := table.With(func(t *Table) { t.PrimaryKey, t.Unique = nil, nil })
	row := Row{Table: bare, Cells: make([]Cell, 5), Position: Position{Row: 7}}
	if got, ok := bare.KeyText(row.Key()); !ok || got != row.KeyText() {
		t.Errorf("%q %v, want %q", got, ok, row.KeyText())
	}
}
