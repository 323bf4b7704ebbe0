package app

import (
	"context"
	"time"

	"github.com/ficushealth/ficus/engine/terms"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/validate"
)

// longestCheck bounds how long the definitions for one write may be looked up.
const longestCheck = 20 * time.Second

// validation is what the store asks of each write.
func (a *App) validation() func(fhir.Resource) []fault.Issue {
	if a.Config.Validate != "profiles" {
		return validate.OnWrite
	}
	return func(r fhir.Resource) []fault.Issue {
		ctx, stop := context.WithTimeout(context.Background(), longestCheck)
		defer stop()
		return a.Terms.Validator(ctx, Tenant, nil).Check(r)
	}
}

// openTerms joins the terminology to the store, which is its place and asks it.
func (a *App) openTerms(context.Context) error {
	a.Terms = terms.New(a.Store, terms.Options{Now: a.Now})
	a.Store.JoinTerms(a.Terms)
	return nil
}
