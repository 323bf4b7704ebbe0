package ledger

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/strangler/source"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func both(t *testing.T, story func(t *testing.T, d *db.DB)) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		must(t, Migrate(context.Background(), d))
		story(t, d)
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, d *db.DB, fn func(tx db.Tx) error) {
	t.Helper()
	must(t, d.Write(context.Background(), fn))
}

func rows(t *testing.T, d *db.DB, after, upto []byte) (all []Row) {
	t.Helper()
	must(t, d.Read(context.Background(), func(tx db.Tx) error {
		return Range(context.Background(), tx, 1, 5, after, upto, func(r Row) error {
			all = append(all, r)
			return nil
		})
	}))
	return all
}

func TestRowsArePutReadAndCounted(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		a := Row{Table: 5, Key: []byte{1}, Map: 2, State: Mapped, Leaf: Leaf{1}, Image: bytes.Repeat([]byte{7}, 16), Run: 1}
		b := Row{Table: 5, Key: []byte{2}, Map: 2, State: Filtered, Reason: 9, Leaf: Leaf{2}, Root: []byte{1}, Run: 1}
		c := Row{Table: 5, Key: []byte{3}, Whole: []byte{3, 3}, Map: 2, State: Quarantined, Reason: 8, Leaf: Leaf{3}, Run: 1}
		write(t, d, func(tx db.Tx) error { return Put(ctx, tx, 1, []Row{a, b, c}) })
		if diff := cmp.Diff([]Row{a, b, c}, rows(t, d, nil, nil)); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff([]Row{b}, rows(t, d, []byte{1}, []byte{2})); diff != "" {
			t.Fatal(diff)
		}
		write(t, d, func(tx db.Tx) error { return MarkGone(ctx, tx, 1, 4, []Row{a}) })
		counts, err := CountRows(ctx, d, 1)
		must(t, err)
		want := Count{Filtered: 1, Quarantined: 1, Owned: 1, Gone: 1, Reasons: map[int32]int64{9: 1, 8: 1}}
		if diff := cmp.Diff(map[int32]Count{5: want}, counts); diff != "" {
			t.Fatal(diff)
		}
		a.Run, a.State = 5, Filtered
		write(t, d, func(tx db.Tx) error { return Put(ctx, tx, 1, []Row{a}) })
		if diff := cmp.Diff(a, rows(t, d, nil, []byte{1})[0]); diff != "" {
			t.Fatalf("a row that came back: %s", diff)
		}
		if other, err := CountRows(ctx, d, 2); err != nil || len(other) != 0 {
			t.Fatal("another tenant's rows", other, err)
		}
	})
}

func start(t *testing.T, d *db.DB, hash string, afresh bool) (Run, bool, error) {
	t.Helper()
	return Start(context.Background(), d, 1, Run{Pack: "opal", Mapping: "m", Source: "a.sql", Hash: hash, Touched: noon}, afresh)
}

func advance(d *db.DB, run Run, s Step, c Chunk) error {
	return d.Write(context.Background(), func(tx db.Tx) error {
		return Advance(context.Background(), tx, 1, run, s, c, noon)
	})
}

func TestARunMovesOnOnlyForTheHolderOfItsFence(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		first, resumed, err := start(t, d, "h1", false)
		must(t, err)
		if resumed || first.ID != 1 {
			t.Fatalf("%+v, resumed %v", first, resumed)
		}
		must(t, Plan(ctx, d, 1, first, []Step{{Number: 1, Map: 2, Table: 5}, {Number: 2, Map: 3, Table: 6}}))
		step := Step{Number: 1, Map: 2, Table: 5}
		chunk := Chunk{Upto: []byte{4}, Rows: 10, Wrote: 8, Same: 2}
		must(t, advance(d, first, step, chunk))
		if err := advance(d, first, step, chunk); !fault.Is(err, fault.Conflict) {
			t.Fatalf("the same step moved twice: %v", err)
		}
		step = step.Moved(chunk)
		second, resumed, err := start(t, d, "h1", false)
		must(t, err)
		if !resumed || second.ID != 1 || second.Fence <= first.Fence {
			t.Fatalf("%+v, resumed %v", second, resumed)
		}
		if err := advance(d, first, step, chunk); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a zombie wrote: %v", err)
		}
		if err := End(ctx, d, 1, first, Done, noon, NewHasher([32]byte{1})); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a zombie ended the run: %v", err)
		}
		last := Chunk{Last: true}
		must(t, advance(d, second, step, last))
		steps, err := Steps(ctx, d, 1, 1)
		must(t, err)
		want := []Step{step.Moved(last), {Number: 2, Map: 3, Table: 6}}
		if diff := cmp.Diff(want, steps); diff != "" {
			t.Fatal(diff)
		}
		must(t, End(ctx, d, 1, second, Done, noon, NewHasher([32]byte{1})))
		third, resumed, err := start(t, d, "h2", false)
		must(t, err)
		if resumed || third.ID != 2 {
			t.Fatalf("%+v, resumed %v", third, resumed)
		}
		if runs, err := Runs(ctx, d, 1); err != nil || len(runs) != 2 || runs[0].State != Done || runs[1].Hash != "h2" {
			t.Fatal(runs, err)
		}
	})
}

func TestAnUnfinishedRunIsNotMixedWithAnother(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		first, _, err := start(t, d, "h1", false)
		must(t, err)
		if _, _, err := start(t, d, "h2", false); !fault.Is(err, fault.Conflict) {
			t.Fatalf("another source: %v", err)
		}
		other := Run{Pack: "opal", Mapping: "m2", Hash: "h1", Touched: noon}
		if _, _, err := Start(context.Background(), d, 1, other, false); !fault.Is(err, fault.Conflict) {
			t.Fatalf("another mapping: %v", err)
		}
		run, resumed, err := start(t, d, "h2", true)
		must(t, err)
		if resumed || run.ID != 2 {
			t.Fatalf("%+v, resumed %v", run, resumed)
		}
		if err := End(context.Background(), d, 1, first, Done, noon, NewHasher([32]byte{1})); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a run that was given up: %v", err)
		}
	})
}

func TestQuarantineKeepsItsNumbers(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		a := Held{Table: 5, Key: []byte{1}, Map: 2, Mapping: "m", Place: "line 3", Rule: "patient.yaml:7", Path: "Sex", Reason: "no such code", Image: []byte{9}, Run: 1, At: noon}
		b := a
		b.Key = []byte{2}
		write(t, d, func(tx db.Tx) error { return Hold(ctx, tx, 1, []Held{a, b}) })
		a.Reason, a.Run = "still none", 2
		c := a
		c.Key = []byte{3}
		write(t, d, func(tx db.Tx) error { return Hold(ctx, tx, 1, []Held{a, c}) })
		write(t, d, func(tx db.Tx) error { return Release(ctx, tx, 1, 5, [][]byte{{2}, {8}}) })
		var got []Held
		must(t, Quarantine(ctx, d, 1, 0, 10, func(h Held) error {
			got = append(got, h)
			return nil
		}))
		a.ID, c.ID = 1, got[len(got)-1].ID
		if diff := cmp.Diff([]Held{a, c}, got); diff != "" || c.ID <= 2 {
			t.Fatal(diff, c.ID)
		}
	})
}

func TestFindingsAddUp(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		for range 2 {
			write(t, d, func(tx db.Tx) error {
				return AddFindings(ctx, tx, 1, 1, map[Finding]int64{{1, 2}: 3, {1, 3}: 1})
			})
		}
		got, err := Findings(ctx, d, 1, 1)
		if diff := cmp.Diff(map[Finding]int64{{1, 2}: 6, {1, 3}: 2}, got); diff != "" || err != nil {
			t.Fatal(diff, err)
		}
	})
}

func TestTheNameSpaceIsSettledOnce(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if none, err := KnownSpace(ctx, d, 1, "opal"); err != nil || none != uuid.Nil {
			t.Fatal(none, err)
		}
		first, err := Space(ctx, d, 1, "opal", uuid.New())
		must(t, err)
		second, err := Space(ctx, d, 1, "opal", uuid.New())
		must(t, err)
		known, err := KnownSpace(ctx, d, 1, "opal")
		if err != nil || first != second || known != first || first == uuid.Nil {
			t.Fatal(first, second, known, err)
		}
		if other, err := Space(ctx, d, 2, "opal", uuid.New()); err != nil || other == first {
			t.Fatal("two tenants share a name space")
		}
	})
}

func TestLongKeysStayApartAndInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.Custom(func(t *rapid.T) []byte {
			return append(bytes.Repeat([]byte{3}, rapid.IntRange(0, 300).Draw(t, "n")), rapid.SliceOfN(rapid.Byte(), 1, 4).Draw(t, "end")...)
		})
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		ka, wa := Key(a)
		kb, _ := Key(b)
		if len(ka) > longest || bytes.Equal(ka, kb) != bytes.Equal(a, b) {
			t.Fatalf("%d and %d bytes become %d and %d", len(a), len(b), len(ka), len(kb))
		}
		if (Row{Key: ka, Whole: wa}).Source() == nil || !bytes.Equal((Row{Key: ka, Whole: wa}).Source(), a) {
			t.Fatal("the key is not kept in full")
		}
		short := len(a) <= kept || len(b) <= kept
		if short && bytes.Compare(ka, kb) != bytes.Compare(a, b) {
			t.Fatal("the order is lost")
		}
	})
}

func TestBeforeIsJustBefore(t *testing.T) {
	table := &source.Table{Columns: []source.Column{{Name: "n", Type: "int"}, {Name: "s", Type: "varchar"}}, PrimaryKey: []string{"n", "s"}}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) []byte {
			n := rapid.Int64Range(-300, 300).Draw(t, label)
			s := rapid.StringN(0, 3, -1).Draw(t, label)
			return source.Row{Table: table, Cells: []source.Cell{source.Text(strconv.FormatInt(n, 10)), source.Text(s)}}.Key()
		}
		a, b := draw("a"), draw("b")
		before := Before(a)
		if bytes.Compare(before, a) >= 0 {
			t.Fatal("not before")
		}
		if bytes.Compare(b, before) > 0 && bytes.Compare(b, a) < 0 {
			t.Fatalf("%x lies between %x and %x", b, before, a)
		}
	})
}

func TestAFamilyKeepsItsCells(t *testing.T) {
	cells := []source.Cell{source.Text("x"), source.NullCell(), {}, {State: source.Damaged, Bytes: []byte("\uFFFD"), Raw: []byte{0x81}}}
	f := Family{Root: Image{"db.a", []string{"a", "b", "c", "d"}, cells}, Children: []Image{{"db.b", []string{"e"}, cells[:1]}}}
	b := f.Append(nil)
	got, err := ReadFamily(b)
	if diff := cmp.Diff(f, got); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	for i := range b {
		if _, err := ReadFamily(b[:i]); err == nil && i > 0 && i != len(b)-len(appended(f.Children)) {
			t.Errorf("%d of %d bytes were taken for a family", i, len(b))
		}
	}
}

func appended(children []Image) []byte {
	return Family{Root: children[0], Children: children[1:]}.Append(nil)
}

func FuzzReadFamily(f *testing.F) {
	f.Add(Family{Root: Image{"db.a", []string{"a"}, []source.Cell{source.Text("x")}}}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		fam, err := ReadFamily(b)
		if err != nil {
			return
		}
		again, err := ReadFamily(fam.Append(nil))
		if diff := cmp.Diff(fam, again); diff != "" || err != nil {
			t.Fatal(diff, err)
		}
	})
}

func TestRangesHoldCutKeysToo(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		stem := bytes.Repeat([]byte{3}, 250)
		var all []Row
		for i := range byte(40) {
			full := append(bytes.Clone(stem), bytes.Repeat([]byte{i}, 20*int(i%2)+1)...)
			key, whole := Key(full)
			all = append(all, Row{Table: 5, Key: key, Whole: whole, Map: 2, State: Mapped, Run: 1})
		}
		write(t, d, func(tx db.Tx) error { return Put(ctx, tx, 1, all) })
		for i := range all {
			got := rows(t, d, all[i].Source(), nil)
			want := 0
			for j := range all {
				if bytes.Compare(all[j].Source(), all[i].Source()) > 0 {
					want++
				}
			}
			if behind := len(got); behind != want {
				t.Errorf("behind row %d: %d rows, want %d", i, behind, want)
			}
			if upto := len(rows(t, d, nil, all[i].Source())); upto != len(all)-want {
				t.Errorf("up to row %d: %d rows, want %d", i, upto, len(all)-want)
			}
		}
		var found []int
		must(t, d.Read(ctx, func(tx db.Tx) error {
			return Of(ctx, tx, 1, 5, [][]byte{all[7].Key, {1}, all[3].Key}, func(i int, r Row) error {
				found = append(found, i)
				return nil
			})
		}))
		slices.Sort(found)
		if diff := cmp.Diff([]int{0, 2}, found); diff != "" {
			t.Error(diff)
		}
	})
}
