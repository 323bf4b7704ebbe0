package api

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// tenantOperations are those on tenants: one's own, and all of them for people of the first one who have the permission.
func tenantOperations() []operation {
	reads := accountsTo(access.Reading)
	writes := []access.Permission{{Resource: access.Tenants, Action: access.Writing, Reach: access.All}}
	return []operation{
		on(operation{method: "GET", path: "/admin/tenants", needs: reads, says: "The own tenant, or all, by number", params: paged()}, (*call).tenants),
		on(operation{method: "POST", path: "/admin/tenants", needs: writes, status: http.StatusCreated, says: "Make a tenant, with its first user"}, (*call).addTenant),
		on(operation{method: "GET", path: "/admin/tenants/{id}", needs: reads, says: "A tenant"}, (*call).oneTenant),
		on(operation{method: "PATCH", path: "/admin/tenants/{id}", needs: writes, says: "Let people and clients sign in to a tenant, or not"}, (*call).changeTenant),
		on(operation{method: "DELETE", path: "/admin/tenants/{id}", needs: writes, status: http.StatusNoContent, says: "Let nobody sign in to a tenant; its data stay"}, (*call).endTenant),
	}
}

type tenant struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	IsActive  bool      `json:"is_active"`
	CreatedAt time.Time `json:"created_at"`
}

func shownTenant(t accounts.Tenant) tenant {
	return tenant{tenantID(t.ID), t.Name, t.Active, t.Created}
}

type newTenant struct {
	Name string `json:"name" least:"1" most:"64"`
}

type tenantChange struct {
	IsActive bool `json:"is_active"`
}

type founded struct {
	Tenant   tenant `json:"tenant"`
	Login    string `json:"login" says:"of its first user, who may do everything in it"`
	Password string `json:"password" says:"for once; it is shown this once, and must be changed within a week"`
}

// tenants answers GET /admin/tenants.
func (c *call) tenants(none) (page[tenant], error) {
	p, _, err := c.paging()
	if err != nil {
		return page[tenant]{}, err
	}
	all, err := c.seenTenants()
	return cut(p, all, shownTenant), err
}

// seenTenants are those of which the caller may know.
func (c *call) seenTenants() ([]accounts.Tenant, error) {
	all, err := c.s.Book.Tenants(c.ctx)
	if accounts.MayTenants(c.p, access.Reading) == nil {
		return all, err
	}
	return slices.DeleteFunc(all, func(t accounts.Tenant) bool { return t.ID != c.p.Tenant }), err
}

// theTenant is the one that the path names. Fault: Unknown, also if the caller may not know of it.
func (c *call) theTenant() (accounts.Tenant, error) {
	id, _ := strconv.ParseInt(c.r.PathValue("id"), 10, 32)
	all, err := c.seenTenants()
	at := slices.IndexFunc(all, func(t accounts.Tenant) bool { return t.ID == int32(id) })
	if err == nil && at < 0 {
		err = fault.New(fault.Unknown, "there is no such tenant")
	}
	if err != nil {
		return accounts.Tenant{}, err
	}
	return all[at], nil
}

// oneTenant answers GET /admin/tenants/{id}.
func (c *call) oneTenant(none) (tenant, error) {
	t, err := c.theTenant()
	return shownTenant(t), err
}

// addTenant answers POST /admin/tenants.
func (c *call) addTenant(in newTenant) (founded, error) {
	t, err := c.s.Book.AddTenant(c.ctx, c.p, in.Name)
	if err != nil {
		return founded{}, err
	}
	password, err := c.s.Book.FirstUser(c.ctx, access.Inside(t.ID, "admin"))
	c.w.Header().Set("Location", Root+"/admin/tenants/"+tenantID(t.ID))
	return founded{shownTenant(t), accounts.FirstLogin, password}, err
}

// changeTenant answers PATCH /admin/tenants/{id}.
func (c *call) changeTenant(in tenantChange) (tenant, error) {
	t, err := c.theTenant()
	if err == nil {
		err = c.s.Book.SetTenantActive(c.ctx, c.p, t.ID, in.IsActive)
	}
	t.Active = in.IsActive
	return shownTenant(t), err
}

// endTenant answers DELETE /admin/tenants/{id}.
func (c *call) endTenant(none) (out none, err error) {
	_, err = c.changeTenant(tenantChange{})
	return none{}, err
}
