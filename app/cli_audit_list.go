package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
)

type auditList struct {
	Place
	Patient  string `help:"Entries about this patient: who saw or changed what is kept of him." placeholder:"ID"`
	User     string `help:"Entries of this user or client, such as user/0198a3b2-..." placeholder:"SUBJECT"`
	Action   string `help:"Entries of this action, such as read, search, update or signin." placeholder:"WORD"`
	Resource string `help:"Entries about a resource type, or about one resource." placeholder:"TYPE[/ID]"`
	Category string `help:"Entries of a category: data, signin, administration, emergency, review." placeholder:"WORD"`
	From     string `help:"Entries of this day (UTC) or later." placeholder:"2026-12-01"`
	To       string `help:"Entries of this day (UTC) or earlier." placeholder:"2026-12-31"`
	Failed   bool   `help:"Only what was refused or failed."`
	Limit    int    `help:"How many at most." default:"100"`
}

// Help is shown by --help.
func (c *auditList) Help() string {
	return `What is listed is itself on record, so the command writes: beside a server on a SQLite file, ask the server (GET /api/v1/audit).`
}

// Run lists entries.
func (c *auditList) Run(ctx context.Context, s *Streams) error {
	f, err := c.filter()
	if err != nil {
		return err
	}
	if err := mustExist(ctx, c.Database); err != nil {
		return err
	}
	a, err := openAt(ctx, c.Place)
	if err != nil {
		return err
	}
	defer a.Close()
	w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
	sayf(w, "WHEN\tWHO\tACTION\tOUTCOME\tWHAT\tPATIENTS\tFROM WHERE\tWHY")
	q := audit.Question{Filter: f, Count: c.Limit}
	for left := c.Limit; left > 0; {
		q.Count = min(left, 1000)
		page, err := a.reader().Search(ctx, a.operator(), q)
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			tellEntry(w, e)
		}
		left -= len(page.Entries)
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	return w.Flush()
}

func tellEntry(w io.Writer, e audit.Found) {
	var things []string
	for i, t := range e.Things {
		if i == 3 {
			things = append(things, fmt.Sprintf("and %d more", len(e.Things)-i))
			break
		}
		things = append(things, strings.TrimSuffix(t.Type+"/"+t.ID, "/"))
	}
	who := e.Subject
	if e.Name != "" {
		who += " (" + e.Name + ")"
	}
	sayf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", instantText(e.At), who, e.Action, cmp.Or(e.Reason, e.Outcome), strings.Join(things, " "), strings.Join(e.Patients, " "), e.Address, e.Purpose)
}

func (c *auditList) filter() (f audit.Filter, err error) {
	f = audit.Filter{Patient: c.Patient, Subject: c.User, Action: c.Action, Category: c.Category, Unlucky: c.Failed}
	f.Type, f.ID, _ = strings.Cut(c.Resource, "/")
	if c.From != "" {
		if f.From, err = time.Parse(time.DateOnly, c.From); err != nil {
			return f, usage("--from is a day, such as 2026-12-01")
		}
	}
	if c.To != "" {
		if f.To, err = time.Parse(time.DateOnly, c.To); err != nil {
			return f, usage("--to is a day, such as 2026-12-31")
		}
		f.To = f.To.AddDate(0, 0, 1).Add(-time.Microsecond)
	}
	return f, nil
}

type auditPrune struct {
	Place
	Anchor string `name:"audit-anchor" help:"Anchor file, in which it is noted." placeholder:"FILE"`
}

// Help is shown by --help.
func (c *auditPrune) Help() string {
	return `A server does this once a day. How long the audit is kept is a setting of the tenant (ficus admin set audit-days), seven years by default; ficus admin set audit-hold on keeps all of it. ficus audit verify goes on behind what was pruned.`
}

// Run prunes, and says what.
func (c *auditPrune) Run(ctx context.Context, s *Streams) error {
	if err := mustExist(ctx, c.Database); err != nil {
		return err
	}
	a, err := openAt(ctx, c.Place)
	if err != nil {
		return err
	}
	defer a.Close()
	a.Config.Anchor = c.Anchor
	days, held, err := a.retention(ctx, a.Tenant)
	if err != nil {
		return err
	}
	if held {
		sayf(s.Out, "Nothing is pruned: the audit of this tenant is on hold (ficus admin set audit-hold).")
		return nil
	}
	p, err := a.pruneAudit(ctx, a.operator())
	if err != nil {
		return err
	}
	if p == nil {
		sayf(s.Out, "There is nothing older than %d days.", days)
		return nil
	}
	sayf(s.Out, "Pruned blocks %d to %d: %d entries from %s to %s.\n\n%s\nEd25519 signature of these lines: %x", p.Since, p.Upto, p.Entries, instantText(p.First), instantText(p.Last), p.Statement(), p.Signature)
	return nil
}
