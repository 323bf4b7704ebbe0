package rest

import (
	"context"
	"maps"
	"sync"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/terms"
	"github.com/ficushealth/ficus/fhir/r4"
)

// ownParams are the search parameters that are served, and which of them are not indexed for all resources yet. How far they
// are is said to who may search: nobody else shall learn how many resources there are.
type ownParams struct {
	set      *r4.ParamSet
	building map[uint16]bool // by number
	// published is what the definitions of the tenant say beside that; the same pointer while nothing has changed.
	published *terms.Published
}

// statement is a statement of each mode with that of which it was written.
type statement struct {
	ownParams
	capabilities
}

// statements are the last ones of each tenant, and under 0 the one for those whom nobody knows.
type statements struct {
	mu  sync.Mutex
	all map[int32]*statement
}

// mostStatements bounds what is kept; the statements of a tenant take about two megabytes.
const mostStatements = 32

// capable are the statements of now. They are written again when search parameters or definitions have changed.
func (s *Server) capable(ctx context.Context, p access.Principal) (capabilities, error) {
	own, err := s.own(ctx, p)
	if err != nil {
		return capabilities{}, err
	}
	s.stated.mu.Lock()
	defer s.stated.mu.Unlock()
	if last := s.stated.all[p.Tenant]; last != nil && last.set == own.set && last.published == own.published && maps.Equal(last.building, own.building) {
		return last.capabilities, nil
	}
	if s.stated.all == nil || len(s.stated.all) >= mostStatements {
		s.stated.all = map[int32]*statement{}
	}
	now := &statement{own, s.state(own)}
	s.stated.all[p.Tenant] = now
	return now.capabilities, nil
}

func (s *Server) own(ctx context.Context, p access.Principal) (own ownParams, err error) {
	own.published = &terms.Published{}
	if s.Published != nil {
		if own.published, err = s.Published(ctx, p); err != nil {
			return own, err
		}
	}
	if s.Params == nil || p.Tenant == 0 {
		return own, nil
	}
	set, list, err := s.Params(ctx, p)
	if err != nil {
		return own, err
	}
	own.set, own.building = set, map[uint16]bool{}
	for _, p := range list {
		if p.State == store.Building {
			own.building[p.ID] = true
		}
	}
	return own, nil
}
