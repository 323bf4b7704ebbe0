package store

import (
	"context"

	"github.com/ficushealth/ficus/engine/db"
)

// labelPortion is how many bodies are opened at a time, and written down as done.
const labelPortion = 500

var (
	labelEndSQL   = db.Same(`SELECT next FROM store_counter WHERE name = 'labels'`)
	labelWalkSQL  = db.Same(`SELECT type, next FROM label_walk WHERE tenant = $1`)
	labelWalkDone = db.Same(`INSERT INTO label_walk (tenant, type, next) VALUES ($1, $2, $3)
		ON CONFLICT (tenant, type) DO UPDATE SET next = CASE WHEN excluded.next > label_walk.next THEN excluded.next ELSE label_walk.next END`)
	labelledSQL = db.Same(`SELECT rid, version, body FROM resource WHERE tenant = $1 AND type = $2 AND rid >= $3 AND rid < $4 AND NOT deleted
		ORDER BY rid LIMIT $5`)
)

// listOld lists the labels of resources of some types that are older than the list. It is done once; whoever runs out of time
// on the way leaves less to the next.
func (s *Store) listOld(ctx context.Context, tenant int32, types []int16) error {
	old, err := s.unlabelled(ctx, tenant)
	for _, typ := range types {
		for next := old.done[typ]; err == nil && next < old.end; {
			next, err = s.listPortion(ctx, tenant, typ, next, old.end)
		}
	}
	return err
}

// unlabelled are numbers of resources whose labels may not be listed yet.
type unlabelled struct {
	done map[int16]int64 // by type: from here on
	end  int64           // up to here; 0: there are none
}

func (s *Store) unlabelled(ctx context.Context, tenant int32) (out unlabelled, err error) {
	err = s.db.Query(ctx, labelEndSQL, nil, func(r db.Row) error {
		out.end = r.Int64(0)
		return nil
	})
	if err != nil || out.end <= 1 { // numbers begin with 1
		return unlabelled{}, err
	}
	out.done = map[int16]int64{}
	return out, s.db.Query(ctx, labelWalkSQL, []any{tenant}, func(r db.Row) error {
		out.done[int16(r.Int32(0))] = r.Int64(1)
		return nil
	})
}

func (u unlabelled) has(typ string, rid int64) bool {
	i, _ := typeIndex(typ)
	return rid >= u.done[i] && rid < u.end
}

// listPortion lists the labels of the next resources, and returns where it goes on.
func (s *Store) listPortion(ctx context.Context, tenant int32, typ int16, next, end int64) (int64, error) {
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return next, err
	}
	var list labelColumns
	n := 0
	err = s.db.Query(ctx, labelledSQL, []any{tenant, typ, next, end, labelPortion}, func(r db.Row) error {
		n, next = n+1, r.Int64(0)+1
		plain, err := keys.open(r.Int64(0), r.Int64(1), r.BytesNoCopy(2))
		if err != nil {
			return err
		}
		body, err := stored(plain)
		list.add(keys, 0, typeName(int32(typ)), labelsOf(body))
		return err
	})
	if err != nil {
		return next, err
	}
	if n < labelPortion {
		next = end
	}
	err = s.db.Write(ctx, func(tx db.Tx) error {
		if err := tx.Each(ctx, addLabel, list.columns()...); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, labelWalkDone, tenant, typ, next)
		return err
	})
	return next, err
}
