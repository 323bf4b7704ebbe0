package app

import (
	"net/url"

	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/engine/review"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/server/api"
	"github.com/ficushealth/ficus/server/signin"
)

// sources answer for the resource types that the store does not keep.
func (a *App) sources() map[string]store.Source {
	return map[string]store.Source{review.Type: review.Source{DB: a.DB, Keys: auditKeys(a.Vault), By: a.observer()}}
}

// made are those types, with their search parameters.
func made() map[string][]string { return map[string][]string{review.Type: review.Params()} }

// observer is this server, as AuditEvents name it.
func (a *App) observer() audit.Observer {
	by := audit.Observer{Name: a.Config.ownBase()}
	if u, err := url.Parse(by.Name); err == nil {
		by.Address = u.Hostname()
	}
	if by.Name == "" {
		by.Name = "ficus"
	}
	return by
}

// reader shows the audit as it is.
func (a *App) reader() review.Reader {
	return review.Reader{DB: a.DB, Keys: auditKeys(a.Vault), Log: a.Audit, Now: a.Now}
}

// api is the domain interface.
func (a *App) api(gate *signin.Gate, issuer *signin.Issuer) *api.Server {
	return api.New(api.Options{
		Gate: gate, Issuer: issuer, Book: a.Accounts, Audit: a.reader().Search, Version: Version(), Timeout: a.Config.Timeout, Log: a.Log,
	})
}
