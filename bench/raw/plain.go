package raw

import "context"

// Body is a resource's number and its opened body.
type Body struct {
	RID  int64
	JSON []byte
}

// Prepare makes a copied database fit to be read without a key: next gives the bodies, a page at a time, until there are none.
// It must run after Open has learned, for which the bodies have to be sealed.
func (s *Server) Prepare(ctx context.Context, next func() ([]Body, error)) error {
	put := step{lite: "UPDATE resource SET body = ?2 WHERE rid = ?1", pg: "UPDATE resource r SET body = k.body FROM unnest($1::bigint[], $2::bytea[]) k(rid, body) WHERE r.tenant = 1 AND r.rid = k.rid",
		columns: []column{{"rid", "bigint"}, {"body", "bytea"}}}
	for {
		page, err := next()
		if err != nil || len(page) == 0 {
			return err
		}
		put.rows = put.rows[:0]
		for _, b := range page {
			put.rows = append(put.rows, []any{b.RID, b.JSON})
		}
		if err := s.base.write(ctx, []step{put}); err != nil {
			return err
		}
	}
}
