package terms

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/search"
)

// Packages are those whose definitions the caller's tenant has stored, by name and version.
func (s *Service) Packages(ctx context.Context, desk *store.Desk) ([]Package, error) {
	records, err := found(ctx, desk, "Basic", search.Pair{Name: "code", Value: packageSystem + "|"})
	if err != nil {
		return nil, err
	}
	var out []Package
	for _, v := range records {
		r, err := v.Resource()
		if err != nil {
			return nil, err
		}
		name, version, _ := strings.Cut(r.Get("identifier").At(0).Get("value").Str(), "#")
		p := Package{Name: name, Version: version, Complete: r.Get("code").Get("coding").At(0).Get("code").Str() == "complete"}
		if more := r.Get("identifier").At(1); more.Get("system").Str() == guideSystem {
			p.Guide = more.Get("value").Str()
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Package) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version)) })
	return out, nil
}

// RemovePackage deletes the definitions of a package, named name#version, and tells how many there were. Broken off, it can be
// called again. Faults: Unknown for a package that is not there; those of the desk.
func (s *Service) RemovePackage(ctx context.Context, desk *store.Desk, label string, told func(done int)) (removed int, err error) {
	records, err := found(ctx, desk, "Basic", search.Pair{Name: "identifier", Value: packageSystem + "|" + search.Escape(label)})
	if err != nil {
		return 0, err
	}
	if len(records) == 0 {
		return 0, fault.New(fault.Unknown, "there is no such package: ficus admin package list shows those that are there, as name#version")
	}
	for _, typ := range packaged {
		for {
			list, err := found(ctx, desk, typ, search.Pair{Name: "_tag", Value: packageSystem + "|" + search.Escape(label)})
			if err != nil {
				return removed, err
			}
			if len(list) == 0 {
				break
			}
			if err := drop(ctx, desk, list); err != nil {
				return removed, err
			}
			removed += len(list)
			told(removed)
		}
	}
	return removed, drop(ctx, desk, records)
}

func drop(ctx context.Context, desk *store.Desk, list []store.Version) error {
	return desk.Write(ctx, func(c *store.Change) error {
		for _, v := range list {
			c.Delete(v.Type, v.ID)
		}
		return nil
	})
}

// found is one page of a search.
func found(ctx context.Context, desk *store.Desk, typ string, p search.Pair) ([]store.Version, error) {
	q, _, err := search.Parse(typ, []search.Pair{p, {Name: "_count", Value: "100"}}, search.Strict)
	if err != nil {
		return nil, err
	}
	page, err := desk.Search(ctx, q)
	return page.Entries, err
}
