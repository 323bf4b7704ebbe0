package rest

import (
	"context"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/patch"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// Desk is what is asked of the store for one caller; *store.Desk is one.
type Desk interface {
	Read(ctx context.Context, typ, id string) (store.Version, error)
	VRead(ctx context.Context, typ, id, version string) (store.Version, error)
	Create(ctx context.Context, r fhir.Resource, opts ...store.Option) (store.Result, error)
	Update(ctx context.Context, r fhir.Resource, opts ...store.Option) (store.Result, error)
	Patch(ctx context.Context, typ, id string, p patch.Patch, opts ...store.Option) (store.Result, error)
	Delete(ctx context.Context, typ, id string, opts ...store.Option) (store.Result, error)
	DeleteWhere(ctx context.Context, typ, query string, opts ...store.Option) ([]store.Result, error)
	History(ctx context.Context, q store.HistoryQuery) (store.Page, error)
	Params(ctx context.Context) (*r4.ParamSet, error)
	Search(ctx context.Context, q search.Query) (store.Page, error)
	Veil(ctx context.Context, place, query string) (string, error)
	Unveil(ctx context.Context, place, text string) (string, error)
	Transaction(ctx context.Context, b fhir.Bundle) ([]store.Reply, error)
	BatchWith(ctx context.Context, b fhir.Bundle, other func(context.Context, fhir.Entry) (store.Reply, bool, error)) ([]store.Reply, error)
}
