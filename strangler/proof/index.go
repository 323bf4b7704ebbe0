package proof

import (
	"context"
	"fmt"
	"math"

	"github.com/ficushealth/ficus/engine/store"
)

// indexed is how many resources one pass over the index tables takes.
const indexed = 1_000_000

// index compares the index rows of all resources of the tenant with those that their bodies ask for.
func (p *prover) index(ctx context.Context) error {
	for after := int64(math.MinInt64); ; {
		report, err := p.Store.CheckIndex(ctx, p.Tenant, after, indexed)
		if err != nil {
			return err
		}
		p.indexReport(report)
		if report.Last == math.MaxInt64 {
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
	for _, k := range report.Damaged {
		p.found.differ(IndexRows, "", k.Type+"/"+k.ID, "its index rows cannot be compared, because what is stored cannot be opened")
	}
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
