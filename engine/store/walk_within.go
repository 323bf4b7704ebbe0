package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/index"
)

// What is contained has no rows, but the units of its quantities and the values that it shares are listed, so that a search looks
// for them too. Those that only a new parameter finds are looked for in what contains resources of its types.

// listWithin lists the units and values in the next resources that contain some of a type.
func (w *walker) listWithin(ctx context.Context, typ string, b *walkRows) error {
	list, err := w.holders(ctx, typ)
	if err != nil {
		return err
	}
	for _, v := range list {
		if err := b.listed(v, typ); err != nil {
			return err
		}
		w.RID = v.RID
	}
	b.end = len(list) < walkChunk
	return nil
}

// holders are the next resources that contain some of a type, or are so old that they may.
func (w *walker) holders(ctx context.Context, typ string) (list []Version, err error) {
	old := int64(0)
	err = w.s.db.Query(ctx, oldSQL, nil, func(r db.Row) error {
		old = r.Int64(0)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = w.s.db.Query(ctx, containersSQL, []any{w.tenant, w.keys.containing(typ), w.RID, old, walkChunk}, func(r db.Row) error {
		v := Version{}
		err := w.keys.scan(&v, r, 0)
		list = append(list, v)
		return err
	})
	return list, err
}

// listed takes what the new parameters find in the resources of a type that one contains.
func (b *walkRows) listed(v Version, typ string) error {
	r, err := stored(v.Body)
	if err != nil {
		return err
	}
	for c := range r.Get("contained").Items() {
		if x := (fhir.Resource{Value: c}); x.Type() == typ {
			rows, _ := b.work.add.Alone(x, b.w.keys.hasher)
			b.note(rows)
		}
	}
	return nil
}

// note takes the units and values of some rows that may not be listed yet.
func (b *walkRows) note(rows index.Rows) {
	tenant := b.w.tenant
	b.batch.units.add(tenant, b.w.s.measures.of(tenant).fresh(rows.Units))
	b.batch.values.add(tenant, b.edition, b.w.s.values.of(tenant).fresh(b.edition, rows.Values))
}
