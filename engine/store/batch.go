package store

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/ficushealth/ficus/fhir"
)

// abreast is how many entries of a batch are under way at the same time, so that they share commits.
const abreast = 32

// Batch carries out the entries of a bundle one by one, each for itself; entries
// must not depend on each other. The error of an entry is in its reply; Batch
// itself fails only if the bundle as a whole cannot be read.
func (d *Desk) Batch(ctx context.Context, b fhir.Bundle) ([]Reply, error) {
	entries, err := entriesOf(b)
	if err != nil {
		return nil, err
	}
	replies, limit := make([]Reply, len(entries)), newBudget()
	var g errgroup.Group
	g.SetLimit(abreast)
	for i, e := range entries {
		g.Go(func() error {
			replies[i].Method = e.Request.Method
			if err := d.batchEntry(ctx, e, limit, &replies[i]); err != nil {
				replies[i].Err = refuse(e, err)
			}
			return nil
		})
	}
	return replies, g.Wait()
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
