package audit

import (
	"errors"

	"github.com/ficushealth/ficus/engine/db"
)

var waitingRow = db.Same(pendingColumns + `WHERE tenant = $1 AND writer = $2 AND counter = $3`)

// find looks for the row of a place, wherever it is by now, and completes the place. nil: it is nowhere.
func (s *seeker) find(p *place) (found *row, err error) {
	err = s.t.Query(s.ctx, waitingRow, []any{s.tenant, p.writer[:], int64(p.counter)}, func(r db.Row) error {
		row := rowAt(r)
		found, p.seq = &row, row.seq
		return nil
	})
	if err != nil || found != nil {
		return found, err
	}
	terms := [][]uint32{{s.hash.hash(rowTerm(p.writer, p.counter))}}
	low := max(s.low, p.head+1)
	for n := s.head; n >= low; {
		list, next, err := s.candidates(terms, n, low)
		if err != nil {
			return nil, err
		}
		if found, err := s.among(list, p); found != nil || err != nil {
			return found, err
		}
		n = next
	}
	return nil, nil
}

// among looks for the row in blocks.
func (s *seeker) among(list []int64, p *place) (found *row, err error) {
	err = s.each(list, func(b *block) error {
		rows, ok := s.pack.unpack(b)
		if !ok {
			return unreadable(b)
		}
		for i := range rows {
			if rows[i].writer == p.writer && rows[i].counter == p.counter {
				found, p.n, p.row = &rows[i], b.n, i
				return errEnough
			}
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}
