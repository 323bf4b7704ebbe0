package audit

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
)

// The index is a step behind the chain: blocks wait until there is something to write at once, and searches look through those
// that wait.
const (
	postWeight  = 4000 // entries that wait at most
	blockWeight = 250  // what a small block counts for, so that 16 of them wait at most
	mostPairs   = 200_000
)

// weigh notes that blocks wait for the index.
func (s *Sealer) weigh(blocks []block) {
	for i := range blocks {
		if s.waits != nil {
			s.waits[blocks[i].tenant] += max(blocks[i].count, blockWeight)
		}
	}
}

// post brings the index up to date of each tenant of whom enough waits. A sealer that has just begun does not know, and looks.
func (s *Sealer) post(ctx context.Context) error {
	if s.waits == nil {
		tenants, err := s.tenants(ctx)
		if err != nil {
			return err
		}
		s.waits = map[int32]int{}
		for t := range tenants {
			s.waits[t] = postWeight
		}
	}
	for t, weight := range s.waits {
		for more := weight >= postWeight; more; {
			var err error
			if more, err = s.postSome(ctx, t); err != nil {
				return err
			}
			s.waits[t] = 0
		}
	}
	return nil
}

// posting is what is going to be a run.
type posting struct {
	tenant int32
	upto   int64 // the last block that was posted before
	run
	pairs []pair
	days  map[int64][2]int64 // first and last block with an entry of the day
	some  bool
	full  bool // there may be more
}

// postSome makes a run of the next blocks of a tenant, and of the shorter runs before them. All of it is made of what does not
// change, so the transaction that stores it has only to see that nobody else was first.
func (s *Sealer) postSome(ctx context.Context, tenant int32) (more bool, err error) {
	x := &posting{tenant: tenant, days: map[int64][2]int64{}}
	if err := s.d.Read(ctx, func(t db.Tx) error { return s.gatherPosting(ctx, t, x) }); err != nil || !x.some {
		return false, err
	}
	err = s.d.Write(ctx, func(t db.Tx) error {
		mine, err := s.alone(ctx, t)
		if err != nil || !mine {
			more = false
			return err
		}
		upto, err := postedUpto(ctx, t, tenant)
		if more = x.full; err != nil || upto != x.upto {
			return err
		}
		return t.Last(ctx, func(p *db.Pipe) {
			queueRun(p, tenant, x.run, x.pairs)
			queueDays(p, tenant, x.days)
		})
	})
	return more, err
}

// gatherPosting reads the next blocks and the runs that they become one with. A block that cannot be read is left out: Verify
// names it.
func (s *Sealer) gatherPosting(ctx context.Context, t db.Tx, x *posting) error {
	key, err := s.keys(x.tenant)
	if err != nil {
		return err
	}
	if x.upto, err = postedUpto(ctx, t, x.tenant); err != nil {
		return err
	}
	var page []block
	err = t.Query(ctx, blocksBehind, []any{x.tenant, x.upto, blockPage}, func(r db.Row) error {
		page = append(page, blockAt(r))
		return nil
	})
	if err != nil {
		return err
	}
	for i := range page {
		if x.full = len(x.pairs) > mostPairs; x.full {
			break
		}
		rows, _ := s.pack.unpack(&page[i])
		x.take(key, page[i].n, rows)
	}
	x.low, x.full = x.upto+1, x.full || len(page) == blockPage
	if x.some {
		err = x.fold(ctx, t)
	}
	x.run.pairs = int64(len(x.pairs))
	return err
}

// take adds a block.
func (x *posting) take(key [32]byte, n int64, rows []row) {
	hashes, days := posted(key, x.tenant, rows)
	for _, h := range hashes {
		x.pairs = append(x.pairs, pair{h, n})
	}
	for _, d := range days {
		span, known := x.days[d]
		if !known {
			span[0] = n
		}
		x.days[d] = [2]int64{span[0], n}
	}
	x.high, x.some = n, true
}

// tailRuns is how many runs are looked at; each is longer than all behind it together, or as long as a run becomes.
const tailRuns = 32

// fold takes the runs before along that are not longer than what there is, so that a pair is written anew only when the run in
// which it is becomes twice as long, and few runs are left.
func (x *posting) fold(ctx context.Context, t db.Tx) error {
	tail, err := listRuns(ctx, t, runs.tail, x.tenant, tailRuns)
	for _, r := range tail {
		if have := int64(len(x.pairs)); err != nil || r.pairs > have || r.pairs+have > mostPairs || r.high+1 != x.low {
			break
		}
		if x.pairs, err = r.load(ctx, t, x.tenant, x.pairs); err == nil {
			x.low = r.low
		}
	}
	x.pairs = sorted(x.pairs)
	return err
}

// posted are the hashes, sorted, and the days that the index has of a block with these rows.
func posted(key [32]byte, tenant int32, rows []row) (hashes []uint32, days []int64) {
	terms := map[term]bool{}
	add := func(t term) {
		if t.text != "" {
			terms[t] = true
		}
	}
	for i := range rows {
		add(rowTerm(rows[i].writer, rows[i].counter))
		_, entries, _ := decodeBody(rows[i].body)
		for k := range entries {
			entries[k].terms(add)
			if d := dayOf(entries[k].At.UnixMicro()); !slices.Contains(days, d) {
				days = append(days, d)
			}
		}
	}
	h := newHasher(key, tenant)
	for t := range terms {
		hashes = append(hashes, h.hash(t))
	}
	slices.Sort(hashes)
	return slices.Compact(hashes), days
}
