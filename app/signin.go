package app

import (
	"log/slog"

	"github.com/ficushealth/ficus/server/edge"
	"github.com/ficushealth/ficus/server/page"
	"github.com/ficushealth/ficus/server/signin"
)

// signIn is what lets requests in, and what hands out access tokens: nothing, and so no routes, where they could be read on the
// way.
func (a *App) signIn(pages *page.Set, limits *edge.Limits) (*signin.Gate, *signin.Issuer) {
	r := newRefusals(a.Audit, a.Log)
	a.atEnd(r.close)
	o := signin.Options{Now: a.Now, Audit: r.tell, Limits: limits}
	issuer, err := signin.NewIssuer(a.Accounts, a.Vault, signin.IssuerOptions{
		Base: a.Config.ownBase(), Now: a.Now, Audit: r.tell, Log: a.Log, Register: a.Config.RegisterClients, Pages: pages, Limits: limits,
	})
	if err != nil {
		a.Log.Warn("apps and people cannot sign in here; only tokens of ficus admin token are taken. Set --base-url to the https address by which this server is reached",
			slog.String("address", a.Config.ownBase()), slog.Any("error", err))
	} else {
		o.Signed = issuer
	}
	return signin.New(a.Accounts, o), issuer
}
