package outbox

import (
	"cmp"
	"slices"
)

// run says that the changes change..change+count-1 have the feed numbers first..first+count-1.
type run struct{ first, change, count int64 }

// end is the last change of the run.
func (r run) end() int64 { return r.change + r.count - 1 }

// next is the feed number behind the run.
func (r run) next() int64 { return r.first + r.count }

// span is a range of change numbers, both ends inside.
type span struct{ low, high int64 }

// holes are the ranges of changes above the floor, up to the highest change in the feed, that no run covers: numbers whose
// transactions still run or were rolled back. The runs do not overlap; top is the highest change that they cover, or the
// floor if that is higher.
func holes(floor int64, runs []run) (spans []span, top int64) {
	slices.SortFunc(runs, func(a, b run) int { return cmp.Compare(a.change, b.change) })
	top = floor
	for _, r := range runs {
		if r.end() <= top {
			continue
		}
		if r.change > top+1 {
			spans = append(spans, span{top + 1, r.change - 1})
		}
		top = r.end()
	}
	return spans, top
}

// number gives the changes, sorted, the feed numbers behind the last run, in as few runs as possible: longer is the count by
// which the last run grows, added are the runs behind it. Before the first run, last is {first: 1}.
func number(last run, changes []int64) (longer int64, added []run) {
	runs := []run{last}
	for _, c := range changes {
		tail := &runs[len(runs)-1]
		if tail.count > 0 && c == tail.end()+1 {
			tail.count++
			continue
		}
		runs = append(runs, run{first: tail.next(), change: c, count: 1})
	}
	return runs[0].count - last.count, runs[1:]
}
