package audit

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

func (s *seeker) run() (err error) {
	var at place
	if s.q.Cursor != "" {
		if at, err = readCursor(s.q.Cursor); err != nil {
			return err
		}
	}
	if err := s.orient(); err != nil {
		return err
	}
	if s.q.Cursor != "" && at.n == 0 {
		r, err := s.find(&at)
		if err != nil {
			return err
		}
		if r == nil {
			return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "the entry at which this search was to go on is not there any more; begin anew"})
		}
	}
	if at.n == 0 {
		if err := s.waiting(at); err != nil || s.full() {
			return err
		}
		at = place{n: s.head + 1}
	}
	return s.sealed(at)
}

// orient finds out how far chain and index reach.
func (s *seeker) orient() (err error) {
	if s.upto, err = postedUpto(s.ctx, s.t, s.tenant); err != nil {
		return err
	}
	p, err := prunedOf(s.ctx, s.t, s.tenant)
	if err != nil {
		return err
	}
	if s.low = 1; p != nil {
		s.low = p.Upto + 1
	}
	s.head, err = headOf(s.ctx, s.t, s.tenant)
	return err
}

var headBlock = db.Same(`SELECT n FROM audit_block WHERE tenant = $1 ORDER BY n DESC LIMIT 1`)

func headOf(ctx context.Context, t db.Tx, tenant int32) (n int64, err error) {
	err = t.Query(ctx, headBlock, []any{tenant}, func(r db.Row) error {
		n = r.Int64(0)
		return nil
	})
	return n, err
}

// full reports whether nothing more is looked at for this page.
func (s *seeker) full() bool { return len(s.found) > s.q.Count || s.paused != nil }

// look takes from the rows, the newest first, the entries behind a place in them: those of rows below its row, and of the row
// itself those below its k; whole says where a row is.
func (s *seeker) look(rows []row, at place, whole func(i int) place) error {
	for i := min(at.row, len(rows)-1); i >= 0; i-- {
		_, entries, ok := decodeBody(rows[i].body)
		if !ok {
			return fault.New(fault.Internal, "a row of the audit cannot be read; verify the record")
		}
		k := len(entries) - 1
		if i == at.row {
			k = min(k, at.k-1)
		}
		s.looked += k + 1
		for ; k >= 0; k-- {
			entries[k].Tenant = s.tenant
			if !s.q.takes(&entries[k]) {
				continue
			}
			p := whole(i)
			p.writer, p.counter, p.k = rows[i].writer, rows[i].counter, k
			s.found, s.places = append(s.found, Found{p.id(), s.q.shown(entries[k])}), append(s.places, p)
			if s.full() {
				return nil
			}
		}
	}
	return nil
}

var waitingBelow = db.Same(pendingColumns + `WHERE tenant = $1 AND seq <= $2 ORDER BY seq DESC LIMIT $3`)

// waiting looks at the rows that wait to be sealed, from a place on.
func (s *seeker) waiting(at place) error {
	last, k := int64(math.MaxInt64), math.MaxInt
	if at.seq > 0 {
		last, k = at.seq, at.k
	}
	for {
		var rows []row
		err := s.t.Query(s.ctx, waitingBelow, []any{s.tenant, last, pendingPage}, func(r db.Row) error {
			rows = append(rows, rowAt(r))
			return nil
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			here := func(int) place { return place{head: s.head, seq: rows[i].seq} }
			if err := s.look(rows[i:i+1], place{k: k}, here); err != nil || s.full() {
				return err
			}
			k = math.MaxInt
			if s.looked > mostLooked {
				s.paused = &place{head: s.head, writer: rows[i].writer, counter: rows[i].counter}
				return nil
			}
		}
		last = rows[len(rows)-1].seq - 1
	}
}

// sealed looks at the chain, from a place on.
func (s *seeker) sealed(at place) error {
	low, high, err := s.span()
	if err != nil {
		return err
	}
	if at.n > high {
		at = place{n: high, row: math.MaxInt}
	}
	for at.n >= low && at.n > 0 {
		list, next, err := s.candidates(s.terms, at.n, low)
		if err != nil {
			return err
		}
		if err := s.blocks(list, at); err != nil || s.full() {
			return err
		}
		at = place{n: next, row: math.MaxInt}
		if next > 0 && next >= low && (s.looked > mostLooked || s.posted > mostPosted) {
			s.paused = &at
			return nil
		}
	}
	return nil
}

var blocksNamed = db.Text{
	SQLite: `SELECT $3, tenant, n, count, first, last, prev, hash, body FROM audit_block WHERE tenant = $1 AND n = $2`,
	Postgres: `SELECT q.i - 1, b.tenant, b.n, b.count, b.first, b.last, b.prev, b.hash, b.body
		FROM unnest($1::int4[], $2::int8[]) WITH ORDINALITY AS q (tenant, n, i) JOIN audit_block b ON b.tenant = q.tenant AND b.n = q.n`,
}

// each unpacks blocks in their order. What is not there was pruned.
func (s *seeker) each(list []int64, do func(*block) error) error {
	for some := range slices.Chunk(list, blocksAtOnce) {
		found := make([]*block, len(some))
		err := s.t.EachQuery(s.ctx, blocksNamed, func(r db.Row) error {
			b := blockFrom(r, 1)
			found[r.Int64(0)] = &b
			return nil
		}, repeat(s.tenant, len(some)), some)
		for _, b := range found {
			if err == nil && b != nil {
				err = do(b)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// blocks looks at blocks until the page is full.
func (s *seeker) blocks(list []int64, at place) error {
	err := s.each(list, func(b *block) error {
		if err := s.block(b, at); err != nil {
			return err
		}
		if !s.full() && s.looked > mostLooked && b.n > 1 {
			s.paused = &place{n: b.n - 1, row: math.MaxInt}
		}
		if s.full() {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (s *seeker) block(b *block, at place) error {
	from, to := s.q.bounds()
	if b.last < from || b.first > to {
		return nil
	}
	rows, ok := s.pack.unpack(b)
	if !ok {
		return unreadable(b)
	}
	if b.n != at.n {
		at = place{row: math.MaxInt}
	}
	return s.look(rows, at, func(i int) place { return place{n: b.n, row: i} })
}

func unreadable(b *block) error {
	return fault.New(fault.Internal, "block %d of the audit cannot be read; verify the record", b.n)
}
