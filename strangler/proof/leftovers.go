package proof

import (
	"context"
	"fmt"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
)

// leftovers looks at the rows that hold no version: each must keep the number of a target that some version names, now or
// in the past. On the way every past version is opened.
func (p *prover) leftovers(ctx context.Context, holders []store.Stored) error {
	unnamed, err := p.unnamed(ctx, holders)
	if err != nil {
		return err
	}
	damaged, err := p.Store.CheckHistory(ctx, p.Tenant, unnamed)
	if err != nil {
		return err
	}
	for name := range unnamed {
		p.found.differ(Extras, "", name, "a number is kept for it, and nothing ever referred to it")
	}
	for _, v := range damaged {
		if name := v.Type + "/" + v.ID; !p.found.isDamaged(name) {
			p.found.differ(Versions, "", name, fmt.Sprintf("version %d cannot be opened", v.Number))
		}
	}
	return nil
}

// unnamed are the placeholders to which no current version refers: Type/id and number.
func (p *prover) unnamed(ctx context.Context, holders []store.Stored) (map[string]int64, error) {
	unnamed := map[string]int64{}
	for len(holders) > 0 {
		page := holders[:min(len(holders), listed)]
		holders = holders[len(page):]
		rids := make([]int64, len(page))
		for i := range page {
			rids[i] = page[i].RID
		}
		var named []bool
		err := p.DB.Read(ctx, func(tx db.Tx) (err error) {
			named, err = p.Store.Named(ctx, tx, p.Tenant, rids)
			return err
		})
		if err != nil {
			return nil, err
		}
		for i := range page {
			name := page[i].Type + "/" + page[i].ID
			switch {
			case !page[i].Placeholder():
				p.found.differ(Versions, "", name, "it holds no version, and something all the same")
			case !named[i]:
				unnamed[name] = page[i].RID
			}
		}
	}
	return unnamed, nil
}
