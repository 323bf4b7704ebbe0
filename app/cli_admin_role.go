package app

import (
	"context"
	"strings"
	"text/tabwriter"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
)

type adminRole struct {
	List   roleList   `cmd:"" default:"withargs" help:"List the roles, what they permit and who holds them."`
	Add    roleAdd    `cmd:"" help:"Make a role that permits nothing yet."`
	Permit rolePermit `cmd:"" help:"Add a permission to a role, for all who hold it."`
	Forbid roleForbid `cmd:"" help:"Take a permission out of a role."`
	Hide   roleHide   `cmd:"" help:"Hide an element from all who hold a role."`
	Keep   roleKeep   `cmd:"" help:"Let nobody who holds a role change an element."`
	Unmask roleUnmask `cmd:"" help:"Hide or keep an element no longer."`
	Give   roleGive   `cmd:"" help:"Let a user hold a role."`
	Take   roleTake   `cmd:"" help:"Take a role from a user."`
}

type roleList struct{ Place }

// Run lists the roles: a line for each permission.
func (c *roleList) Run(ctx context.Context, s *Streams) error {
	return lookAtAccounts(ctx, c.Place, func(a *Tenancy) error {
		list, err := a.Accounts.Roles(ctx, a.Tenant)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
		sayf(w, "ROLE\tPERMITS\tHELD BY")
		for _, r := range list {
			var permits []string
			for _, p := range r.Permissions {
				permits = append(permits, p.String())
			}
			for _, m := range r.Masks {
				permits = append(permits, m.String())
			}
			sayf(w, "%s\t%s\t%s", r.Name, strings.Join(permits, ", "), strings.Join(r.Holders, ", "))
		}
		return w.Flush()
	})
}

type roleAdd struct {
	Place
	Role string `arg:"" help:"Name of the role."`
}

// Run makes a role.
func (c *roleAdd) Run(ctx context.Context, s *Streams) error {
	return administer(ctx, c.Place, func(a *Tenancy) error {
		err := a.Accounts.AddRole(ctx, a.operator(), c.Role)
		if err == nil {
			sayf(s.Out, "%s permits nothing yet", c.Role)
		}
		return err
	})
}

// permission is one as it is written on the command line.
type permission struct {
	Role     string `arg:"" help:"Name of the role."`
	Resource string `arg:"" help:"Resource type of FHIR, accounts (users, roles, settings and clients), tenants (all of them, for users of the first one), or * for everything in the tenant."`
	Action   string `arg:"" help:"read, write, delete or approve." enum:"read,write,delete,approve"`
	Reach    string `arg:"" help:"With whose: own, department, organization or all." enum:"own,department,organization,all"`
}

func (p permission) change(ctx context.Context, s *Streams, at Place, how func(*accounts.Accounts, context.Context, access.Principal, string, access.Permission) error, verb string) error {
	parsed, err := access.ParsePermission(p.Resource, p.Action, p.Reach)
	if err != nil {
		return err
	}
	if err := mustExist(ctx, at.Database); err != nil {
		return err
	}
	return administer(ctx, at, func(a *Tenancy) error {
		err := how(a.Accounts, ctx, a.operator(), p.Role, parsed)
		if err == nil {
			sayf(s.Out, "%s %s %s", p.Role, verb, parsed)
		}
		return err
	})
}

type rolePermit struct {
	Place
	permission
}

// Run adds the permission.
func (c *rolePermit) Run(ctx context.Context, s *Streams) error {
	return c.change(ctx, s, c.Place, (*accounts.Accounts).Permit, "permits")
}

type roleForbid struct {
	Place
	permission
}

// Run takes the permission out.
func (c *roleForbid) Run(ctx context.Context, s *Streams) error {
	return c.change(ctx, s, c.Place, (*accounts.Accounts).Forbid, "no longer permits")
}

type roleGive struct {
	Place
	Role  string `arg:"" help:"Name of the role."`
	Login string `arg:"" help:"The user's login."`
}

// Run gives the role.
func (c *roleGive) Run(ctx context.Context, s *Streams) error {
	return withUser(ctx, c.Place, c.Login, func(a *Tenancy, u accounts.User) error {
		err := a.Accounts.Give(ctx, a.operator(), c.Role, u.ID)
		if err == nil {
			sayf(s.Out, "%s holds %s", c.Login, c.Role)
		}
		return err
	})
}

type roleTake struct {
	Place
	Role  string `arg:"" help:"Name of the role."`
	Login string `arg:"" help:"The user's login."`
}

// Run takes the role.
func (c *roleTake) Run(ctx context.Context, s *Streams) error {
	return withUser(ctx, c.Place, c.Login, func(a *Tenancy, u accounts.User) error {
		err := a.Accounts.Take(ctx, a.operator(), c.Role, u.ID)
		if err == nil {
			sayf(s.Out, "%s no longer holds %s", c.Login, c.Role)
		}
		return err
	})
}

// mask is one as it is written on the command line.
type mask struct {
	Role     string `arg:"" help:"Name of the role."`
	Resource string `arg:"" help:"Resource type of FHIR."`
	Element  string `arg:"" help:"Element of the resource itself, such as telecom or value[x]."`
}

func (m mask) change(ctx context.Context, s *Streams, at Place, parsed string, how func(*accounts.Accounts, context.Context, access.Principal, string, access.Mask) error, verb string) error {
	element, err := access.ParseMask(m.Resource, m.Element, parsed)
	if err != nil {
		return err
	}
	if err := mustExist(ctx, at.Database); err != nil {
		return err
	}
	return administer(ctx, at, func(a *Tenancy) error {
		err := how(a.Accounts, ctx, a.operator(), m.Role, element)
		if err == nil {
			sayf(s.Out, "%s %s %s.%s", m.Role, verb, element.Resource, element.Element)
		}
		return err
	})
}

type roleHide struct {
	Place
	mask
}

// Run hides the element.
func (c *roleHide) Run(ctx context.Context, s *Streams) error {
	return c.change(ctx, s, c.Place, "hide", (*accounts.Accounts).Mask, "does not see")
}

type roleKeep struct {
	Place
	mask
}

// Run keeps the element.
func (c *roleKeep) Run(ctx context.Context, s *Streams) error {
	return c.change(ctx, s, c.Place, "keep", (*accounts.Accounts).Mask, "does not change")
}

type roleUnmask struct {
	Place
	mask
}

// Run takes the mask away.
func (c *roleUnmask) Run(ctx context.Context, s *Streams) error {
	return c.change(ctx, s, c.Place, "keep", (*accounts.Accounts).Unmask, "has no mask on")
}
