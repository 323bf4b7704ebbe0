package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/terms"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/server/api"
	"github.com/ficushealth/ficus/server/edge"
	"github.com/ficushealth/ficus/server/rest"
	"github.com/ficushealth/ficus/server/signin"
)

// Serve serves until ctx ends, and then finishes what is under way. ready is called with
// the address once requests are answered. nil: everything ended well.
func (a *App) Serve(ctx context.Context, ready func(net.Addr)) error {
	a.Config = a.Config.WithDefaults()
	defer a.Config.limitMemory()()
	a.Config.tellMemory(a.Log)
	l, err := a.Config.listen()
	if err != nil {
		return err
	}
	if strings.HasSuffix(a.Config.Listen, ":0") {
		a.Config.Listen = l.Addr().String()
	}
	h, err := a.Handler()
	if err != nil {
		return errors.Join(err, l.Close())
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	idle, err := a.background(background)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	a.Log.Info("serving", slog.String("address", l.Addr().String()), slog.String("version", Version()))
	if ready != nil {
		ready(l.Addr())
	}
	err = a.Config.answer(ctx, l, h, a.Log)
	stop()
	idle.Wait()
	a.Log.Info("stopped")
	return err
}

// Handler is everything that is served, with the edge around it.
func (a *App) Handler() (http.Handler, error) {
	meters, err := a.meters()
	if err != nil {
		return nil, err
	}
	gate, issuer := a.signIn()
	mux := http.NewServeMux()
	fhir := a.rest(gate)
	mux.Handle("/fhir", fhir)
	mux.Handle("/fhir/", fhir)
	for _, r := range issuer.Routes() {
		mux.Handle(r.Method+" "+r.Path, issuer)
	}
	domain := a.api(gate, issuer)
	mux.Handle(api.Root+"/", domain)
	mux.Handle(api.Alias+"/", domain)
	mux.Handle("GET /healthz", edge.Healthz())
	mux.Handle("GET /readyz", edge.Readyz(a.DB.Ping))
	mux.Handle("GET /metrics", edge.Metrics(meters, watcher(gate)))
	return edge.Wrap(edge.Options{Handler: mux, Log: a.Log, Metrics: meters, Now: a.Now})
}

func (a *App) rest(gate *signin.Gate) *rest.Server {
	return rest.New(rest.Options{
		Gate: gate.Principal, Desk: func(p access.Principal, room func(int64) error) rest.Desk { return a.Store.As(p).Within(room) },
		Made: made(), Operations: a.Operations, Perform: a.perform, Params: a.params,
		Published: a.published, Expansions: a.Terms.ExpansionParameters(),
		Base: a.Config.BaseURL, DeleteMany: a.Config.DeleteMany, MaxBody: a.Config.MaxBody, MaxBodies: a.Config.MaxBodies, Timeout: a.Config.Timeout,
		Version: Version(), Started: a.Now(), Log: a.Log,
	})
}

// params are the search parameters of a caller's tenant.
func (a *App) params(ctx context.Context, p access.Principal) (*r4.ParamSet, []store.OwnParam, error) {
	set, err := a.Store.As(p).Params(ctx)
	if err != nil {
		return nil, nil, err
	}
	list, err := a.Store.OwnParams(ctx, p.Tenant)
	return set, list, err
}

// published is what the definitions of a caller's tenant say of which the capability statements tell.
func (a *App) published(ctx context.Context, p access.Principal) (*terms.Published, error) {
	return a.Terms.Published(ctx, p.Tenant)
}

func (a *App) perform(ctx context.Context, p access.Principal, o operation.Operation, c operation.Call) (operation.Answer, error) {
	return o.Perform(ctx, a.Store.As(p), c)
}

// watcher lets programs see the metrics that act for themselves, whatever they may do: no metric tells of a patient. What an app
// does for a user has nothing to do with them.
func watcher(gate *signin.Gate) func(*http.Request) error {
	return func(r *http.Request) error {
		p, err := gate.Principal(r)
		if err == nil && !p.Scopes.System() {
			err = fault.New(fault.Forbidden, "the metrics are for tokens with a scope that begins with system/")
		}
		return err
	}
}
