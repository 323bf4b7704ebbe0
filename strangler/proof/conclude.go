package proof

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

// conclude states counts, laws and roots.
func (p *prover) conclude(ctx context.Context, c *Certificate) error {
	counts, err := ledger.CountRows(ctx, p.DB, p.Tenant)
	if err != nil {
		return err
	}
	c.Tables, c.Uncovered, c.Invariant = []Table{}, []Extent{}, []Law{}
	if err := p.extents(ctx, c, counts); err != nil {
		return err
	}
	p.rootsOf(c)
	if err := p.laws(ctx, c, counts); err != nil {
		return err
	}
	p.found.fill(c)
	c.Finished = p.Now().UTC()
	return nil
}

// extents counts the rows of every table, covered or not.
func (p *prover) extents(ctx context.Context, c *Certificate, counts map[int32]ledger.Count) error {
	covered := map[string]mapping.Covered{}
	for _, x := range p.Pack.Covered() {
		covered[x.Table] = x
	}
	tables, err := p.Legacy.Tables(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		n, err := p.Legacy.Count(ctx, t)
		if err != nil {
			return err
		}
		x, ok := covered[t.String()]
		if !ok {
			c.Uncovered = append(c.Uncovered, Extent{t.String(), n.Rows})
			continue
		}
		c.Tables = append(c.Tables, p.extent(x, n, counts[p.names.ID(x.Table)]))
	}
	return nil
}

func (p *prover) extent(x mapping.Covered, n source.Count, l ledger.Count) Table {
	t := Table{
		Name: x.Table, Role: "root", Source: n.Rows, Mapped: l.Mapped, Filtered: l.Filtered, Quarantined: l.Quarantined,
		History: n.History, Reasons: []Extent{},
	}
	if x.Child != "" {
		t.Role = "child"
	}
	for reason, rows := range l.Reasons {
		t.Reasons = append(t.Reasons, Extent{p.names.Name(reason), rows})
	}
	slices.SortFunc(t.Reasons, func(a, b Extent) int { return cmp.Compare(a.Name, b.Name) })
	return t
}

// rootsOf states the roots of the tables, and over these, in the order of their names, those of all.
func (p *prover) rootsOf(c *Certificate) {
	slices.SortFunc(c.Tables, func(a, b Table) int { return cmp.Compare(a.Name, b.Name) })
	var from, to ledger.Tree
	for i := range c.Tables {
		s := p.sides[c.Tables[i].Name]
		if s == nil {
			s = &side{}
		}
		source, target := s.roots()
		c.Tables[i].Roots = Roots{source.String(), target.String()}
		from.Append(append([]byte(c.Tables[i].Name), source[:]...))
		to.Append(append([]byte(c.Tables[i].Name), target[:]...))
	}
	c.Roots = Roots{from.Root().String(), to.Root().String()}
}

// laws states what must hold as a whole; one that is broken is a difference too.
func (p *prover) laws(ctx context.Context, c *Certificate, counts map[int32]ledger.Count) error {
	conserved := true
	for _, t := range c.Tables {
		if t.Source != t.Mapped+t.Filtered+t.Quarantined {
			conserved = false
			p.found.differ(Books, t.Name, "", "the rows that were mapped, filtered and quarantined do not add up to those of the source")
		}
	}
	p.state(c, "every row is mapped, filtered or quarantined", conserved, "")
	p.state(c, "the roots of both sides are equal", c.Roots.Source == c.Roots.Target, "")
	p.owners(c, counts)
	p.state(c, "what came from no row claims none", p.found.counts[Extras].Differences == 0, fmt.Sprintf("%d resources and records were made here", p.found.made))
	return p.counted(ctx, c, counts)
}

func (p *prover) state(c *Certificate, law string, holds bool, note string) {
	c.Invariant = append(c.Invariant, Law{law, holds, note})
}

// owners compares how many children the ledger gives to roots with how many rows the joins of the roots have.
func (p *prover) owners(c *Certificate, counts map[int32]ledger.Count) {
	holds := true
	for _, x := range p.Pack.Covered() {
		if x.Child == "" {
			continue
		}
		if n := counts[p.names.ID(x.Table)].Owned; n != p.families[x.Table] {
			holds = false
			p.found.differ(Books, x.Table, "", fmt.Sprintf("the ledger gives %d rows to roots, the source %d", n, p.families[x.Table]))
		}
	}
	p.state(c, "every child has the root that the source gives it", holds, "")
}

func (p *prover) counted(ctx context.Context, c *Certificate, counts map[int32]ledger.Count) error {
	held, err := ledger.CountHeld(ctx, p.DB, p.Tenant)
	if err != nil {
		return err
	}
	booked, err := ledger.CountQuarantinedRoots(ctx, p.DB, p.Tenant)
	if err != nil {
		return err
	}
	if held != booked {
		p.found.differ(Held, "", "", fmt.Sprintf("%d images for %d rows in quarantine", held, booked))
	}
	p.state(c, "every row in quarantine has its image", held == booked, fmt.Sprintf("%d in quarantine", held))
	open, err := p.Store.OpenPlaceholders(ctx, p.Tenant)
	if err != nil {
		return err
	}
	p.state(c, "references to resources that are not there are known", true, fmt.Sprintf("%d targets are missing, as their rows are in the source or because these are not mapped", open))
	return nil
}
