package app

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/terms"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/validate"
)

// longestCheck bounds how long one write may be checked by definitions that have to be looked up.
const longestCheck = 20 * time.Second

// validation is what the store asks of each write.
func (a *App) validation() store.Check {
	if a.Config.Validate != "profiles" {
		return onWrite
	}
	return func(ctx context.Context, tenant int32, r fhir.Resource) ([]fault.Issue, error) {
		ctx, stop := context.WithTimeout(ctx, longestCheck)
		defer stop()
		return a.Terms.Validator(ctx, tenant, nil).Check(r)
	}
}

func onWrite(ctx context.Context, _ int32, r fhir.Resource) ([]fault.Issue, error) {
	return validate.OnWrite(ctx.Done(), r)
}

// openTerms joins the terminology to the store, which is its place and asks it.
func (a *App) openTerms(context.Context) error {
	a.Terms = terms.New(a.Store, terms.Options{Now: a.Now})
	a.Store.JoinTerms(a.Terms)
	return nil
}
