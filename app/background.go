package app

import (
	"context"
	"slices"
	"sync"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/jobs"
	"github.com/ficushealth/ficus/engine/outbox"
)

// kinds are the jobs of the modules, of the store and of the vault.
func (a *App) kinds() []jobs.Kind {
	return slices.Concat(a.Modules.Kinds(), a.Store.Kinds(), a.Accounts.Kinds(), []jobs.Kind{a.rotation(), a.auditPruning()})
}

// background starts what goes on beside the requests: numbering and delivering events,
// sealing and watching the audit, jobs. It ends with ctx; then the group's Wait returns.
func (a *App) background(ctx context.Context) (*sync.WaitGroup, error) {
	sequencer := outbox.NewSequencer(a.DB, a.Log)
	relay, err := outbox.NewRelay(a.DB, sequencer, a.Modules.Handlers(), outbox.Options{Now: a.Now, Log: a.Log})
	if err != nil {
		return nil, err
	}
	if err := a.Store.RenewIndex(ctx); err != nil {
		return nil, err
	}
	runner, err := jobs.NewRunner(a.Jobs, a.kinds(), jobs.Options{Log: a.Log})
	if err != nil {
		return nil, err
	}
	second, err := a.openCopy(ctx, a.Config.AuditCopy, true)
	if err != nil {
		return nil, err
	}
	sealer := audit.NewSealer(a.DB, auditKeys(a.Vault), audit.SealOptions{Anchor: a.Config.Anchor, Copy: second, Now: a.Now, Log: a.Log})
	var all sync.WaitGroup
	for _, run := range []func(context.Context){sequencer.Run, relay.Run, runner.Run, sealer.Run, a.watcher().Run} {
		all.Go(func() { run(ctx) })
	}
	a.atEnd(sealer.Close)
	return &all, nil
}
