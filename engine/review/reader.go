package review

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// Reader shows entries as they are.
type Reader struct {
	DB   *db.DB
	Keys audit.Keys
	Log  *audit.Log // what is seen is recorded in it
	Now  func() time.Time
}

// Search gives a page of entries of the caller's tenant, which is on record before it is returned; so is a refusal. Faults:
// Forbidden without the right to search AuditEvents; as audit.Search.
func (r Reader) Search(ctx context.Context, p access.Principal, q audit.Question) (audit.Answer, error) {
	e := audit.Of(p, "search", r.Now(), audit.Thing{Type: Type})
	if q.Patient != "" {
		e.Concerns(q.Patient)
	}
	nothing, err := narrowed(p, &q.Filter)
	if err != nil {
		e.Outcome, e.Reason = audit.Refused, fault.Find(err).Text
		if failed := r.Log.Record(ctx, e); failed != nil {
			return audit.Answer{}, failed
		}
		return audit.Answer{}, err
	}
	var a audit.Answer
	if !nothing {
		a, err = audit.Search(ctx, r.DB, r.Keys, p.Tenant, q)
	}
	if err != nil {
		return audit.Answer{}, err
	}
	for _, f := range a.Entries {
		e.Things = append(e.Things, audit.Thing{Type: Type, ID: f.ID})
		e.Concerns(f.Patients...)
	}
	if err := r.Log.Record(ctx, e); err != nil {
		return audit.Answer{}, err
	}
	return a, nil
}
