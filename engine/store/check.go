package store

import (
	"context"
	"math"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// IndexFault is a resource whose index rows are not those of its body.
type IndexFault struct {
	Type, ID string // both empty: rows under a number that no resource has
	RID      int64
	Table    string
	Missing  int // rows that should be there
	Extra    int // rows that should not
}

// IndexReport is the result of CheckIndex.
type IndexReport struct {
	Checked int   // resources
	Last    int64 // number to go on from; math.MaxInt64: that was all
	Faults  []IndexFault
	Damaged []Key // what is stored cannot be opened or is no resource, so its rows were not compared
}

// CheckIndex recomputes the index rows of up to limit resources with numbers
// behind after from their stored bodies and compares them with those stored:
// none may be missing, none too many, what is deleted has none, and each of their
// units, labels and shared values is listed. Every call reads the index tables once from end to end, because
// they have no order by number; so give it ranges of 100,000 resources and more. It takes fewer where their rows are many.
// With limit 0 it takes all. What others write meanwhile is no fault.
func (s *Store) CheckIndex(ctx context.Context, tenant int32, after int64, limit int) (IndexReport, error) {
	c, err := s.compare(ctx, tenant, after)
	if err != nil {
		return IndexReport{}, err
	}
	if c.params.unfinished() {
		return IndexReport{}, fault.New(fault.Conflict, "search parameters of the tenant are being indexed, so the index cannot be compared yet; see ficus admin searchparams")
	}
	k := &indexCheck{comparing: c, said: newListings()}
	for {
		if err := k.check(limit); err != nil || limit > 0 || k.Last == math.MaxInt64 {
			return k.IndexReport, err
		}
	}
}

// indexCheck finds faults and leaves them.
type indexCheck struct {
	*comparing
	IndexReport
	said listings // units, values and labels that are among the faults already
}

func (c *indexCheck) check(limit int) error {
	if err := c.next(limit); err != nil {
		return err
	}
	var some []suspect
	err := c.suspects(func(x suspect) error {
		if some = append(some, x); len(some) < checkBatch {
			return nil
		}
		list := some
		some = nil
		return c.examine(list)
	})
	if err == nil {
		err = c.examine(some)
	}
	c.Checked, c.Last = c.Checked+c.count(), c.last
	return err
}

// examine looks at suspects with bodies and rows of one moment.
func (c *indexCheck) examine(list []suspect) error {
	if len(list) == 0 {
		return nil
	}
	return c.s.db.Read(c.ctx, func(tx db.Tx) error {
		found, err := c.verify(tx, c.params, list)
		for _, f := range found {
			if f.damaged {
				c.Damaged = append(c.Damaged, f.Key)
			}
			f.lists = c.said.unlisted(f.lists)
			c.said.take(f.lists)
			c.Faults = append(c.Faults, f.faults()...)
		}
		return err
	})
}

// faults counts what is wrong, table by table.
func (f *finding) faults() (out []IndexFault) {
	count := make([]IndexFault, len(indexTables))
	for _, r := range f.rows {
		count[r.table].Missing += int(max(r.want-r.have, 0))
		count[r.table].Extra += int(max(r.have-r.want, 0))
	}
	for t, n := range count {
		if n.Missing+n.Extra > 0 {
			out = append(out, IndexFault{f.Type, f.ID, f.rid, indexTables[t], n.Missing, n.Extra})
		}
	}
	if n := len(f.units); n > 0 {
		out = append(out, IndexFault{f.Type, f.ID, f.rid, "ix_unit", n, 0})
	}
	if n := len(f.values); n > 0 {
		out = append(out, IndexFault{f.Type, f.ID, f.rid, "ix_value", n, 0})
	}
	if n := len(f.labels); n > 0 {
		out = append(out, IndexFault{f.Type, f.ID, f.rid, "ix_label", n, 0})
	}
	return out
}
