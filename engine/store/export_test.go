package store

import (
	"context"
	"errors"

	"github.com/ficushealth/ficus/fhir/search"
)

// WithRoom makes the ranges of comparisons short.
func (s *Store) WithRoom(expected, extra int) { s.room = room{expected, extra} }

// LabelWalkDone says how far a walk for labels is.
var LabelWalkDone = labelWalkDone

// Collects reports whether a search looks at the matches of one predicate rather than along an index of its order.
func (s *Store) Collects(ctx context.Context, tenant int32, q search.Query) (bool, error) {
	f, err := s.finder(ctx, tenant, q)
	if err != nil {
		return false, err
	}
	src, err := f.source()
	if err != nil || src.along == nil {
		return src.collect >= 0, err
	}
	if _, full, err := f.moment(src); err != nil || full {
		return false, err
	}
	_, few, err := f.fewer(1)
	return few, err
}

// CommitTogether commits changes as one group and those that are put off as the next, and tells how many changes each group had.
func (d *Desk) CommitTogether(ctx context.Context, changes ...func(*Change) error) (sizes []int, err error) {
	var rest []*member
	for _, fn := range changes {
		c, err := d.collect(ctx, fn)
		if err != nil {
			return nil, err
		}
		m := c.m
		m.done, m.touched, m.locks = make(chan error, 1), m.touches(), m.lockList()
		rest = append(rest, m)
	}
	all := rest
	for len(rest) > 0 {
		g := newGroup()
		rest = g.addAll(rest)
		n := len(g.members)
		putOff := d.s.commit(g)
		rest, sizes = append(putOff, rest...), append(sizes, n-len(putOff))
	}
	for _, m := range all {
		err = errors.Join(err, <-m.done)
	}
	return sizes, err
}

// PatientsIn is patientsIn of an observation.
func PatientsIn(body []byte) []string { return (&Store{}).patientsIn(nil, "Observation", "o", body) }

// UnusedUnits looks for units that nothing has, and leaves to remove them for later.
func (s *Store) UnusedUnits(ctx context.Context, tenant int32) (remove func() (int64, error), err error) {
	unused, edition, err := s.unusedUnits(ctx, tenant)
	return func() (int64, error) { return s.removeUnits(ctx, tenant, edition, unused) }, err
}

// Groups reports whether a search goes along the index of its order's first key, group by group.
func (s *Store) Groups(ctx context.Context, tenant int32, q search.Query) (bool, error) {
	f, err := s.finder(ctx, tenant, q)
	if err != nil || !f.groups() {
		return false, err
	}
	_, done, err := f.grouped()
	return done, err
}
