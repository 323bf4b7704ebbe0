package store

import (
	"context"
	"iter"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// Choose goes through all that a search finds, in its order, and returns what choose takes
// out of it; only that is on record as seen. choose must not keep anything else. Faults: as Search, what choose returns,
// and Invalid (too-costly) if it takes more than 64 MiB.
func (d *Desk) Choose(ctx context.Context, q search.Query, choose func(iter.Seq2[Version, error]) ([]Version, error)) ([]Version, error) {
	q, err := d.permitted(q)
	if err != nil {
		return nil, d.refused(ctx, "search", q.Type, "", err)
	}
	q.Count, q.Total, q.Summary, q.Cursor = maxCount, search.TotalNone, search.NoSummary, ""
	chosen, err := choose(d.s.all(ctx, d.p.Tenant, q))
	if err != nil {
		return nil, err
	}
	size := 0
	for _, v := range chosen {
		size += len(v.Body)
	}
	if size > maxAnswer {
		return nil, fault.At(fault.Invalid, fault.Issue{Code: "too-costly", Text: "the answer would be larger than 64 MiB; ask for less"})
	}
	return chosen, d.s.audit.Record(ctx, d.searched(q, Page{Entries: chosen}))
}

// all yields every resource that a search finds, read in pages.
func (s *Store) all(ctx context.Context, tenant int32, q search.Query) iter.Seq2[Version, error] {
	return func(yield func(Version, error) bool) {
		for {
			page, err := s.find(ctx, tenant, q)
			if err != nil {
				yield(Version{}, err)
				return
			}
			for _, v := range page.Entries {
				if !yield(v, nil) {
					return
				}
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return
			}
		}
	}
}
