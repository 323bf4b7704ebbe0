package app

import (
	"cmp"
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/ficushealth/ficus/care/accounts"
)

type adminUser struct {
	List     userList     `cmd:"" default:"withargs" help:"List the users."`
	Add      userAdd      `cmd:"" help:"Make a user, and print a password that must be changed at the first sign-in."`
	Is       userIs       `cmd:"" help:"Say who a user is, for what he may see by his roles, or show it."`
	Password userPassword `cmd:"" help:"Give a user another password for once, and print it. All sessions of the user end."`
	Factors  userFactors  `cmd:"" help:"Take the second factors from a user who has lost them. All sessions of the user end."`
	Off      userOff      `cmd:"" help:"Let a user no longer sign in."`
	On       userOn       `cmd:"" help:"Let a user sign in again."`
}

type userList struct{ Place }

// Run lists the users.
func (c *userList) Run(ctx context.Context, s *Streams) error {
	return lookAtAccounts(ctx, c.Place, func(a *Tenancy) error {
		list, err := a.Accounts.Users(ctx, a.Tenant)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.Out, 0, 8, 2, ' ', 0)
		sayf(w, "LOGIN\tNAME\tE-MAIL\tMADE\tSTATE\tID")
		for _, u := range list {
			sayf(w, "%s\t%s\t%s\t%s\t%s\t%s", u.Login, u.Name, u.Email, day(u.Created), state(u.Active), u.ID)
		}
		return w.Flush()
	})
}

type userAdd struct {
	Place
	Login string   `arg:"" help:"Name to sign in with; it has no @."`
	Name  string   `help:"Name for people." placeholder:"TEXT"`
	Email string   `help:"E-mail address, with which the user may sign in too." placeholder:"ADDRESS"`
	Role  []string `help:"Roles that the user holds." placeholder:"NAME"`
}

// Run prints the password alone on its standard output, so that a script can take it.
func (c *userAdd) Run(ctx context.Context, s *Streams) error {
	return administer(ctx, c.Place, func(a *Tenancy) error {
		u, password, err := a.Accounts.Join(ctx, a.operator(), accounts.NewUser{Login: c.Login, Name: c.Name, Email: c.Email}, c.Role...)
		if err != nil {
			return err
		}
		return showPassword(s, u, password)
	})
}

// givePassword gives a user a password for once.
func (a *Tenancy) givePassword(ctx context.Context, s *Streams, u accounts.User) error {
	password, err := a.Accounts.ResetPassword(ctx, a.operator(), u.ID)
	if err != nil {
		return err
	}
	return showPassword(s, u, password)
}

// showPassword shows a password for once.
func showPassword(s *Streams, u accounts.User, password string) error {
	sayf(s.Err, "password of %s for once; it must be changed at the first sign-in, within a week:", u.Login)
	_, err := fmt.Fprintln(s.Out, password)
	return err
}

type userPassword struct {
	Place
	Login string `arg:"" help:"The user's login."`
}

// Run prints the password alone on its standard output.
func (c *userPassword) Run(ctx context.Context, s *Streams) error {
	return withUser(ctx, c.Place, c.Login, func(a *Tenancy, u accounts.User) error { return a.givePassword(ctx, s, u) })
}

type userFactors struct {
	Place
	Login string `arg:"" help:"The user's login."`
}

// Run takes the factors.
func (c *userFactors) Run(ctx context.Context, s *Streams) error {
	return withUser(ctx, c.Place, c.Login, func(a *Tenancy, u accounts.User) error {
		err := a.Accounts.DropFactors(ctx, a.operator(), u.ID)
		if err == nil {
			sayf(s.Out, "%s signs in by the password alone", u.Login)
		}
		return err
	})
}

type userOff struct {
	Place
	Login string `arg:"" help:"The user's login."`
}

// Run shuts a user out. A server that runs honours it within seconds.
func (c *userOff) Run(ctx context.Context, s *Streams) error {
	return setUser(ctx, s, c.Place, c.Login, false)
}

type userOn struct {
	Place
	Login string `arg:"" help:"The user's login."`
}

// Run lets a user in again.
func (c *userOn) Run(ctx context.Context, s *Streams) error {
	return setUser(ctx, s, c.Place, c.Login, true)
}

func setUser(ctx context.Context, s *Streams, p Place, login string, active bool) error {
	return withUser(ctx, p, login, func(a *Tenancy, u accounts.User) error {
		err := a.Accounts.SetActive(ctx, a.operator(), u.ID, active)
		if err == nil {
			sayf(s.Out, "%s is %s", u.Login, state(active))
		}
		return err
	})
}

// withUser does something with a user of a database that is there.
func withUser(ctx context.Context, p Place, login string, do func(*Tenancy, accounts.User) error) error {
	if err := mustExist(ctx, p.Database); err != nil {
		return err
	}
	return administer(ctx, p, func(a *Tenancy) error {
		u, err := a.Accounts.User(ctx, a.Tenant, login)
		if err != nil {
			return err
		}
		return do(a, u)
	})
}

type userIs struct {
	Place
	Login        string  `arg:"" help:"The user's login."`
	Person       *string `help:"The resource that stands for the user, such as Practitioner/7, Patient/9 or RelatedPerson/3." placeholder:"TYPE/ID"`
	Department   *string `help:"Id of the Organization in which the user works." placeholder:"ID"`
	Organization *string `help:"Id of the Organization to which that belongs." placeholder:"ID"`
	Clearance    *string `help:"The most confidential that the user may see: U, L, M, N, R or V of v3-Confidentiality." placeholder:"CODE"`
	Purpose      *string `help:"What the user sees it for, as a code of v3-ActReason such as TREAT." placeholder:"CODE"`
}

// Run changes what is given and shows what there is. An empty value takes one away.
func (c *userIs) Run(ctx context.Context, s *Streams) error {
	return withUser(ctx, c.Place, c.Login, func(a *Tenancy, u accounts.User) error {
		n, err := a.Accounts.Person(ctx, a.Tenant, u.ID)
		if err != nil {
			return err
		}
		before := n
		for _, x := range []struct{ to, from *string }{
			{&n.Resource, c.Person}, {&n.Department, c.Department}, {&n.Organization, c.Organization}, {&n.Clearance, c.Clearance}, {&n.Purpose, c.Purpose},
		} {
			if x.from != nil {
				*x.to = *x.from
			}
		}
		if n != before {
			err = a.Accounts.SetPerson(ctx, a.operator(), u.ID, n)
		}
		if err == nil {
			sayf(s.Out, "%s is person %s, department %s, organization %s, clearance %s, purpose %s", c.Login, orNone(n.Resource), orNone(n.Department), orNone(n.Organization), orNone(n.Clearance), orNone(n.Purpose))
		}
		return err
	})
}

func orNone(text string) string { return cmp.Or(text, "none") }
