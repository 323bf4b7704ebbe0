package store

import (
	"context"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/ficushealth/ficus/fault"
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
	replies := make([]Reply, len(entries))
	var g errgroup.Group
	g.SetLimit(abreast)
	for i, e := range entries {
		g.Go(func() error {
			replies[i].Method = e.Request.Method
			if err := d.batchEntry(ctx, e, &replies[i]); err != nil {
				replies[i].Err = refuse(e, err)
			}
			return nil
		})
	}
	return replies, g.Wait()
}

func (d *Desk) batchEntry(ctx context.Context, e fhir.Entry, out *Reply) (err error) {
	path, query, _ := strings.Cut(strings.TrimPrefix(e.Request.URL, "/"), "?")
	typ, id, _ := strings.Cut(path, "/")
	if e.Request.Method == "GET" {
		return d.get(ctx, e.Request.URL, out)
	}
	if query != "" {
		return fault.New(fault.Invalid, "conditional update and delete are not supported; name the resource by its id")
	}
	match := IfMatch(VersionOf(e.Request.IfMatch))
	if e.Request.Method == "DELETE" {
		out.Result, err = d.Delete(ctx, typ, id, match)
		return err
	}
	r, err := fhir.AsResource(e.Body)
	if err != nil {
		return err
	}
	if r.Type() != typ {
		return fault.New(fault.Invalid, "the request's url names another type than the resource has")
	}
	switch {
	case e.Request.Method == "POST" && id == "":
		out.Result, err = d.Create(ctx, r, IfNoneExist(e.Request.IfNoneExist))
	case e.Request.Method == "PUT" && id == r.ID():
		out.Result, err = d.Update(ctx, r, match)
	default:
		err = fault.New(fault.Invalid, "method, url and id of the entry do not fit together")
	}
	return err
}
