package audit

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ficushealth/ficus/engine/db"
)

// someRuns are pairs of blocks in runs of these lengths: a hash that every block has, one that every seventh has, and others.
func someRuns(r *rand.Rand, lengths ...int64) (list []run, pairs [][]pair) {
	low := int64(1)
	for _, n := range lengths {
		var own []pair
		for b := low; b < low+n; b++ {
			own = append(own, pair{1 << 31, b}, pair{r.Uint32(), b})
			if b%7 == 0 {
				own = append(own, pair{42, b}, pair{1<<32 - 1, b})
			}
		}
		own = sorted(own)
		list, pairs = append(list, run{low, low + n - 1, int64(len(own))}), append(pairs, own)
		low += n
	}
	return list, pairs
}

func TestPagesComeBack(t *testing.T) {
	list, pairs := someRuns(rand.New(rand.NewPCG(1, 1)), 1, 5000, 3)
	for i := range list {
		var back []pair
		pages := paged(pairs[i], list[i].low)
		for _, p := range pages {
			if len(p.body) > pageBytes {
				t.Errorf("a page of %d bytes", len(p.body))
			}
			var ok bool
			if back, ok = p.pairs(back, list[i].low); !ok {
				t.Fatal("a page cannot be read")
			}
		}
		if diff := cmp.Diff(pairs[i], back, cmp.AllowUnexported(pair{})); diff != "" {
			t.Error(diff)
		}
		if i == 1 && len(pages) < 10 {
			t.Errorf("%d pages", len(pages))
		}
	}
}

// TestPostingsAreFoundAcrossPagesAndRuns walks along hashes that one block has, and all, from every direction.
func TestPostingsAreFoundAcrossPagesAndRuns(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		list, pairs := someRuns(rand.New(rand.NewPCG(2, 2)), 5000, 1, 300, 1, 1, 80, 2)
		var all []pair
		err := d.Write(t.Context(), func(tx db.Tx) error {
			return tx.Last(t.Context(), func(p *db.Pipe) {
				for i := range list {
					queueRun(p, 1, list[i], pairs[i])
					all = append(all, pairs[i]...)
				}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		posted := map[pair]bool{}
		for _, p := range all {
			posted[p] = true
		}
		has := func(h uint32, n int64) bool { return posted[pair{h, n}] }
		for _, terms := range [][][]uint32{{{1 << 31}}, {{42}}, {{1<<32 - 1}}, {{7}}, {{all[3].hash}}, {{42}, {1 << 31}}, {{1 << 31}, {42}}, {{1 << 31}, {42}, {all[9].hash}},
			{{42, all[3].hash, 7}}, {{42, 1 << 31}}, {{1 << 31}, {all[9].hash, 42}}, {{1 << 31}, {7, 8}}} {
			for _, from := range []int64{5385, 5301, 5000, 4321, 1} {
				var want []int64
				for n := from; n >= 3; n-- {
					if !slices.ContainsFunc(terms, func(any []uint32) bool { return !slices.ContainsFunc(any, func(h uint32) bool { return has(h, n) }) }) {
						want = append(want, n)
					}
				}
				if diff := cmp.Diff(want, walked(t, d, terms, from, 3)); diff != "" {
					t.Fatalf("%v from %d: %s", terms, from, diff)
				}
			}
		}
	})
}

func walked(t *testing.T, d *db.DB, terms [][]uint32, n, low int64) (list []int64) {
	t.Helper()
	s, err := newSeeker(t.Context(), testKeys, 1, Question{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.pack.close()
	err = d.Read(t.Context(), func(tx db.Tx) error {
		s.t = tx
		if err := s.orient(); err != nil {
			return err
		}
		for n >= low {
			some, next, err := s.candidates(terms, n, low)
			if err != nil {
				return err
			}
			if next >= n {
				t.Fatalf("it does not go on behind %d", n)
			}
			list, n = append(list, some...), next
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestRunsBecomeOne posts block by block: few runs are left, and what is searched for is found in them.
func TestRunsBecomeOne(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		r := rand.New(rand.NewPCG(3, 3))
		for range 60 {
			mustChange(t, d, l, crowd(r, 20)...)
			mustSeal(t, s)
			mustPost(t, s)
		}
		var list []run
		err := d.Read(t.Context(), func(tx db.Tx) (err error) {
			list, err = listRuns(t.Context(), tx, runs.all, 1)
			return err
		})
		if err != nil || len(list) > 8 || list[0].low != 1 || list[len(list)-1].high != 60 {
			t.Fatal(err, list)
		}
		for name, f := range filters {
			want := collect(t, d, 1, f)
			slices.Reverse(want)
			if diff := cmp.Diff(want, entriesOf(pages(t, d, f, 100, func() {}))); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		if report := mustVerify(t, d, ""); !report.OK() {
			t.Errorf("%+v", report.Problems)
		}
	})
}

// TestBlocksWaitForTheIndexOnlySoLong: many small blocks, or few large ones, are posted by themselves.
func TestBlocksWaitForTheIndexOnlySoLong(t *testing.T) {
	both(t, func(t *testing.T, d *db.DB) {
		l, s := newLog(t, d), NewSealer(d, testKeys, SealOptions{})
		defer s.Close()
		upto := func() (n int64) {
			err := d.Read(t.Context(), func(tx db.Tx) (err error) {
				n, err = postedUpto(t.Context(), tx, 1)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		mustSeal(t, s) // from here on it knows what waits
		for range 15 {
			mustChange(t, d, l, readOf(1, "small"))
			mustSeal(t, s)
		}
		if n := upto(); n != 0 {
			t.Errorf("posted up to %d", n)
		}
		mustChange(t, d, l, readOf(1, "small"))
		mustSeal(t, s)
		if n := upto(); n != 16 {
			t.Errorf("posted up to %d", n)
		}
		mustChange(t, d, l, many(1, "large", postWeight)...)
		mustSeal(t, s)
		if n := upto(); n != 17 {
			t.Errorf("posted up to %d", n)
		}
	})
}

func FuzzPage(f *testing.F) {
	f.Add(uint32(3), int64(4), int64(1), []byte{1, 2, 0, 3})
	f.Fuzz(func(t *testing.T, hash uint32, n, low int64, body []byte) {
		pairs, ok := page{pair{hash, n}, body}.pairs(nil, low)
		if ok && !slices.IsSortedFunc(pairs, pair.compare) {
			t.Errorf("%v", pairs)
		}
	})
}
