package app

import (
	"context"
	"fmt"
	"net"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
)

type serveCommand struct {
	Config
}

// Help is shown by --help.
func (c *serveCommand) Help() string {
	return `The database's schema is brought up to date first, under a lock. Serving ends with SIGTERM or Ctrl-C: nothing new is accepted, and requests under way are finished.

Open for all are /fhir/metadata, /api/v1/openapi.json, /healthz and /readyz; everything else needs a token: one of ficus admin token, or one that an app or service gets by OAuth 2.1 from /oauth and people allow at /signin (ficus admin client), or one that people get themselves at /api/v1/auth/login, where they administer accounts too. The first start makes a user, who may do everything, and prints on the error stream how to sign in.`
}

// Run serves until the context ends.
func (c *serveCommand) Run(ctx context.Context, s *Streams) error {
	a, err := Open(ctx, c.Config, c.logger(s.Err))
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.firstUser(ctx, s, accounts.First); err != nil {
		return err
	}
	return a.Serve(ctx, func(at net.Addr) {
		fmt.Fprintf(s.Out, "Ficus serves FHIR R4 at %s\n", c.address(at)) //nolint:errcheck // whoever closed it does not want to know
	})
}

// firstUser makes the first user of a tenant that has none, and says once how he signs in.
func (a *App) firstUser(ctx context.Context, s *Streams, tenant int32) error {
	password, err := a.Accounts.FirstUser(ctx, access.Inside(tenant, "admin"))
	if err == nil && password != "" {
		sayf(s.Err, "The first user of the tenant was made, who may do everything in it: login %s, password %s, which must be changed at the first sign-in, within a week. It is shown this once; ficus admin user password %s makes another.",
			accounts.FirstLogin, password, accounts.FirstLogin)
	}
	return err
}

// address is where a browser on this machine finds the interface.
func (c Config) address(at net.Addr) string {
	scheme := "http://"
	if c.TLSCert != "" {
		scheme = "https://"
	}
	return scheme + at.String() + "/fhir"
}
