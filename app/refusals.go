package app

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/server/signin"
)

// refusals brings refused sign-ins into the audit: of the tenant whose credentials were shown, and where nobody knows whose
// they were, of the first one. Whoever is refused is not known, so
// everybody can cause them at any speed; they wait in a short queue, and how many found
// it full is said in the next entry.
type refusals struct {
	log     *audit.Log
	errors  *slog.Logger
	queue   chan signin.Refusal
	quit    chan struct{}
	dropped atomic.Int64
	done    sync.WaitGroup
}

const refusalQueue = 256

func newRefusals(log *audit.Log, errors *slog.Logger) *refusals {
	r := &refusals{log: log, errors: errors, queue: make(chan signin.Refusal, refusalQueue), quit: make(chan struct{})}
	r.done.Go(r.work)
	return r
}

// tell takes a refusal without waiting.
func (r *refusals) tell(_ context.Context, x signin.Refusal) {
	select {
	case r.queue <- x:
	default:
		r.dropped.Add(1)
	}
}

func (r *refusals) work() {
	for {
		select {
		case x := <-r.queue:
			r.record(x)
		case <-r.quit:
			r.drain()
			return
		}
	}
}

func (r *refusals) drain() {
	for {
		select {
		case x := <-r.queue:
			r.record(x)
		default:
			return
		}
	}
}

func (r *refusals) record(x signin.Refusal) {
	e := audit.Entry{
		Tenant: cmp.Or(x.Tenant, accounts.First), At: x.At, Action: "signin", Outcome: audit.Refused, Subject: x.Subject, Client: x.Client,
		Address: x.Address, Agent: x.Agent, RequestID: x.RequestID, Reason: x.Reason, Detail: x.Route,
	}
	if n := r.dropped.Swap(0); n > 0 {
		e.Detail += fmt.Sprintf("; %d more refusals before this one were counted only", n)
	}
	if err := r.log.Record(context.Background(), e); err != nil {
		r.errors.Error("a refused sign-in could not be audited", slog.Any("error", err))
	}
}

// close writes what waits. What is told after it is lost.
func (r *refusals) close() {
	close(r.quit)
	r.done.Wait()
}
