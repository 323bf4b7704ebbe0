package accounts

import (
	"context"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Person is what the decision of engine/access asks of a user, beside his roles. Every field may be empty.
type Person struct {
	Resource     string // what stands for him: Practitioner/7, Patient/9 or RelatedPerson/3
	Department   string // id of the Organization in which he works
	Organization string // id of the Organization to which that belongs
	Clearance    string // the highest code of v3-Confidentiality that he may see; empty: labels do not matter
	Purpose      string // why he sees what he sees, as a code of v3-ActReason
}

var persons = struct{ set, read db.Text }{
	set:  db.Same(`UPDATE accounts_user SET person = $3, department = $4, organization = $5, clearance = $6, purpose = $7 WHERE tenant = $1 AND id = $2`),
	read: db.Same(`SELECT person, department, organization, clearance, purpose FROM accounts_user WHERE tenant = $1 AND id = $2`),
}

// check finds what a person cannot be. That the resources are there it does not know. Fault: Invalid.
func (n Person) check() error {
	typ, id, _ := strings.Cut(n.Resource, "/")
	if n.Resource != "" && (!slices.Contains([]string{"Patient", "Practitioner", "RelatedPerson"}, typ) || !fhir.IsID(id)) {
		return fault.New(fault.Invalid, "a user is a Patient, Practitioner or RelatedPerson: give its type, a slash and its id, such as Practitioner/7")
	}
	for _, id := range []string{n.Department, n.Organization} {
		if id != "" && !fhir.IsID(id) {
			return fault.New(fault.Invalid, "department and organization are ids of Organizations, such as 7")
		}
	}
	return labels(n.Clearance, n.Purpose)
}

// labels refuses what can be neither clearance nor purpose. Fault: Invalid.
func labels(clearance, purpose string) error {
	if !access.IsClearance(clearance) || !access.IsPurpose(purpose) {
		return fault.New(fault.Invalid, "a clearance is a code of v3-Confidentiality: U, L, M, N, R or V; a purpose is a code of v3-ActReason, such as TREAT")
	}
	return nil
}

// SetPerson says who a user is, for what he may see by his roles, from the next request on. Faults: Forbidden to all who may not do
// everything: else who administers accounts could see whatever he likes; Invalid, Unknown.
func (a *Accounts) SetPerson(ctx context.Context, by access.Principal, user string, n Person) error {
	if err := may(by, access.Writing); err != nil {
		return err
	}
	if err := covers(by, everything()); err != nil {
		return err
	}
	if err := n.check(); err != nil {
		return err
	}
	e := a.entry(by, "update", "User", user)
	e.Detail = strings.Join(slices.DeleteFunc([]string{n.Resource, n.Department, n.Organization, n.Clearance, n.Purpose}, func(s string) bool { return s == "" }), " ")
	return a.change(ctx, e, "there is no such user", persons.set, by.Tenant, user, n.Resource, n.Department, n.Organization, n.Clearance, n.Purpose)
}

// everything is what may be done at all.
func everything() access.Roles {
	return access.NewRoles(access.Permission{Resource: "*", Action: access.Reading, Reach: access.All}, access.Permission{Resource: "*", Action: access.Writing, Reach: access.All},
		access.Permission{Resource: "*", Action: access.Deleting, Reach: access.All}, access.Permission{Resource: "*", Action: access.Approving, Reach: access.All})
}

// Person is what is known of a user.
func (a *Accounts) Person(ctx context.Context, tenant int32, user string) (n Person, err error) {
	return personOf(ctx, a.d, tenant, user)
}

func personOf(ctx context.Context, q querier, tenant int32, user string) (n Person, err error) {
	err = q.Query(ctx, persons.read, []any{tenant, user}, func(r db.Row) error {
		n = Person{r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4)}
		return nil
	})
	return n, err
}

// be makes a principal act as a user, with what he may do by his roles now. A patient is the patient of all that he starts.
func (a *Accounts) be(ctx context.Context, p *access.Principal, user string) (err error) {
	if p.Roles, err = a.held(ctx, a.d, p.Tenant, user); err != nil {
		return err
	}
	n, err := personOf(ctx, a.d, p.Tenant, user)
	p.Person, p.Department, p.Organization, p.Clearance, p.Purpose = n.Resource, n.Department, n.Organization, n.Clearance, n.Purpose
	if id, isPatient := strings.CutPrefix(n.Resource, "Patient/"); isPatient && p.Patient == "" {
		p.Patient = id
	}
	return err
}

// mayBecome refuses who may do less than a user. Fault: Forbidden.
func (a *Accounts) mayBecome(ctx context.Context, q querier, by access.Principal, user string) error {
	held, err := a.held(ctx, q, by.Tenant, user)
	if err != nil {
		return err
	}
	n, err := personOf(ctx, q, by.Tenant, user)
	if err != nil {
		return err
	}
	if strings.HasPrefix(n.Resource, "Patient/") { // who reads his own record without a role
		held = access.NewRoles(append(held.Anywhere(), access.Permission{Resource: "*", Action: access.Reading})...)
	}
	if err := covers(by, held); err != nil {
		return err
	}
	if !by.System && by.Clearance != "" && access.LowerClearance(by.Clearance, n.Clearance) != n.Clearance {
		return fault.New(fault.Forbidden, "the user may see what is more confidential than you may")
	}
	return nil
}
