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
	return d.ChooseAmong(ctx, []search.Query{q}, 0, choose)
}

// ChooseAmong is Choose over what several searches of one type find, one after the other; what two of them find comes once.
// most bounds how many each of them brings; 0 is all.
func (d *Desk) ChooseAmong(ctx context.Context, list []search.Query, most int, choose func(iter.Seq2[Version, error]) ([]Version, error)) ([]Version, error) {
	var asked search.Query
	for i, q := range list {
		q, err := d.permitted(ctx, q)
		if err != nil {
			return nil, d.refused(ctx, "search", q.Type, "", err)
		}
		q.Count, q.Total, q.Summary, q.Cursor = maxCount, search.TotalNone, search.NoSummary, ""
		if list[i] = q; most > 0 {
			list[i].Count = min(most, maxCount)
		}
		asked.Type, asked.Compartment, asked.Used = q.Type, q.Compartment, append(asked.Used, q.Used...)
	}
	chosen, err := choose(d.cutEach(ctx, d.s.among(ctx, d.p.Tenant, list, most)))
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
	return chosen, d.record(ctx, d.searched(asked), chosen...)
}

// among yields what the searches find, each resource once.
func (s *Store) among(ctx context.Context, tenant int32, list []search.Query, most int) iter.Seq2[Version, error] {
	if len(list) == 1 && most == 0 {
		return s.all(ctx, tenant, list[0])
	}
	return func(yield func(Version, error) bool) {
		seen := map[int64]bool{}
		for _, q := range list {
			n := 0
			for v, err := range s.all(ctx, tenant, q) {
				if !seen[v.RID] && !yield(v, err) {
					return
				}
				seen[v.RID] = err == nil
				if n++; n == most {
					break
				}
			}
		}
	}
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
