package rest

import (
	"context"
	"maps"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir/r4"
)

// ownParams are the search parameters that are served, and which of them are not indexed for all resources yet. How far they
// are is said to who may search: nobody else shall learn how many resources there are.
type ownParams struct {
	set      *r4.ParamSet
	building map[uint16]bool // by number
}

// statement is a CapabilityStatement with that of which it was written.
type statement struct {
	ownParams
	capabilities
}

// capable is the CapabilityStatement of now. It is written again when the search parameters have changed.
func (s *Server) capable(ctx context.Context) (capabilities, error) {
	own, err := s.own(ctx)
	if err != nil {
		return capabilities{}, err
	}
	if last := s.stated.Load(); last != nil && last.set == own.set && maps.Equal(last.building, own.building) {
		return last.capabilities, nil
	}
	now := &statement{own, s.state(own)}
	s.stated.Store(now)
	return now.capabilities, nil
}

func (s *Server) own(ctx context.Context) (own ownParams, err error) {
	if s.Params == nil {
		return own, nil
	}
	set, list, err := s.Params(ctx)
	if err != nil {
		return own, err
	}
	own = ownParams{set: set, building: map[uint16]bool{}}
	for _, p := range list {
		if p.State == store.Building {
			own.building[p.ID] = true
		}
	}
	return own, nil
}
