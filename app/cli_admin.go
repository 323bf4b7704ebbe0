package app

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
)

type adminCommand struct {
	Token        adminToken        `cmd:"" help:"Make a token and print it. It is shown this once."`
	Tokens       adminTokens       `cmd:"" help:"List the tokens, but not their texts."`
	Revoke       adminRevoke       `cmd:"" help:"End a token."`
	Tenant       adminTenant       `cmd:"" help:"List, add and close tenants."`
	User         adminUser         `cmd:"" help:"List, add and look after users."`
	Role         adminRole         `cmd:"" help:"List, make and give roles: what users may do."`
	Client       adminClient       `cmd:"" help:"List, add and remove clients: programs that ask for access by OAuth."`
	Keys         adminKeys         `cmd:"" help:"Change the installation key."`
	TokenKeys    adminTokenKeys    `cmd:"" help:"List and change the keys that sign tokens."`
	Package      adminPackage      `cmd:"" help:"Add, list and remove FHIR packages: profiles, value sets and code systems."`
	Searchparams adminSearchparams `cmd:"" help:"List the search parameters that the tenant has defined, and how far their index is."`
	Index        adminIndex        `cmd:"" help:"Compare the search index with what is stored, and repair it."`
	Codes        adminCodes        `cmd:"" help:"Store a list of codes as a code system."`

	Settings adminSettings `cmd:"" help:"List what the tenant has chosen."`
	Set      adminSet      `cmd:"" help:"Choose something for the tenant."`
}

type adminToken struct {
	Place
	Name  string `help:"What the token is for." required:"" placeholder:"TEXT"`
	Scope string `help:"What it may do: SMART scopes such as 'system/*.cruds' or 'system/Patient.rs system/Observation.rs'." default:"system/*.rs"`
	Days  int    `help:"Days until it expires; 0 is never." default:"30"`

	User      string `help:"Login of the user who acts with it, within what his roles allow." placeholder:"LOGIN"`
	Patient   string `help:"Id of the Patient whom scopes that begin with patient/ are about." placeholder:"ID"`
	Clearance string `help:"The most confidential that it shows: U, L, M, N, R or V of v3-Confidentiality." placeholder:"CODE"`
	Purpose   string `help:"What it is used for, as a code of v3-ActReason such as TREAT." placeholder:"CODE"`
}

// Run prints the token alone on its standard output, so that a script can take it.
func (c *adminToken) Run(ctx context.Context, s *Streams) error {
	return administer(ctx, c.Place, func(a *Tenancy) error {
		order := accounts.Order{Name: c.Name, Scopes: c.Scope, Life: time.Duration(c.Days) * 24 * time.Hour, Patient: c.Patient, Clearance: c.Clearance, Purpose: c.Purpose}
		if c.User != "" {
			u, err := a.Accounts.User(ctx, a.Tenant, c.User)
			if err != nil {
				return err
			}
			order.User = u.ID
		}
		t, text, err := a.Accounts.Issue(ctx, a.operator(), order)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.Err, "token %s, %s, may %s, expires: %s\n", t.ID, t.Name, t.Scopes, day(t.Expires)) //nolint:errcheck // whoever closed it does not want to know
		_, err = fmt.Fprintln(s.Out, text)
		return err
	})
}

type adminTokens struct{ Place }

// Run lists the tokens.
func (c *adminTokens) Run(ctx context.Context, s *Streams) error {
	return lookAtAccounts(ctx, c.Place, func(a *Tenancy) error {
		list, err := a.Accounts.Tokens(ctx, a.Tenant)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tNAME\tSCOPES\tMADE\tEXPIRES\tREVOKED\tLAST USED") //nolint:errcheck // Flush tells
		for _, t := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Scopes, day(t.Created), day(t.Expires), day(t.Revoked), day(t.LastUsed)) //nolint:errcheck // Flush tells
		}
		return w.Flush()
	})
}

type adminRevoke struct {
	Place
	ID string `arg:"" help:"Id of the token, as ficus admin tokens shows it."`
}

// Run ends the token. A server that runs honours it within seconds.
func (c *adminRevoke) Run(ctx context.Context, s *Streams) error {
	if err := mustExist(ctx, c.Database); err != nil {
		return err
	}
	return administer(ctx, c.Place, func(a *Tenancy) error {
		if err := a.Accounts.Revoke(ctx, a.operator(), c.ID); err != nil {
			return err
		}
		_, err := fmt.Fprintln(s.Out, "revoked")
		return err
	})
}

// lookAtAccounts reads the accounts of a database that is there; a server may run beside it.
func lookAtAccounts(ctx context.Context, p Place, look func(*Tenancy) error) error {
	a, err := readAt(ctx, p)
	if err != nil {
		return err
	}
	defer a.Close()
	return look(a)
}

// administer does something to a database.
func administer(ctx context.Context, p place, do func(*Tenancy) error) error {
	a, err := openAt(ctx, p)
	if err != nil {
		return err
	}
	defer a.Close()
	return do(a)
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.DateOnly)
}
