package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// roleOperations are those on what users may do.
func roleOperations() []operation {
	reads, writes := accountsTo(access.Reading), accountsTo(access.Writing)
	const one = "/admin/permissions/{role}/{resource}/{action}/{reach}"
	return []operation{
		on(operation{method: "GET", path: "/admin/roles", needs: reads, says: "The roles, by name", params: paged()}, (*call).roles),
		on(operation{method: "POST", path: "/admin/roles", needs: writes, status: http.StatusCreated, says: "Make a role"}, (*call).addRole),
		on(operation{method: "GET", path: "/admin/roles/{name}", needs: reads, says: "A role"}, (*call).role),
		on(operation{method: "PATCH", path: "/admin/roles/{name}", needs: writes, changes: true, says: "Make a role permit what is named and nothing else"}, (*call).changeRole),
		on(operation{method: "DELETE", path: "/admin/roles/{name}", needs: writes, status: http.StatusNoContent, says: "Remove a role that nobody holds"}, (*call).removeRole),
		on(operation{method: "GET", path: "/admin/permissions", needs: reads, says: "What the roles permit", params: paged(param{"role", "of this role alone"})}, (*call).permissions),
		on(operation{method: "POST", path: "/admin/permissions", needs: writes, status: http.StatusCreated, says: "Add a permission to a role"}, (*call).addPermission),
		on(operation{method: "GET", path: one, needs: reads, says: "A permission of a role"}, (*call).permission),
		on(operation{method: "DELETE", path: one, needs: writes, status: http.StatusNoContent, says: "Take a permission out of a role"}, (*call).removePermission),
	}
}

type permission struct {
	Resource string `json:"resource" least:"1" most:"64" says:"a resource type of FHIR, accounts, tenants, or * for everything in the tenant"`
	Action   string `json:"action" among:"read write delete approve"`
	Reach    string `json:"reach" among:"own department organization all"`
}

type role struct {
	Name        string       `json:"name"`
	Permissions []permission `json:"permissions"`
	Scopes      []string     `json:"scopes" says:"the permissions as sign-in shows them"`
	Held        int          `json:"held_by" says:"so many users"`
}

func shownRole(r accounts.RoleInBrief) role {
	out := role{Name: r.Name, Permissions: []permission{}, Scopes: access.NewRoles(r.Permissions...).Names(), Held: r.Held}
	for _, p := range r.Permissions {
		out.Permissions = append(out.Permissions, permission{p.Resource, string(p.Action), p.Reach.String()})
	}
	return out
}

type newRole struct {
	Name        string       `json:"name" least:"1" most:"64"`
	Permissions []permission `json:"permissions,omitempty" most:"500"`
}

type roleChange struct {
	Permissions []permission `json:"permissions" most:"500"`
}

// parsed reads permissions. Fault: Unprocessable, which names the one.
func parsed(list []permission) (out []access.Permission, err error) {
	for i, p := range list {
		one, err := access.ParsePermission(p.Resource, p.Action, p.Reach)
		if err != nil {
			return nil, fault.At(fault.Unprocessable, fault.Issue{Code: "value", Text: fault.Find(err).Text, Expression: "permissions[" + strconv.Itoa(i) + "]"})
		}
		out = append(out, one)
	}
	return out, nil
}

// roles answers GET /admin/roles.
func (c *call) roles(none) (page[role], error) {
	p, _, err := c.paging()
	if err != nil {
		return page[role]{}, err
	}
	all, err := c.s.Book.RolesInBrief(c.ctx, c.p.Tenant)
	return cut(p, all, shownRole), err
}

// role answers GET /admin/roles/{name}.
func (c *call) role(none) (role, error) { return c.roleOf(c.r.PathValue("name")) }

func (c *call) roleOf(name string) (role, error) {
	r, err := c.s.Book.RoleInBrief(c.ctx, c.p.Tenant, name)
	return tagged(c, shownRole(r), err)
}

// addRole answers POST /admin/roles.
func (c *call) addRole(in newRole) (role, error) {
	list, err := parsed(in.Permissions)
	if err == nil {
		err = c.s.Book.AddRole(c.ctx, c.p, in.Name, list...)
	}
	if err != nil {
		return role{}, err
	}
	c.w.Header().Set("Location", Root+"/admin/roles/"+url.PathEscape(in.Name))
	return c.roleOf(in.Name)
}

// changeRole answers PATCH /admin/roles/{name}.
func (c *call) changeRole(in roleChange) (role, error) {
	list, err := parsed(in.Permissions)
	if err != nil {
		return role{}, err
	}
	r, err := c.s.Book.SetPermissions(c.ctx, c.p, c.r.PathValue("name"), list, unchanged(c, shownRole))
	return tagged(c, shownRole(r), err)
}

// removeRole answers DELETE /admin/roles/{name}.
func (c *call) removeRole(none) (out none, err error) {
	return none{}, c.s.Book.RemoveRole(c.ctx, c.p, c.r.PathValue("name"))
}

// permitted is a permission of a role.
type permitted struct {
	Role     string `json:"role" least:"1" most:"64"`
	Resource string `json:"resource" least:"1" most:"64"`
	Action   string `json:"action" among:"read write delete approve"`
	Reach    string `json:"reach" among:"own department organization all"`
}

func same(p permitted) permitted { return p }

// permissions answers GET /admin/permissions.
func (c *call) permissions(none) (page[permitted], error) {
	p, q, err := c.paging("role")
	if err != nil {
		return page[permitted]{}, err
	}
	all, err := c.permittedBy(q.Get("role"))
	return cut(p, all, same), err
}

// permittedBy are the permissions of a role, or of all.
func (c *call) permittedBy(name string) (all []permitted, err error) {
	list, err := c.s.Book.RolesInBrief(c.ctx, c.p.Tenant)
	for _, r := range list {
		if name != "" && r.Name != name {
			continue
		}
		for _, p := range r.Permissions {
			all = append(all, permitted{r.Name, p.Resource, string(p.Action), p.Reach.String()})
		}
	}
	return all, err
}

// addPermission answers POST /admin/permissions.
func (c *call) addPermission(in permitted) (permitted, error) {
	list, err := parsed([]permission{{in.Resource, in.Action, in.Reach}})
	if err == nil {
		err = c.s.Book.Permit(c.ctx, c.p, in.Role, list[0])
	}
	c.w.Header().Set("Location", Root+"/admin/permissions/"+url.PathEscape(in.Role)+"/"+in.Resource+"/"+in.Action+"/"+in.Reach)
	return in, err
}

// named is the permission that the path names.
func (c *call) named() permitted {
	return permitted{c.r.PathValue("role"), c.r.PathValue("resource"), c.r.PathValue("action"), c.r.PathValue("reach")}
}

// permission answers GET of one of them.
func (c *call) permission(none) (permitted, error) {
	all, err := c.permittedBy(c.named().Role)
	if err == nil && !slices.Contains(all, c.named()) {
		err = fault.New(fault.Unknown, "there is no such permission")
	}
	return c.named(), err
}

// removePermission answers DELETE of one of them.
func (c *call) removePermission(none) (out none, err error) {
	n := c.named()
	p, err := access.ParsePermission(n.Resource, n.Action, n.Reach)
	if err != nil {
		return none{}, fault.New(fault.Unknown, "there is no such permission")
	}
	return none{}, c.s.Book.Forbid(c.ctx, c.p, n.Role, p)
}
