package proof

import (
	"context"
	"fmt"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
)

// indexed is how many resources one pass over the index tables takes.
const indexed = 1_000_000

// mostDamaged is how many bodies that cannot be opened are searched for; each costs some passes.
const mostDamaged = 100

// index compares the index rows of all resources of the tenant with those that their bodies ask for.
func (p *prover) index(ctx context.Context) error {
	damaged := 0
	for after, limit := int64(0), indexed; ; {
		report, err := p.Store.CheckIndex(ctx, p.Tenant, after, limit)
		switch {
		case unreadable(ctx, err) && limit > 1:
			limit /= 2 // until the damaged one is next, and alone
			continue
		case unreadable(ctx, err) && damaged == mostDamaged:
			p.found.differ(IndexRows, "", "", fmt.Sprintf("more than %d stored bodies cannot be opened; the index of those that follow was not compared", mostDamaged))
			return nil
		case unreadable(ctx, err):
			damaged++
			if after, err = p.unindexed(ctx, after); err != nil {
				return err
			}
			limit = indexed
			continue
		case err != nil:
			return err
		}
		p.indexReport(report)
		if report.Checked < limit {
			return nil
		}
		after = report.Last
	}
}

func (p *prover) indexReport(report store.IndexReport) {
	p.found.compared(IndexRows, report.Checked)
	for _, f := range report.Faults {
		p.found.differ(IndexRows, f.Table, indexKey(f), fmt.Sprintf("%d rows missing, %d too many", f.Missing, f.Extra))
	}
}

// unindexed tells of the resource behind after, whose body cannot be opened, and gives its number.
func (p *prover) unindexed(ctx context.Context, after int64) (int64, error) {
	next, err := p.Store.List(ctx, p.Tenant, after, 1)
	if err != nil {
		return after, err
	}
	if len(next) == 0 {
		return after, fault.New(fault.Internal, "the index cannot be compared")
	}
	p.found.differ(IndexRows, "", next[0].Type+"/"+next[0].ID, "its index rows cannot be compared, because what is stored cannot be opened")
	return next[0].RID, nil
}

func indexKey(f store.IndexFault) string {
	if f.Type == "" {
		return fmt.Sprintf("number %d, which no resource has", f.RID)
	}
	return f.Type + "/" + f.ID
}

// golden tries the examples of the pack.
func (p *prover) golden(context.Context) error {
	for i := range p.Golden {
		g := &p.Golden[i]
		p.found.compared(GoldenRows, 1)
		wrong, err := g.Try(p.Pack)
		if err != nil {
			return err
		}
		if wrong != "" {
			p.found.differ(GoldenRows, "", g.Name, wrong)
		}
	}
	return nil
}
