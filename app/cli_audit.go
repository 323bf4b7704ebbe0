package app

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Check that no entry of the audit was changed, removed or put in."`
	List   auditList   `cmd:"" help:"List entries: who did what, the newest first."`
	Prune  auditPrune  `cmd:"" help:"Remove what is older than the tenant keeps its audit. A signed record says what was removed."`
}

type auditVerify struct {
	Database
	Tenant string `help:"Check the audit of this tenant alone. Empty: of each." placeholder:"NAME"`
	Copy   string `name:"audit-copy" help:"Compare with this second database (ficus serve --audit-copy) too." placeholder:"URL"`
	Anchor string `name:"audit-anchor" help:"Compare with this anchor file (ficus serve --audit-anchor): it shows whether the end was cut off." placeholder:"FILE"`
}

// Help is shown by --help.
func (c *auditVerify) Help() string {
	return `Every entry and block is checked against its seal and against its neighbours, and the newest entry against the newest resource. That the end of the audit was cut off, and what was written at that time with it, shows only with an anchor, a file outside of the database.`
}

// Run prints what was found; it fails if anything is wrong. It may run beside a server.
func (c *auditVerify) Run(ctx context.Context, s *Streams) error {
	a, err := OpenReading(ctx, c.Database)
	if err != nil {
		return err
	}
	defer a.Close()
	list, err := a.Accounts.Tenants(ctx)
	for _, t := range list {
		if c.Tenant != "" && c.Tenant != t.Name {
			continue
		}
		if len(list) > 1 {
			sayf(s.Out, "Tenant %s", t.Name)
		}
		err = errors.Join(err, c.verify(ctx, s.Out, &Tenancy{a, t.ID}))
	}
	if err == nil && c.Tenant != "" {
		_, err = a.Accounts.Tenant(ctx, c.Tenant)
	}
	return err
}

func (c *auditVerify) verify(ctx context.Context, out io.Writer, a *Tenancy) error {
	second, err := a.openCopy(ctx, c.Copy, false)
	if err != nil {
		return err
	}
	report, err := audit.VerifyCopied(ctx, a.DB, second, auditKeys(a.Vault), a.Tenant, c.Anchor)
	if err != nil {
		return err
	}
	newest, err := store.Newest(ctx, a.DB, a.Tenant)
	if err != nil {
		return err
	}
	unaudited(report, newest)
	return tell(out, report, c.Anchor != "" || second != nil)
}

// unaudited notes that resources were written behind the last entry: each write is audited in its own transaction, so the
// entries were there. The two instants are taken within one request, hence the minute.
func unaudited(r *audit.Report, newest time.Time) {
	switch {
	case newest.IsZero():
	case r.Entries == 0:
		r.Problems = append(r.Problems, audit.Problem{Harm: audit.Removed, Text: "the audit is empty, and the store is not: all entries were removed"})
	case newest.After(r.To.Add(time.Minute)):
		text := "the newest resource is of " + instantText(newest) + ", behind the last entry: the end of the audit was cut off"
		r.Problems = append(r.Problems, audit.Problem{Harm: audit.Truncated, Text: text})
	}
}

func instantText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") }

func tell(out io.Writer, r *audit.Report, anchor bool) error {
	span := ""
	if r.Entries > 0 {
		span = ", from " + instantText(r.From) + " to " + instantText(r.To)
	}
	sayf(out, "%d entries in %d blocks, %d rows not sealed yet%s", r.Entries, r.Blocks, r.Waiting, span)
	if r.Waiting > 0 {
		sayf(out, "The tail that is not sealed has %d entries; the oldest waits since %s.", r.Tail, instantText(r.Oldest))
	}
	if p := r.Pruned; p != nil {
		sayf(out, "Blocks up to %d were pruned, the last of them at %s; what was there ends at %s.", p.Upto, instantText(p.At), instantText(p.Last))
	}
	for _, p := range r.Problems {
		sayf(out, "block %d: %s: %s", p.Block, p.Harm, p.Text)
	}
	if !r.OK() {
		return fault.New(fault.Conflict, "the audit is not what was written: %d problems", len(r.Problems))
	}
	sayf(out, "What is there is as it was written: nothing was changed or put in, and nothing before the last entry was removed.")
	switch {
	case !anchor:
		sayf(out, "Without an anchor it cannot be told whether entries behind the last one were cut off (ficus serve --audit-anchor).")
	case r.Anchored == 0:
		sayf(out, "The anchor knows no block yet: it cannot be told whether entries behind the last one were cut off.")
	default:
		sayf(out, "The anchor knows block %d, and nothing up to it was cut off; of what came behind it that cannot be told.", r.Anchored)
	}
	return nil
}
