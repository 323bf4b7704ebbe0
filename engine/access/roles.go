package access

import (
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Permission lets its holder do one thing with one kind of resource.
type Permission struct {
	Resource string // a resource type of FHIR, the name of a thing that is none ("accounts", Tenants), or "*" for all of them
	Action   Action
	Reach    Reach
}

// The things that are no resources.
const (
	accounts = "accounts" // who may sign in to the tenant, and what he may do there
	Tenants  = "tenants"  // other tenants, by people of the first one; "*" does not contain it
)

// Action is what may be done. None contains another.
type Action string

// The actions.
const (
	Reading   Action = "read"
	Writing   Action = "write"
	Deleting  Action = "delete"
	Approving Action = "approve"
)

// Reach is with whose resources. Each contains those before it.
type Reach uint8

// The reaches.
const (
	Own Reach = iota
	Department
	Organization
	All
)

var (
	actions    = [...]Action{Reading, Writing, Deleting, Approving}
	reachNames = [...]string{"own", "department", "organization", "all"}
	things     = [...]string{"*", accounts, Tenants}
)

// String is the reach's name.
func (r Reach) String() string {
	if int(r) < len(reachNames) {
		return reachNames[r]
	}
	return "unknown"
}

// ParsePermission reads a permission. Faults: Invalid, which says what there is.
func ParsePermission(resource, action, reach string) (Permission, error) {
	if _, known := r4.ResourceIndex(resource); !known && !slices.Contains(things[:], resource) {
		return Permission{}, fault.New(fault.Invalid, "there are permissions on the resource types of R4 and on %s", strings.Join(things[:], ", "))
	}
	if !slices.Contains(actions[:], Action(action)) {
		return Permission{}, fault.New(fault.Invalid, "the action of a permission is read, write, delete or approve")
	}
	at := slices.Index(reachNames[:], reach)
	if at < 0 {
		return Permission{}, fault.New(fault.Invalid, "the reach of a permission is %s", strings.Join(reachNames[:], ", "))
	}
	return Permission{resource, Action(action), Reach(at)}, nil
}

// String is the permission as people read it, such as "Observation read department".
func (p Permission) String() string {
	return p.Resource + " " + string(p.Action) + " " + p.Reach.String()
}

// covers tells whether who has p has q.
func (p Permission) covers(q Permission) bool {
	return (p.Resource == q.Resource || p.Resource == "*" && q.Resource != Tenants) && p.Action == q.Action && p.Reach >= q.Reach
}

// Roles is what a person may do by all roles that he holds. The zero value is that of a caller who is no person with roles: it
// allows nothing by itself, and takes nothing from what the scopes allow. A value is immutable.
type Roles struct {
	list  []Permission
	masks []Mask
	held  bool
	every letters // what they allow with all resources there are, nothing hidden
	app   bool    // accounts are left out, as OfResources says
	text  string
}

// NewRoles is what these permissions allow together, to a person: of what scopes allow, only what they allow too.
func NewRoles(list ...Permission) Roles { return newRoles(slices.Clone(list), nil) }

func newRoles(list []Permission, masks []Mask) Roles {
	r := Roles{list: list, masks: masks, held: true}
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.String() + "\n")
		if p.Resource == "*" && p.Reach == All && len(masks) == 0 {
			r.every |= p.Action.letters()
		}
	}
	for _, m := range masks {
		b.WriteString(m.String() + "\n")
	}
	r.text = b.String() + "."
	return r
}

// Masked is the same roles, with elements that their holder does not see or does not change.
func (r Roles) Masked(masks ...Mask) Roles { return newRoles(r.list, slices.Clone(masks)) }

// OfResources are the roles without what they say of accounts: an app that acts for their holder has what was given to it.
func (r Roles) OfResources() Roles {
	r.app = true
	return r
}

// Allow reports whether the roles contain the permission.
func (r Roles) Allow(q Permission) bool {
	return !(r.app && q.Resource == "accounts") && slices.ContainsFunc(r.list, func(p Permission) bool { return p.covers(q) })
}

// Anywhere are the permissions of the roles with the reach all.
func (r Roles) Anywhere() []Permission {
	list := slices.Clone(r.list)
	for i := range list {
		list[i].Reach = All
	}
	return list
}

// Cover reports whether the roles contain all of others: whoever holds them may give those away.
func (r Roles) Cover(others Roles) bool {
	return !slices.ContainsFunc(others.list, func(q Permission) bool { return !r.Allow(q) })
}
