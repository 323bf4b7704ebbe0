package store

import (
	"context"
	"slices"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// The condition of a write is a search like any other (https://hl7.org/fhir/R4/http.html#ccreate): its chains are followed
// into contained resources and along canonical URLs too. For that resources have to be read before there is a statement, and
// since others may change them until the locks are held, it is done under these, for fewer resources than a search reads.

// maxSought is how many resources the conditions of one write may have opened while others wait.
const maxSought = 1000

// deep reports whether a condition follows a reference, so that it may have to read resources.
func deep(k search.Clause) bool {
	return k.Form == search.Join && (!k.Reverse || k.URLs) || slices.ContainsFunc(k.Sub, deep)
}

// noWords refuses words, for which more would have to be read.
func (c *compiler) noWords(list []search.Clause) error {
	for _, k := range list {
		if k.Form == search.Compare && wordy(k) {
			return c.cannot(k, "is not supported as a condition of a write")
		}
		if err := c.noWords(k.Sub); err != nil {
			return err
		}
	}
	return nil
}

// noConcepts refuses what the terminology is asked for: it reads and records by itself, for which under the locks there may be
// no connection.
func (c *compiler) noConcepts(list []search.Clause) error {
	for _, k := range list {
		if k.Form == search.Compare && conceptual(k) {
			return c.cannot(k, "has the modifier :"+string(k.Modifier)+", which is not supported in the condition of a write that follows references; name the codes")
		}
		if err := c.noConcepts(k.Sub); err != nil {
			return err
		}
	}
	return nil
}

// seek searches for what a deep condition matches, on the connection of the transaction: another one may not be to be had.
func (s *Store) seek(ctx context.Context, tx db.Tx, m *member, c *condition, used *spent) (found []match, err error) {
	k := &compiler{ctx: ctx, s: s, k: m.keys, h: m.keys.hasher, typ: c.typ, index: c.index, now: s.now().UnixMicro(), own: m.params, from: tx, most: maxSought, spent: used}
	f := &finder{compiler: k, ctx: ctx}
	if k.beside, err = k.conjunction(c.limits); err != nil {
		return nil, err
	}
	if err := f.ask(c.query.Clauses, nil); err != nil {
		return nil, err
	}
	f.preds = append(f.preds, k.beside...)
	if err := f.lookInside(c.query.Clauses); err != nil {
		return nil, err
	}
	st := f.matching(c.limit)
	return found, tx.Query(ctx, st.text(), st.args, taking(&found))
}

// errPutOff says that a member would have others of its group wait for what its conditions read: it is for another group.
var errPutOff = fault.New(fault.Conflict, "what the conditions would have to read is too much beside those of others; try again")

// loadDeep searches for the deep conditions of a group, which may read no more than those of one member: who is behind what
// others have read is put off. A member whose condition would have to read too much by itself has lost.
func (s *Store) loadDeep(ctx context.Context, tx db.Tx, ms []*member) (err error) {
	var used spent
	for _, m := range ms {
		first := used.opened == 0
		for _, c := range m.conditions {
			if !c.deep || m.err != nil {
				continue
			}
			c.matches, err = s.seek(ctx, tx, m, c, &used)
			if f := fault.Find(err); f != nil && len(f.Issues) > 0 {
				m.err, err = err, nil
			}
			if fault.Is(m.err, fault.TooCostly) && !first {
				m.err = errPutOff
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
