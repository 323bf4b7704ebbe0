package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/index"
)

const (
	groupMembers = 128
	groupOps     = 1024
	maxTries     = 6
)

// submit hands a member to the writers and waits until it is committed or has
// failed. Once handed over it is seen through even if ctx ends, because a caller
// must never be told "no" about a change that happens.
func (s *Store) submit(ctx context.Context, m *member) error {
	done, err := s.pointing(ctx, m)
	if err != nil {
		return err
	}
	defer done()
	m.done = make(chan error, 1)
	m.defines = m.definesParams()
	m.touched = m.touches()
	if s.db.Dialect() == db.Postgres {
		m.locks = m.lockList()
	}
	s.closing.RLock()
	if s.closed {
		s.closing.RUnlock()
		return fault.New(fault.Unavailable, "the server is stopping")
	}
	select {
	case s.queue <- m:
		s.closing.RUnlock()
	case <-ctx.Done():
		s.closing.RUnlock()
		return givenUp()
	}
	return <-m.done
}

// work is one writer: it takes what waits, as one group, until the queue is closed.
func (s *Store) work() {
	defer s.writers.Done()
	var held []*member
	for {
		g := newGroup()
		held = g.addAll(held)
		if len(g.members) == 0 {
			m, open := <-s.queue
			if !open {
				return
			}
			g.add(m)
		}
		held = append(held, s.gather(g)...)
		held = append(s.commit(g), held...)
	}
}

// gather adds what is waiting, without waiting itself, and returns what cannot
// be in this group. A member that meets a conflict stops the gathering, so that
// nobody overtakes it for long.
func (s *Store) gather(g *group) (held []*member) {
	for !g.full() {
		select {
		case m, open := <-s.queue:
			if !open {
				return held
			}
			if !g.add(m) {
				return append(held, m)
			}
		default:
			return held
		}
	}
	return held
}

// group is members that share a commit.
type group struct {
	members []*member
	ops     int
	locks   int
	alone   bool // its one member runs code of its own
	touched map[identity]touch
}

// identity names a resource.
type identity struct {
	tenant int32
	index  int16
	id     string
}

// touch is what a member does to a resource. Two members of one group must not
// write one resource, nor one delete what the other points at.
type touch uint8

const (
	pointsAt touch = 1 << iota
	writes
	removes
	announces // points at what may not have come yet: its placeholder would be in the way of its first version
	searches  // decides by what has this name, or is of this type
	fills     // writes something that has this name, or is of this type, under a condition of its own
)

func (t touch) conflicts(other touch) bool {
	return t&other&(writes|searches) != 0 || t.hinders(other) || other.hinders(t)
}

func (t touch) hinders(other touch) bool {
	return t&removes != 0 && other&pointsAt != 0 || t&announces != 0 && other&writes != 0 || t&searches != 0 && other&fills != 0
}

func newGroup() *group { return &group{touched: map[identity]touch{}} }

func (g *group) full() bool {
	return g.alone || len(g.members) >= groupMembers || g.ops >= groupOps
}

func (g *group) addAll(ms []*member) (rest []*member) {
	for i, m := range ms {
		if g.full() || !g.add(m) {
			return ms[i:]
		}
	}
	return nil
}

// add takes the member unless it conflicts with one that is in the group.
func (g *group) add(m *member) bool {
	locks := m.holds()
	if len(g.members) > 0 && (m.own() || g.locks+locks > giant || g.conflicts(m.touched)) {
		return false
	}
	for id, t := range m.touched {
		g.touched[id] |= t
	}
	g.members, g.ops, g.locks, g.alone = append(g.members, m), g.ops+len(m.ops), g.locks+locks, m.own()
	return true
}

func (g *group) conflicts(mine map[identity]touch) bool {
	for id, t := range mine {
		if t.conflicts(g.touched[id]) {
			return true
		}
	}
	return false
}

// touches lists what the member writes, points at, looks for, and may be found by.
func (m *member) touches() map[identity]touch {
	out := make(map[identity]touch, 4*len(m.ops))
	for _, o := range m.ops {
		how := pointsAt
		if o.early {
			how |= announces
		}
		for _, r := range o.refs {
			if i, ok := typeIndex(r.Type); ok && r.ID != "" {
				out[identity{m.p.Tenant, i, r.ID}] |= how
			}
		}
	}
	for _, o := range m.ops {
		t := writes
		if o.method == Delete {
			t |= removes
		}
		out[identity{m.p.Tenant, o.index, o.id}] |= t
	}
	for id, t := range m.claims() {
		out[id] |= t
	}
	return out
}

// commit sees the group through, but for members that are put off to the next. If it fails as a whole, its members are tried
// one by one.
func (s *Store) commit(g *group) (putOff []*member) {
	err := s.attempt(g.members)
	if err == nil {
		putOff = g.takePutOff()
	}
	if err == nil || hopeless(err) || len(g.members) == 1 && !again(err) {
		finish(g.members, err)
		return putOff
	}
	if tooLate(err) {
		slices.SortStableFunc(g.members, func(a, b *member) int { return cmp.Compare(a.weight(), b.weight()) })
	}
	late := 0
	for i, m := range g.members {
		if late == maxLate {
			finish(g.members[i:], err)
			return nil
		}
		if tooLate(s.commitAlone(m)) {
			late++
		}
	}
	return nil
}

// takePutOff takes out the members that are for another group. There is always one that is not.
func (g *group) takePutOff() (list []*member) {
	g.members = slices.DeleteFunc(g.members, func(m *member) bool {
		off := errors.Is(m.err, errPutOff)
		if off {
			m.reset()
			list = append(list, m)
		}
		return off
	})
	return list
}

// maxLate is how many members of a group may run out of time one by one before it is the database that is slow, so that
// the others are refused without another try.
const maxLate = 2

// tooLate reports whether a transaction has run out of its time. Those who waited for it are not to be blamed, so each
// gets its own time then, those with little to write first.
func tooLate(err error) bool { return fault.Is(err, fault.TimedOut) }

// weight is how many bytes the member brings.
func (m *member) weight() (n int) {
	for _, o := range m.ops {
		n += len(o.body.Raw())
	}
	return n
}

func (s *Store) commitAlone(m *member) error {
	var err error
	for try := range maxTries {
		m.reset()
		if err = s.attempt([]*member{m}); err == nil || !again(err) {
			break
		}
		time.Sleep(time.Duration(1<<try) * time.Millisecond)
	}
	finish([]*member{m}, err)
	return err
}

// again reports whether a failed transaction may succeed when repeated: it lost
// a race, or met a row that another process has just made.
func again(err error) bool {
	if errors.Is(err, errLost) || errors.Is(err, errOutdated) {
		return true
	}
	e, fromDB := errors.AsType[*db.Error](err)
	return fromDB && !db.InDoubt(err) && (db.Retryable(err) || e.Fault.Kind == fault.Conflict)
}

// hopeless reports whether a second try would do no good, or harm: a commit that
// may have happened must not be repeated, and a database that is away must not be
// asked a hundred times more.
func hopeless(err error) bool { return db.InDoubt(err) || fault.Is(err, fault.Unavailable) }

// errLost is a condition's match that another change is taking away: the member is tried again.
var errLost = fault.New(fault.Conflict, "what the condition matched is being changed by others; try again")

func finish(ms []*member, err error) {
	for _, m := range ms {
		if m.err == nil {
			m.err = err
		}
		m.done <- m.err
	}
}

// reset forgets what an attempt found out.
func (m *member) reset() {
	m.err, m.noted, m.again, m.changed = nil, nil, true, false
	for _, c := range m.conditions {
		c.matches = nil
	}
	for _, o := range m.ops {
		o.found, o.unlessFound, o.referrers, o.effect, o.plain, o.sealed = nil, nil, nil, 0, nil, nil
		o.add, o.drop = index.Rows{}, index.Rows{}
	}
}

// attempt runs the group's transaction: one round trip to read, one to write.
func (s *Store) attempt(ms []*member) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.writeLimit)
	defer cancel()
	err := s.db.Write(ctx, func(tx db.Tx) (err error) {
		defer s.caught(&err)
		if err := s.stock(ctx, tx, ms); err != nil {
			return err
		}
		l, err := s.load(ctx, tx, ms)
		if err == nil {
			err = s.blind(ctx, tx, l, ms)
		}
		if err != nil {
			return err
		}
		if err := s.planAlone(ctx, tx, l, ms); err != nil {
			return err
		}
		if err := s.within(ctx, tx, ms); err != nil {
			return err
		}
		s.prepare(ctx, l, ms)
		if err := s.contain(ctx, tx, ms); err != nil {
			return err
		}
		if err := lost(ms); err != nil {
			return err
		}
		if err := rehearsed(ms); err != nil {
			return err
		}
		if err := s.define(ctx, tx, ms); err != nil {
			return err
		}
		return s.apply(ctx, tx, l, ms)
	})
	if s.outdated(err, ms) {
		return errOutdated
	}
	if err == nil {
		answer(ms)
	}
	return err
}

// lost is why a member has lost that has written within the transaction already: it takes the transaction back. Such a
// member is alone in its group.
func lost(ms []*member) error {
	for _, m := range ms {
		if m.err != nil && m.own() {
			return m.err
		}
	}
	return nil
}

func (s *Store) within(ctx context.Context, tx db.Tx, ms []*member) error {
	for _, m := range ms {
		for _, fn := range m.within {
			if err := fn(ctx, tx); err != nil {
				return err
			}
		}
	}
	return nil
}

func number(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	return n, err == nil && n > 0
}
