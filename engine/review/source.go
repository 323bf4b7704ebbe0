package review

import (
	"context"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir/search"
)

// Type is the type of the resources that entries are shown as.
const Type = "AuditEvent"

// Source answers for AuditEvents. It checks and records nothing: that the store does.
type Source struct {
	DB   *db.DB
	Keys audit.Keys
	By   audit.Observer
}

// Read gives the entry of that id. Fault: Unknown.
func (s Source) Read(ctx context.Context, tenant int32, id string) (store.Version, error) {
	f, err := audit.Get(ctx, s.DB, s.Keys, tenant, id)
	return s.version(&f), err
}

// Search gives a page of entries, the newest first, within the limits of who asks. It may end early, with a cursor, where much was
// looked at. Faults: Invalid for what cannot be asked, Forbidden for limits that cannot be kept.
func (s Source) Search(ctx context.Context, tenant int32, q search.Query) (store.Page, error) {
	page := store.Page{Total: -1}
	asked, nothing, err := question(q)
	if err == nil && !nothing {
		nothing, err = limit(&asked.Filter, q.Limits[Type])
	}
	if err != nil || nothing {
		return page, err
	}
	a, err := audit.Search(ctx, s.DB, s.Keys, tenant, asked)
	if err != nil {
		return page, err
	}
	for i := range a.Entries {
		page.Entries = append(page.Entries, s.version(&a.Entries[i]))
	}
	page.Next = a.Next
	return page, nil
}

func (s Source) version(f *audit.Found) store.Version {
	return store.Version{Type: Type, ID: f.ID, Number: 1, Updated: f.At, Method: store.Post, Body: f.Resource(s.By).JSON()}
}
