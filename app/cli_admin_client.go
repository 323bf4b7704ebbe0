package app

import (
	"context"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
)

type adminClient struct {
	List   clientList   `cmd:"" default:"withargs" help:"List the clients, but not their secrets."`
	Add    clientAdd    `cmd:"" help:"Make a client, and print its id, and its secret if it has one. The secret is shown this once."`
	Remove clientRemove `cmd:"" help:"End a client, and all that was granted to it."`
}

type clientList struct{ Place }

// Run lists the clients.
func (c *clientList) Run(ctx context.Context, s *Streams) error {
	return lookAtAccounts(ctx, c.Place, func(a *Tenancy) error {
		list, err := a.Accounts.Clients(ctx, a.Tenant)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
		sayf(w, "ID\tNAME\tSHOWS ITSELF BY\tMADE\tREDIRECTS\tSCOPES")
		for _, x := range list {
			sayf(w, "%s\t%s\t%s\t%s\t%s\t%s", x.ID, x.Name, x.Method, day(x.Created), strings.Join(x.Redirects, " "), strings.Join(x.Scopes, " "))
		}
		return w.Flush()
	})
}

type clientAdd struct {
	Place
	Name     string   `arg:"" help:"Name for people, who see it when they are asked."`
	Kind     string   `help:"What it is: app (in a browser or on a device of its user: it keeps no secret), website (its server keeps a secret), service (acts for itself, without a user), device (has no browser: its user answers elsewhere)." enum:"app,website,service,device" required:""`
	Redirect []string `help:"Address to which browsers return, exactly; for an app or website. May be given several times." placeholder:"URL" sep:"none"`
	Scope    string   `help:"What it may ask for at most, such as 'openid user/Patient.rs' or 'system/*.rs'." required:"" placeholder:"SCOPES"`
	Keys     string   `help:"Its public keys, in place of a secret: a file with a JSON Web Key Set, or the https address of one; for a website or service." placeholder:"FILE|URL"`
}

// Run prints id and secret alone on standard output, a line each, so that a script can take them.
func (c *clientAdd) Run(ctx context.Context, s *Streams) error {
	x, err := c.client()
	if err != nil {
		return err
	}
	return administer(ctx, c.Place, func(a *Tenancy) error {
		made, secret, err := a.Accounts.Register(ctx, a.operator(), x)
		if err != nil {
			return err
		}
		sayf(s.Err, "client %s, shows itself by %s, may ask for %s", made.Name, made.Method, strings.Join(made.Scopes, " "))
		sayf(s.Out, "client_id %s", made.ID)
		if secret != "" {
			sayf(s.Out, "client_secret %s", secret)
		}
		return nil
	})
}

// client is what the flags ask for.
func (c *clientAdd) client() (accounts.Client, error) {
	x := accounts.Client{Name: c.Name, Method: accounts.MethodNone, Redirects: c.Redirect, Scopes: strings.Fields(c.Scope)}
	switch c.Kind {
	case "service":
		x.Method, x.Grants = accounts.MethodBasic, []string{accounts.GrantClient}
	case "website":
		x.Method, x.Grants = accounts.MethodBasic, []string{accounts.GrantCode, accounts.GrantRefresh}
	case "device":
		x.Grants = []string{accounts.GrantDevice, accounts.GrantRefresh}
	default:
		x.Grants = []string{accounts.GrantCode, accounts.GrantRefresh}
	}
	returns := c.Kind == "app" || c.Kind == "website"
	if returns != (len(c.Redirect) > 0) {
		return x, fault.New(fault.Invalid, "an app or website needs --redirect, and nothing else has it")
	}
	return x, c.addKeys(&x)
}

func (c *clientAdd) addKeys(x *accounts.Client) error {
	switch {
	case c.Keys == "":
		return nil
	case x.Method == accounts.MethodNone:
		return fault.New(fault.Invalid, "--keys are for a website or service: who else has the program has its keys too")
	case strings.HasPrefix(c.Keys, "https://"):
		x.JWKS = c.Keys
	default:
		text, err := os.ReadFile(c.Keys)
		if err != nil {
			return fault.New(fault.Invalid, "the keys cannot be read: %v", err)
		}
		x.JWKS = string(text)
	}
	x.Method = accounts.MethodJWT
	return nil
}

type clientRemove struct {
	Place
	ID string `arg:"" help:"Id of the client, as ficus admin client shows it."`
}

// Run ends a client. A server that runs honours it within seconds.
func (c *clientRemove) Run(ctx context.Context, s *Streams) error {
	if err := mustExist(ctx, c.Database); err != nil {
		return err
	}
	return administer(ctx, c.Place, func(a *Tenancy) error {
		err := a.Accounts.EndClient(ctx, a.operator(), c.ID)
		if err == nil {
			sayf(s.Out, "removed; all that was granted to it has ended")
		}
		return err
	})
}
