package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// paramKeys are the keys of all search parameters that a query uses.
func paramKeys(q search.Query) (keys []string) {
	keys = clauseKeys(nil, q.Clauses)
	for _, k := range q.Sort {
		keys = append(keys, k.Code)
		for _, h := range k.Via {
			keys = append(keys, h.Code)
		}
	}
	for _, i := range q.Includes {
		keys = append(keys, i.Code)
	}
	return keys
}

func clauseKeys(keys []string, list []search.Clause) []string {
	for _, k := range list {
		keys = clauseKeys(append(keys, k.Code), k.Sub)
	}
	return keys
}

// building are those parameters of a query that are not indexed for all resources yet.
func (o *ownParams) building(q search.Query) (out []OwnParam) {
	if len(o.list) == 0 {
		return nil
	}
	for _, key := range paramKeys(q) {
		number, own := r4.ParamNumber(key)
		i := slices.IndexFunc(o.list, func(p OwnParam) bool { return own && p.ID == number && p.State == Building })
		if i >= 0 && !slices.ContainsFunc(out, func(p OwnParam) bool { return p.ID == number }) {
			out = append(out, o.list[i])
		}
	}
	return out
}

// builds reports whether the rows of a parameter may not be made yet for what was there before it.
func (o *ownParams) builds(number uint16) bool {
	return slices.ContainsFunc(o.list, func(p OwnParam) bool { return p.ID == number && p.State == Building })
}

// warn says on a page of a search which parameters may not have found everything.
func (d *Desk) warn(ctx context.Context, q search.Query, page *Page) error {
	own, err := d.s.params(ctx, d.p.Tenant)
	if err != nil {
		return err
	}
	for _, name := range own.form.lacks(q) {
		page.Warnings = append(page.Warnings, fault.Issue{Code: "incomplete", Warning: true, Expression: "http." + name,
			Text: "the index of what an older version of the server has stored is being made anew, so " + name + " may not find everything: " + farFor(&d.p, own.form.Far())})
	}
	for _, p := range own.building(q) {
		page.Warnings = append(page.Warnings, fault.Issue{Code: "incomplete", Warning: true, Expression: "http." + p.Code,
			Text: "search parameter " + p.Code + " is being indexed, so matches may be missing: " + farFor(&d.p, p.Far())})
	}
	return nil
}

// farFor is how far a job is, of how many resources, for who sees them all.
func farFor(p *access.Principal, text string) string {
	if !p.Whole(access.Search, "") {
		return "ask again later"
	}
	return text
}

// Far says how far the job of a parameter is.
func (p OwnParam) Far() string {
	if p.Total == 0 && p.State != Whole {
		return "the work has not begun yet"
	}
	return fmt.Sprintf("%d of %d resources are done", p.Done, p.Total)
}

// wholeFor refuses to decide a write by a parameter that may not find everything: what it misses would be made twice.
func (o *ownParams) wholeFor(p *access.Principal, q search.Query) error {
	if names := o.form.lacks(q); len(names) > 0 {
		return fault.At(fault.Conflict, fault.Issue{Code: "incomplete", Expression: "http." + names[0],
			Text: "the index of what an older version of the server has stored is being made anew, so no write can depend on " + names[0] + " yet: " + farFor(p, o.form.Far())})
	}
	list := o.building(q)
	if len(list) == 0 {
		return nil
	}
	return fault.At(fault.Conflict, fault.Issue{Code: "incomplete", Expression: "http." + list[0].Code,
		Text: "search parameter " + list[0].Code + " is being indexed, so no write can depend on it yet: " + farFor(p, list[0].Far())})
}
