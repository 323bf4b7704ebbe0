package store

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/ficushealth/ficus/fhir"
)

// entriesAbreast is how many entries of a batch are under way at the same time, so that they share commits.
const entriesAbreast = 32

// Batch carries out the entries of a bundle one by one, each for itself; entries
// must not depend on each other. The error of an entry is in its reply; Batch
// itself fails only if the bundle as a whole cannot be read.
func (d *Desk) Batch(ctx context.Context, b fhir.Bundle) ([]Reply, error) {
	return d.BatchWith(ctx, b, nil)
}

// BatchWith is Batch for who answers entries that are no interactions: other does, and says false of those that are the store's.
func (d *Desk) BatchWith(ctx context.Context, b fhir.Bundle, other func(context.Context, fhir.Entry) (Reply, bool, error)) ([]Reply, error) {
	entries, err := entriesOf(b)
	if err != nil {
		return nil, err
	}
	replies, limit, abreast := make([]Reply, len(entries)), newBudget(), d.sideBySide()
	var g errgroup.Group
	g.SetLimit(entriesAbreast)
	for i, e := range entries {
		g.Go(func() error {
			own, end := abreast.desk(d)
			defer end()
			reply, err := own.anyEntry(ctx, e, limit, other)
			if reply.Method = e.Request.Method; err != nil {
				reply.Err = refuse(e, err)
			}
			replies[i] = reply
			return nil
		})
	}
	return replies, g.Wait()
}

// anyEntry carries an entry out. It runs beside the others, where nobody else would catch a panic.
func (d *Desk) anyEntry(ctx context.Context, e fhir.Entry, limit *budget, other func(context.Context, fhir.Entry) (Reply, bool, error)) (reply Reply, err error) {
	defer d.s.caughtEntry(&err)
	reply, taken, err := d.otherEntry(ctx, e, limit, other)
	if !taken {
		err = d.batchEntry(ctx, e, limit, &reply)
	}
	return reply, err
}

// otherEntry lets the caller answer an entry, within what all entries may bring.
func (d *Desk) otherEntry(ctx context.Context, e fhir.Entry, limit *budget, other func(context.Context, fhir.Entry) (Reply, bool, error)) (Reply, bool, error) {
	if other == nil {
		return Reply{}, false, nil
	}
	if err := limit.spend(0); err != nil {
		return Reply{}, true, err
	}
	reply, taken, err := other(ctx, e)
	if err != nil || !taken {
		return Reply{}, taken, err
	}
	return reply, true, limit.spend(reply.size())
}

func (d *Desk) batchEntry(ctx context.Context, e fhir.Entry, limit *budget, out *Reply) error {
	if reads(e) {
		read, err := d.planRead(ctx, e.Request, limit)
		if err != nil {
			return err
		}
		return d.carryOut(ctx, read, out)
	}
	var results []*Result
	err := d.Write(ctx, func(c *Change) (err error) {
		results, err = c.entry(e)
		return err
	})
	if err != nil {
		return err
	}
	out.take(results)
	return d.complete(ctx, nil, out)
}
