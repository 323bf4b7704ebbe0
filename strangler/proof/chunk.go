package proof

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/ficushealth/ficus/strangler/ledger"
	"github.com/ficushealth/ficus/strangler/mapping"
	"github.com/ficushealth/ficus/strangler/source"
)

const (
	chunkRows  = 1000
	chunkBytes = 16 << 20
)

// chunk is a range of a root table's rows in the order of their keys.
type chunk struct {
	mp     *mapping.Map
	table  int32  // number of the root table
	after  []byte // key in full of the row before the first one; nil at the start
	upto   []byte // key in full of the last row
	last   bool   // it reaches to the end of the table
	inputs []mapping.Input
	full   [][]byte // keys in full
	keys   [][]byte // as the ledger writes them
	sums   map[string]*pair
	done   chan struct{}
}

func (c *chunk) end() []byte {
	if c.last {
		return nil
	}
	return c.upto
}

// sum is the pair of digests of a table.
func (c *chunk) sum(table string) *pair {
	if c.sums[table] == nil {
		c.sums[table] = &pair{}
	}
	return c.sums[table]
}

// rows compares the rows of all root tables, and their children with them.
func (p *prover) rows(ctx context.Context) error {
	for _, mp := range p.Pack.Maps() {
		if err := p.root(ctx, mp); err != nil {
			return err
		}
	}
	return nil
}

// root goes over one root table: chunks are compared side by side, and summed up in their order.
func (p *prover) root(ctx context.Context, mp *mapping.Map) error {
	group, ctx := errgroup.WithContext(ctx)
	work, order := make(chan *chunk), make(chan *chunk, 2*p.Workers)
	group.Go(func() error {
		defer close(work)
		defer close(order)
		return p.cut(ctx, mp, func(c *chunk) error {
			if err := send(ctx, order, c); err != nil {
				return err
			}
			return send(ctx, work, c)
		})
	})
	for range p.Workers {
		group.Go(func() error {
			e := &examiner{prover: p, hasher: ledger.NewHasher(p.leaves)}
			for c := range work {
				if err := e.examine(ctx, c); err != nil {
					return err
				}
				close(c.done)
			}
			return nil
		})
	}
	group.Go(func() error { return p.gather(ctx, order) })
	return group.Wait()
}

// cut hands a table to take in chunks; the last one may be empty.
func (p *prover) cut(ctx context.Context, mp *mapping.Map, take func(*chunk) error) error {
	c, room := p.newChunk(mp, nil), 0
	for in, err := range mp.Gather(ctx, p.Legacy, p.tables, source.Position{}) {
		if err != nil {
			return err
		}
		if len(c.inputs) >= chunkRows || room > chunkBytes {
			if err := take(c); err != nil {
				return err
			}
			c, room = p.newChunk(mp, c.upto), 0
		}
		in.Installation = p.space
		c.add(in)
		room += in.Size()
	}
	c.last = true
	return take(c)
}

func (p *prover) newChunk(mp *mapping.Map, after []byte) *chunk {
	return &chunk{mp: mp, table: p.names.ID(mp.Table), after: after, sums: map[string]*pair{}, done: make(chan struct{})}
}

func (c *chunk) add(in mapping.Input) {
	full := in.Row.Key()
	key, _ := ledger.Key(full)
	c.inputs, c.full, c.keys, c.upto = append(c.inputs, in), append(c.full, full), append(c.keys, key), full
}

func send(ctx context.Context, to chan<- *chunk, c *chunk) error {
	select {
	case to <- c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gather sums the chunks up as they come, in order.
func (p *prover) gather(ctx context.Context, order <-chan *chunk) error {
	for c := range order {
		select {
		case <-c.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		for table, sums := range c.sums {
			s := p.sides[table]
			if s == nil {
				s = &side{}
				p.sides[table] = s
			}
			s.source, s.target = append(s.source, sums.source), append(s.target, sums.target)
		}
		p.addFamilies(c)
		p.tell(len(c.inputs))
	}
	return nil
}

func (p *prover) addFamilies(c *chunk) {
	for i, j := range c.mp.Joins {
		if !j.Owned {
			continue
		}
		for _, in := range c.inputs {
			p.families[j.Table] += int64(len(in.Joined[i]))
		}
	}
}
