package store

import (
	"context"
	"maps"
	"math"
	"slices"

	"github.com/zeebo/xxh3"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/index"
)

// What is stored and what the bodies ask for is compared range by range: the digests of the rows of some hundred thousand
// resources are held in memory, and the index tables, which have no order by number, are read once from end to end. What
// differs is under suspicion only, because others write meanwhile; verify looks at it closely.

// room bounds the memory of a comparison.
type room struct {
	expected int // digests of rows that bodies ask for, 9 bytes each
	extra    int // rows that no body asks for, about 150 bytes each; of one resource there may be more
}

// asker is the database, or a transaction that sees it as it is at one moment.
type asker interface {
	Query(ctx context.Context, stmt db.Text, args []any, scan func(db.Row) error) error
	EachQuery(ctx context.Context, stmt db.Text, scan func(db.Row) error, cols ...any) error
}

// comparing goes through the resources of a tenant, range by range.
type comparing struct {
	s      *Store
	ctx    context.Context
	tenant int32
	keys   *tenantKeys
	params *ownParams
	listed listings
	old    unlabelled

	after, last int64 // the range: numbers behind after, up to last
	read        int64 // bodies were read up to this number
	pages       []*expectedPage
	held        int // digests in the pages
	extra       map[int64][]row
	extras      int
}

func (s *Store) compare(ctx context.Context, tenant int32, after int64) (*comparing, error) {
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return nil, err
	}
	params, err := s.params(ctx, tenant)
	if err == nil && !s.reading {
		err = outgrown(params.least)
	}
	if err == nil && params.form.Edition > index.Edition {
		err = fault.New(fault.Conflict, "a newer version of the program has made the index (edition %d, not %d), and this one would undo it; use the newer one", params.form.Edition, index.Edition)
	}
	if err != nil {
		return nil, err
	}
	old, err := s.unlabelled(ctx, tenant)
	return &comparing{s: s, ctx: ctx, tenant: tenant, keys: keys, params: params, old: old, last: after, read: after}, err
}

// suspect is a resource, or a number, whose rows may not be those that they should be.
type suspect struct {
	rid      int64
	missing  []uint64 // digests of rows that were not met
	extra    []row
	unlisted bool // it has units, values or labels that are not listed
	damaged  bool // it cannot be opened; nothing else is known then
}

// next compares the next range, of at most limit resources; with 0 as many as there is room for. Behind the last range last is
// math.MaxInt64.
func (c *comparing) next(limit int) error {
	c.after, c.last = c.last, c.read
	c.leave()
	if err := c.expect(limit); err != nil {
		return err
	}
	c.last, c.extra, c.extras = c.read, map[int64][]row{}, 0
	for _, p := range c.pages {
		p.forget()
	}
	return c.stored()
}

// leave forgets the pages of the range before. What it had no time for stays.
func (c *comparing) leave() {
	for len(c.pages) > 0 && c.pages[0].last() <= c.after {
		c.held -= len(c.pages[0].digests)
		c.pages = c.pages[1:]
	}
}

// count is how many resources of the range were compared.
func (c *comparing) count() (n int) {
	c.each(func(*expectedPage, int) { n++ })
	return n
}

// each calls fn for the resources of the range.
func (c *comparing) each(fn func(p *expectedPage, i int)) {
	for _, p := range c.pages {
		for i, rid := range p.rids {
			if rid > c.after && rid <= c.last {
				fn(p, i)
			}
		}
	}
}

const checkBatch = 1000

// expect holds what the bodies ask for.
func (c *comparing) expect(limit int) error {
	for n := c.count(); (limit <= 0 || n < limit) && c.held < c.s.room.expected && c.read < math.MaxInt64; {
		size := checkBatch
		if limit > 0 {
			size = min(size, limit-n)
		}
		found, err := sealedPage(c.ctx, c.s.db, scanSQL, c.tenant, c.read, size)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			c.read = math.MaxInt64
			return nil
		}
		if err := c.hold(found); err != nil {
			return err
		}
		n += len(found)
	}
	return nil
}

func (c *comparing) hold(found []sealedVersion) error {
	list, err := c.rowsOf(c.s.db, c.params, found)
	if err != nil {
		return err
	}
	if err := c.listed.look(c, c.s.db, list); err != nil {
		return err
	}
	p := &expectedPage{}
	for i, x := range list {
		digests := make([]uint64, len(x.rows))
		for n, r := range x.rows {
			digests[n] = r.digest()
		}
		p.take(found[i].RID, digests, c.listed.lacks(x.lists), x.damaged)
	}
	c.pages, c.read, c.held = append(c.pages, p), found[len(found)-1].RID, c.held+len(p.digests)
	return nil
}

// take meets a row of the tables.
func (c *comparing) take(rid int64, r row) {
	if rid > c.last {
		return
	}
	p, i, known := find(c.pages, rid)
	if known && (p.damaged[i] || p.meet(i, r.digest())) {
		return
	}
	c.extra[rid] = append(c.extra[rid], r)
	if c.extras++; c.extras > c.s.room.extra {
		c.narrow()
	}
}

// narrow ends the range earlier, so that about half of the rows that no body asks for are left. The others are for the next.
func (c *comparing) narrow() {
	rids := slices.Sorted(maps.Keys(c.extra))
	if len(rids) == 1 {
		return
	}
	c.extras = 0
	for _, rid := range rids[:len(rids)-1] {
		c.last, c.extras = rid, c.extras+len(c.extra[rid])
		if c.extras >= c.s.room.extra/2 {
			break
		}
	}
	maps.DeleteFunc(c.extra, func(rid int64, _ []row) bool { return rid > c.last })
}

// suspects are what differs in the range, in the order of numbers.
func (c *comparing) suspects(fn func(suspect) error) (err error) {
	strange := slices.Sorted(maps.Keys(c.extra))
	before := func(rid int64) {
		for err == nil && len(strange) > 0 && strange[0] < rid {
			err = fn(suspect{rid: strange[0], extra: c.extra[strange[0]]})
			strange = strange[1:]
		}
	}
	c.each(func(p *expectedPage, i int) {
		rid := p.rids[i]
		before(rid)
		x := suspect{rid: rid, extra: c.extra[rid], missing: p.missing(i), unlisted: p.unlisted[i], damaged: p.damaged[i]}
		if len(x.extra) > 0 {
			strange = strange[1:]
		}
		if x.damaged {
			x.missing, x.extra, x.unlisted = nil, nil, false
		}
		if err == nil && (x.damaged || x.unlisted || len(x.missing)+len(x.extra) > 0) {
			err = fn(x)
		}
	})
	before(math.MaxInt64)
	return err
}

// row is one index row of any table, in a form that can be compared.
type row struct {
	table int
	hash  int64
	value string
}

var indexTables = []string{"ix_token", "ix_string", "ix_date", "ix_number", "ix_ref", "resource"}

func (r row) digest() uint64 {
	return xxh3.HashStringSeed(r.value, uint64(r.hash)*31+uint64(r.table)+1)
}

// asking is what a version asks of the index.
type asking struct {
	rows []row
	lists
	damaged bool // it cannot be opened
}

// before is how many resources of the range have numbers up to rid.
func (c *comparing) before(rid int64) (n int64) {
	for _, p := range c.pages {
		if p.rids[0] > rid {
			break
		}
		i, found := slices.BinarySearch(p.rids, rid)
		if found {
			i++
		}
		from, _ := slices.BinarySearch(p.rids, c.after+1)
		n += int64(max(i-from, 0))
	}
	return n
}
