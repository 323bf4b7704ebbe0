package app

import (
	"context"
	"net/url"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/load"
)

type loadCommand struct {
	Paths []string `arg:"" name:"path" help:"Files and folders: .json, .xml and .ndjson, also .gz, .bz2 and .zst."`
	To    string   `help:"FHIR address of a running server, such as http://127.0.0.1:8080/fhir. Empty: straight into --db." placeholder:"URL"`
	Token string   `help:"Bearer token for --to; better given as FICUS_TOKEN, because arguments can be seen by every user of the machine." placeholder:"TOKEN"`
	Jobs  int      `help:"Bundles under way at the same time." default:"4"`
	site
}

// Help is shown by --help.
func (c *loadCommand) Help() string {
	return `Files go in the order of their names. A batch bundle goes alone, because others may refer to it; transactions go side by side. Single resources and lines are written under their own ids. What failed is tried again when all else is in. What is there already gets a new version, as any update does, and counts as updated.

A failure names file, entry and reason; the rest goes on, and the exit code is 1.`
}

// Run loads.
func (c *loadCommand) Run(ctx context.Context, s *Streams) error {
	if c.To != "" {
		if u, err := url.Parse(c.To); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return usage("--to %q is not the address of a server: write such as http://127.0.0.1:8080/fhir", c.To)
		}
		return c.load(ctx, s, load.ToServer(c.To, c.Token, c.Jobs))
	}
	return administer(ctx, c.site, func(a *Tenancy) error {
		return c.load(ctx, s, load.Desk{Desk: a.Store.As(a.operator())})
	})
}

func (c *loadCommand) load(ctx context.Context, s *Streams, to load.Target) error {
	bar := newBar(s, "loading", "bytes")
	r, err := load.Run(ctx, c.Paths, to, load.Options{Jobs: c.Jobs, Progress: func(p load.Progress) { bar.set(p.Bytes, p.Of) }})
	bar.end()
	if r == nil || err != nil && r.Stored() == 0 {
		return err
	}
	for _, f := range r.Failures {
		sayf(s.Err, "%s", f)
	}
	if failed := r.Print(s.Out); err == nil {
		err = failed
	}
	if err == nil && len(r.Failures) > 0 {
		err = fault.New(fault.Unprocessable, "%d of what was to be loaded could not be stored; the reasons stand above", len(r.Failures))
	}
	return err
}
