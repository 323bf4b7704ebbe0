package audit

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Question asks for entries, the newest first.
type Question struct {
	Filter
	Count  int    // entries on a page; 0 is 20, more than 1,000 are 1,000
	Cursor string // Answer.Next of the page before; empty: the newest
}

// Found is an entry with its id, which it keeps for good.
type Found struct {
	ID string
	Entry
}

// Answer is a page.
type Answer struct {
	Entries []Found
	Next    string // cursor of the next page, which may be empty; empty: this is the last
}

const (
	fewEntries  = 20
	mostEntries = 1000
	// mostLooked and mostPosted bound the work for one page: entries that are looked at, and blocks that are named by the index.
	// A page ends early then, with a cursor.
	mostLooked = 50_000
	mostPosted = 20_000
)

// Search finds a tenant's entries, the newest first, in the order in which they were recorded: those that wait to be sealed,
// and then the chain, along its index. It takes bounded time and memory; so a page may have less than Count, or nothing, and
// still a Next. Paging is stable: new entries come before the first page. Faults: Invalid for a cursor that is none, Internal
// for a block that cannot be read, Unavailable, TimedOut.
func Search(ctx context.Context, d *db.DB, keys Keys, tenant int32, q Question) (a Answer, err error) {
	if q.Entry != "" {
		return single(ctx, d, keys, tenant, q)
	}
	s, err := newSeeker(ctx, keys, tenant, q)
	if err != nil {
		return a, err
	}
	defer s.pack.close()
	err = d.Read(ctx, func(t db.Tx) error {
		s.t = t
		return s.run()
	})
	if err != nil {
		return a, err
	}
	return s.answer(), nil
}

// single is a search by the id of an entry.
func single(ctx context.Context, d *db.DB, keys Keys, tenant int32, q Question) (a Answer, err error) {
	f, err := Get(ctx, d, keys, tenant, q.Entry)
	switch {
	case fault.Is(err, fault.Unknown):
		return a, nil
	case err == nil && q.takes(&f.Entry):
		a.Entries = []Found{{f.ID, q.shown(f.Entry)}}
	}
	return a, err
}

// Get finds an entry by its id. Faults: Unknown; as Search.
func Get(ctx context.Context, d *db.DB, keys Keys, tenant int32, id string) (f Found, err error) {
	p, ok := readID(id)
	if !ok {
		return f, notThere()
	}
	s, err := newSeeker(ctx, keys, tenant, Question{})
	if err != nil {
		return f, err
	}
	defer s.pack.close()
	err = d.Read(ctx, func(t db.Tx) error {
		s.t = t
		if err := s.orient(); err != nil {
			return err
		}
		r, err := s.find(&p)
		if err != nil || r == nil {
			return err
		}
		if _, entries, ok := decodeBody(r.body); ok && p.k < len(entries) {
			f = Found{id, entries[p.k]}
			f.Tenant = tenant
		}
		return nil
	})
	if err == nil && f.ID == "" {
		err = notThere()
	}
	return f, err
}

func notThere() error { return fault.New(fault.Unknown, "there is no such entry in the audit") }

// seeker is a search on its way.
type seeker struct {
	ctx    context.Context
	t      db.Tx
	tenant int32
	q      Question
	pack   packer

	hash  hasher
	terms [][]uint32 // hashes of what the entries must have, one of each at least; what few have first
	head  int64      // the last block
	upto  int64      // the last block that the index knows of
	low   int64      // the first block that was not pruned

	found  []Found
	places []place
	looked int
	posted int
	paused *place // where the work for this page ended
}

func newSeeker(ctx context.Context, keys Keys, tenant int32, q Question) (*seeker, error) {
	key, err := keys(tenant)
	if err != nil {
		return nil, err
	}
	if q.Count <= 0 {
		q.Count = fewEntries
	}
	q.Count = min(q.Count, mostEntries)
	s := &seeker{ctx: ctx, tenant: tenant, hash: newHasher(key, tenant), q: q, pack: newPacker()}
	for _, any := range q.alternatives() {
		var hashes []uint32
		for _, t := range any {
			hashes = append(hashes, s.hash.hash(t))
		}
		s.terms = append(s.terms, hashes)
	}
	return s, nil
}

// alternatives are the terms of a filter and of what it asks for besides, as far as there are any for each that would do.
func (f *Filter) alternatives() (list [][]term) {
	for _, t := range f.terms() {
		list = append(list, []term{t})
	}
	for _, any := range f.Also {
		var terms []term
		for i := range any {
			if own := any[i].terms(); len(own) > 0 {
				terms = append(terms, own[0])
			}
		}
		if len(terms) == len(any) {
			list = append(list, terms)
		}
	}
	return list
}

// terms of a filter, those that fewer entries have first.
func (f *Filter) terms() (list []term) {
	add := func(kind, text string) {
		if text != "" {
			list = append(list, term{kind, text})
		}
	}
	if f.ID != "" && f.Type != "" {
		add(ofThing, f.Type+"/"+f.ID)
	}
	if f.Patient != "" {
		add(ofThing, "Patient/"+f.Patient)
	}
	add(ofSubject, f.Subject)
	add(ofClient, f.Client)
	if f.Outcome != Success {
		add(ofOutcome, f.Outcome)
	}
	if f.Unlucky {
		list = append(list, unlucky)
	}
	if f.Category != Data {
		add(ofCategory, f.Category)
	}
	if f.Class != "R" && f.Class != "E" {
		add(ofClass, f.Class)
	}
	add(ofAction, f.Action)
	if f.ID == "" {
		add(ofType, f.Type)
	}
	return list
}

// answer is what was found, and where it goes on.
func (s *seeker) answer() (a Answer) {
	a.Entries = s.found
	switch {
	case len(s.found) > s.q.Count:
		a.Entries, a.Next = s.found[:s.q.Count], s.places[s.q.Count-1].cursor()
	case s.paused != nil:
		a.Next = s.paused.cursor()
	}
	return a
}
