package store

import (
	"errors"
	"math"
	"slices"
)

// An order by several keys goes along the index of the first one. Those that are equal in it are a group, which is put in order by the
// further keys, whatever these are read from; so a page opens little more than it shows. A large group is a search of its own: what
// has that first key, in the order of the further ones.

const (
	mostEquals  = 2 * readings // resources of a group that are put in order by themselves
	firstEquals = 64           // that are walked beyond the page at first, to see where its last group ends
)

// grouping is a search in an order by several keys on its way.
type grouping struct {
	*finder
	walk  *finder // in the order of the first key alone
	ahead []hit   // what it has brought and is not in order yet; of these only number and first key are needed
	whole bool    // it brings no more
}

// groups reports whether the order has several keys, of which the first has an index.
func (f *finder) groups() bool {
	return len(f.keys) > 1 && len(f.words) == 0 && (f.keys[0].table != "" || f.keys[0].coded())
}

// grouped finds the page group by group, if there is much to be found. done is false where it is better to put all that
// matches in order.
func (f *finder) grouped() (out []hit, done bool, err error) {
	if large, err := f.large(); err != nil || !large {
		return nil, false, err
	}
	g := &grouping{finder: f, walk: f.byFirst()}
	if few, err := g.begin(); err != nil || few {
		return nil, false, err
	}
	for len(out) <= f.limit && (!g.whole || len(g.ahead) > 0) {
		some, err := g.next(f.limit + 1 - len(out))
		if errors.Is(err, errAlike) {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		out = append(out, some...)
	}
	return out[:min(len(out), f.limit+1)], true, nil
}

// byFirst is the search in the order of the first key, from the group on in which the cursor stands.
func (f *finder) byFirst() *finder {
	walk := *f
	walk.keys, walk.pauses, walk.bare = f.keys[:1], false, f.keys[0].list == 0 // codes that are listed are compared with the bodies
	walk.limit = f.limit + firstEquals
	if f.at.rid != 0 {
		walk.at = position{-1, f.at.keys[:1]}
	}
	return &walk
}

// begin walks for a moment. few says that it brought little and that there are so few matches that these should be put in order.
func (g *grouping) begin() (few bool, err error) {
	hits, full, err := g.walk.moment(g.walk.alongFirst())
	if err != nil {
		return false, err
	}
	if full {
		g.take(hits)
		return false, nil
	}
	cost := int64(1)
	if g.weighs() {
		cost = opening
	}
	_, few, err = g.walk.fewer(cost)
	return few, err
}

// opening is how many steps along an index take as long as to open a body.
const opening = 10

func (f *finder) alongFirst() source {
	return source{walk: -1, collect: -1, along: &f.keys[0], codes: f.keys[0].closed}
}

func (g *grouping) take(hits []hit) {
	if n := len(hits); n > 0 {
		g.walk.at = position{hits[n-1].RID, hits[n-1].keys}
	}
	g.ahead, g.whole = append(g.ahead, hits...), len(hits) <= g.walk.limit
	g.walk.limit = min(4*g.walk.limit, 2*mostEquals)
}

// next are the next groups in order, which hold as many resources as are wanted or are the next that are whole.
func (g *grouping) next(wanted int) ([]hit, error) {
	for {
		if n := g.equals(); n > mostEquals {
			return g.large(n, wanted)
		}
		if n := g.ripe(wanted); n > 0 {
			group := g.ahead[:n]
			g.ahead = g.ahead[n:]
			return g.inOrder(group)
		}
		if g.whole {
			return nil, nil
		}
		hits, err := g.walk.alongOne()
		if err != nil {
			return nil, err
		}
		g.take(hits)
	}
}

// alongOne is a portion of the walk.
func (f *finder) alongOne() ([]hit, error) {
	if f.keys[0].list != 0 {
		return f.listedCodes()
	}
	return f.run(f.alongFirst())
}

// ripe is how many of those ahead are groups of which no more can come; no more groups than it takes.
func (g *grouping) ripe(wanted int) (end int) {
	for i := 1; i <= len(g.ahead); i++ {
		last := i == len(g.ahead)
		if last && g.whole || !last && compareKeys(g.ahead[i].keys[0], g.ahead[i-1].keys[0]) != 0 {
			if end = i; end >= wanted {
				break
			}
		}
	}
	return end
}

// inOrder puts whole groups in order, but for what stands before the cursor or has another first key by now.
func (g *grouping) inOrder(group []hit) ([]hit, error) {
	rids, first := make([]int64, len(group)), make(map[int64]any, len(group))
	for i, h := range group {
		rids[i], first[h.RID] = h.RID, h.keys[0]
	}
	list, err := g.matches(rids)
	if err == nil {
		err = g.fill(list)
	}
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(w weighed) bool { return g.passed(w) || compareKeys(w.keys[0], first[w.RID]) != 0 })
	return g.weighedHits(g.foremost(list))
}

// equals is how many there are ahead of the first group.
func (g *grouping) equals() int {
	n := slices.IndexFunc(g.ahead, func(h hit) bool { return compareKeys(h.keys[0], g.ahead[0].keys[0]) != 0 })
	if n < 0 {
		return len(g.ahead)
	}
	return n
}

// large finds in the first group, of which n are ahead, too many to be put in order by themselves.
func (g *grouping) large(n, wanted int) ([]hit, error) {
	value := g.ahead[0].keys[0]
	hits, err := g.within(value, wanted)
	if g.ahead = g.ahead[n:]; len(g.ahead) == 0 && !g.whole {
		g.walk.at, g.whole = position{math.MaxInt64, []any{value}}, compareKeys(value, g.keys[0].last) == 0
	}
	return hits, err
}

// within searches among those that have a first key, in the order of the others.
func (g *grouping) within(value any, wanted int) ([]hit, error) {
	sub := *g.finder
	sub.pauses, sub.limit = false, wanted-1
	only, whole, err := g.equal(g.keys[0], value)
	if err != nil {
		return nil, err
	}
	sub.preds = append(slices.Clip(g.preds), only...)
	if !whole {
		sub.only = value
		return sub.weighAllOf()
	}
	sub.keys, sub.at = g.keys[1:], position{}
	if g.at.rid != 0 && compareKeys(g.at.keys[0], value) == 0 {
		sub.at = position{g.at.rid, g.at.keys[1:]}
	}
	hits, err := sub.look()
	for i := range hits {
		hits[i].keys = slices.Insert(hits[i].keys, 0, value)
	}
	return hits, err
}
