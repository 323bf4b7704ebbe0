package app

import (
	"context"
	"fmt"
	"io"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/fault"
)

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Check that no entry of the audit was changed, removed or put in."`
}

type auditVerify struct {
	Database
	Anchor string `name:"audit-anchor" help:"Compare with this anchor file (ficus serve --audit-anchor): it shows whether the end was cut off." placeholder:"FILE"`
}

// Run prints what was found; it fails if anything is wrong. It may run beside a server.
func (c *auditVerify) Run(ctx context.Context, s *Streams) error {
	a, err := OpenReading(ctx, c.Database)
	if err != nil {
		return err
	}
	defer a.Close()
	report, err := audit.Verify(ctx, a.DB, auditKeys(a.Vault), Tenant, c.Anchor)
	if err != nil {
		return err
	}
	return tell(s.Out, report)
}

func tell(out io.Writer, r *audit.Report) error {
	fmt.Fprintf(out, "%d entries in %d blocks, %d rows not sealed yet", r.Entries, r.Blocks, r.Waiting) //nolint:errcheck // whoever closed it does not want to know
	if r.Entries > 0 {
		fmt.Fprintf(out, ", from %s to %s", r.From.UTC().Format("2006-01-02 15:04:05"), r.To.UTC().Format("2006-01-02 15:04:05 UTC")) //nolint:errcheck // see above
	}
	fmt.Fprintln(out) //nolint:errcheck // see above
	for _, p := range r.Problems {
		fmt.Fprintf(out, "block %d: %s: %s\n", p.Block, p.Harm, p.Text) //nolint:errcheck // see above
	}
	if !r.OK() {
		return fault.New(fault.Conflict, "the audit is not what was written: %d problems", len(r.Problems))
	}
	fmt.Fprintln(out, "nothing was changed, removed or put in") //nolint:errcheck // see above
	return nil
}
