package app

import (
	"context"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

type adminPackage struct {
	Add    packageAdd    `cmd:"" help:"Store the definitions of a package file (.tgz). Broken off, it goes on when it is called again."`
	List   packageList   `cmd:"" help:"List the packages that are stored."`
	Remove packageRemove `cmd:"" help:"Delete the definitions of a package."`
}

type packageAdd struct {
	site
	File string `arg:"" help:"The package, such as us_core_610.tgz." type:"existingfile"`
}

// Run stores the definitions. What breaks a rule of FHIR, or gets into the way of what is there, is named and left out, and the exit code is 1.
func (c *packageAdd) Run(ctx context.Context, s *Streams) error {
	f, err := os.Open(c.File)
	if err != nil {
		return fault.New(fault.Invalid, "the package cannot be opened: %v", err)
	}
	defer f.Close() //nolint:errcheck // it is only read
	return administer(ctx, c.site, func(a *Tenancy) error {
		bar := newBar(s, "adding", "definitions")
		added, err := a.Terms.AddPackage(ctx, a.Store.As(a.operator()), f, func(done, all int) { bar.set(int64(done), int64(all)) })
		bar.end()
		if err != nil {
			return err
		}
		for _, r := range added.Refused {
			sayf(s.Err, "left out: %s", r)
		}
		sayf(s.Out, "%s#%s: %d definitions stored, %d were there", added.Name, added.Version, added.Stored, added.There)
		if err := a.tellIndexing(ctx, s); err != nil {
			return err
		}
		if n := len(added.Refused); n > 0 {
			return fault.New(fault.Unprocessable, "%d definitions were left out, because they break a rule of FHIR or get into the way of one that is there; the reasons stand above", n)
		}
		return nil
	})
}

// tellIndexing says that searches by new parameters lack something until they are indexed.
func (a *Tenancy) tellIndexing(ctx context.Context, s *Streams) error {
	list, err := a.Store.OwnParams(ctx, a.Tenant)
	list = slices.DeleteFunc(list, func(p store.OwnParam) bool { return p.State != store.Building })
	if err == nil && len(list) > 0 {
		sayf(s.Out, "%d search parameters are being indexed by the server, or by ficus admin searchparams --run; until then a search by one says how far it is", len(list))
	}
	return err
}

type packageList struct{ Place }

// Run lists name and version of each package.
func (c *packageList) Run(ctx context.Context, s *Streams) error {
	if err := mustExist(ctx, c.Database); err != nil {
		return err
	}
	return administer(ctx, c.Place, func(a *Tenancy) error {
		list, err := a.Terms.Packages(ctx, a.Store.As(a.operator()))
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(w, "PACKAGE\tSTATE") //nolint:errcheck // Flush tells
		for _, p := range list {
			state := "complete"
			if !p.Complete {
				state = "broken off: add it again"
			}
			fmt.Fprintf(w, "%s#%s\t%s\n", p.Name, p.Version, state) //nolint:errcheck // Flush tells
		}
		return w.Flush()
	})
}

type packageRemove struct {
	site
	Package string `arg:"" help:"Name and version, as ficus admin package list shows them: hl7.fhir.us.core#6.1.0."`
}

// Run deletes the definitions.
func (c *packageRemove) Run(ctx context.Context, s *Streams) error {
	if err := mustExist(ctx, c.Database); err != nil {
		return err
	}
	return administer(ctx, c.site, func(a *Tenancy) error {
		bar := newBar(s, "removing", "definitions")
		n, err := a.Terms.RemovePackage(ctx, a.Store.As(a.operator()), c.Package, func(done int) { bar.set(int64(done), int64(done)) })
		bar.end()
		if err != nil {
			return err
		}
		sayf(s.Out, "%d definitions removed", n)
		return nil
	})
}
