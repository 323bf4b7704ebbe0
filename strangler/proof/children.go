package proof

import (
	"context"
	"strings"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
)

// children compares the rows of each table of children with the ledger, whoever owns them.
func (p *prover) children(ctx context.Context) error {
	e := &examiner{prover: p, hasher: ledger.NewHasher(p.leaves)}
	for _, c := range p.Pack.Covered() {
		if c.Child == "" {
			continue
		}
		alone := &mapping.Map{Table: c.Table}
		err := p.cut(ctx, alone, func(c *chunk) error {
			p.tell(len(c.inputs))
			return e.childRows(ctx, c)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// childRows finds rows that the ledger does not have or that it has and the source has not, and compares the images of
// those that no root owns. That the others belong to their roots has been compared with these.
func (e *examiner) childRows(ctx context.Context, c *chunk) error {
	rows, held := map[string]ledger.Row{}, map[string]ledger.Held{}
	err := e.DB.Read(ctx, func(tx db.Tx) error {
		err := ledger.Range(ctx, tx, e.Tenant, c.table, c.after, c.end(), func(r ledger.Row) error {
			rows[string(r.Source())] = r
			return nil
		})
		if err != nil {
			return err
		}
		return ledger.HeldOf(ctx, tx, e.Tenant, c.table, c.keys, func(i int, h ledger.Held) error {
			held[string(c.keys[i])] = h
			return nil
		})
	})
	if err != nil {
		return err
	}
	for i, in := range c.inputs {
		r, known := rows[string(c.full[i])]
		delete(rows, string(c.full[i]))
		e.child(c, i, in, r, known, held)
	}
	for _, r := range rows {
		if r.Gone == 0 {
			e.found.differ(Books, c.mp.Table, e.keyText(c.mp.Table, r.Source()), "the ledger has it, the source has not")
		}
	}
	return nil
}

func (e *examiner) child(c *chunk, i int, in mapping.Input, r ledger.Row, known bool, held map[string]ledger.Held) {
	switch {
	case !known || r.Gone != 0:
		e.found.differ(Books, c.mp.Table, in.Row.KeyText(), "the ledger does not have it")
	case r.Leaf != e.leaf(in.Row):
		e.found.differ(Books, c.mp.Table, in.Row.KeyText(), "it is not the row that was taken")
	case r.Root != nil:
	case r.State != ledger.Quarantined:
		e.found.differ(Books, c.mp.Table, in.Row.KeyText(), "no root owns it, and it is not in quarantine")
	default:
		e.found.compared(Held, 1)
		h, ok := held[string(c.keys[i])]
		if !ok {
			e.found.differ(Held, c.mp.Table, in.Row.KeyText(), "the ledger says that it is in quarantine, and it is not there")
			return
		}
		if h.Rule != "sweep" || h.Path != c.mp.Table || !strings.HasPrefix(h.Reason, mapping.Orphan+": ") {
			e.found.differ(Held, c.mp.Table, in.Row.KeyText(), "what is kept of it in quarantine is not that no root owns it")
		}
		e.booked(c.mp.Table, in.Row, h, r)
		e.image(h, c.mp.Table, c.full[i], ownedRows(c.mp, in))
	}
}
