package store

import (
	"context"
	"sync"
	"time"
)

// Settings are what a tenant may choose for itself.
type Settings struct {
	// DanglingReferences lets a write point at what does not exist and a delete leave references behind. It is for loads of
	// data sets that are not whole; the zero value is referential integrity.
	DanglingReferences bool
}

// settingsLife is how long settings are kept before they are asked for again: a change takes effect within it, in every process.
const settingsLife = 2 * time.Second

// choices holds the settings of the tenants that were asked for lately.
type choices struct {
	mu   sync.Mutex
	kept map[int32]choice
}

type choice struct {
	Settings
	until time.Time
}

// settings are those of a tenant. Every way into the store that needs them asks before it begins a transaction.
func (s *Store) settings(ctx context.Context, tenant int32) (Settings, error) {
	if s.ask == nil {
		return s.defaults, nil
	}
	now := s.now()
	s.choices.mu.Lock()
	kept := s.choices.kept[tenant]
	s.choices.mu.Unlock()
	if now.Before(kept.until) && kept.until.Sub(now) <= settingsLife {
		return kept.Settings, nil
	}
	fresh, err := s.ask(ctx, tenant, s.defaults)
	if err != nil {
		return Settings{}, err
	}
	s.choices.mu.Lock()
	defer s.choices.mu.Unlock()
	if s.choices.kept == nil {
		s.choices.kept = map[int32]choice{}
	}
	s.choices.kept[tenant] = choice{fresh, now.Add(settingsLife)}
	return fresh, nil
}
