package api

import (
	"net/http"
	"slices"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// userOperations are those on who may sign in.
func userOperations() []operation {
	reads, writes := accountsTo(access.Reading), accountsTo(access.Writing)
	found := paged(param{"q", "a part of login, name or e-mail address"}, param{"role", "a role that they hold"}, param{"is_active", "true or false"})
	return []operation{
		on(operation{method: "GET", path: "/admin/users", needs: reads, says: "The users, by login", params: found}, (*call).users),
		on(operation{method: "POST", path: "/admin/users", needs: writes, status: http.StatusCreated, says: "Make a user, with a password for once"}, (*call).addUser),
		on(operation{method: "GET", path: "/admin/users/{id}", needs: reads, says: "A user"}, (*call).user),
		on(operation{method: "PATCH", path: "/admin/users/{id}", needs: writes, changes: true, says: "Change what is named of a user"}, (*call).changeUser),
		on(operation{method: "DELETE", path: "/admin/users/{id}", needs: writes, status: http.StatusNoContent, says: "Let a user no longer sign in; he stays, because the audit names him"}, (*call).endUser),
		on(operation{method: "POST", path: "/admin/users/{id}/reset", needs: writes, says: "Give a user a password for once; his sign-ins end"}, (*call).resetUser),
		on(operation{method: "POST", path: "/admin/users/{id}/unlock", needs: writes, status: http.StatusNoContent, says: "Let a user try again at once who has failed too often"}, (*call).unlockUser),
		on(operation{method: "DELETE", path: "/admin/users/{id}/factors", needs: writes, status: http.StatusNoContent, says: "Take the second factors from a user who has lost them; his sign-ins end"}, (*call).dropFactors),
		on(operation{method: "PUT", path: "/admin/users/{id}/roles/{role}", needs: writes, status: http.StatusNoContent, says: "Let a user hold a role"}, (*call).giveRole),
		on(operation{method: "DELETE", path: "/admin/users/{id}/roles/{role}", needs: writes, status: http.StatusNoContent, says: "Take a role from a user"}, (*call).takeRole),
	}
}

type user struct {
	ID           string    `json:"id"`
	Login        string    `json:"login"`
	Email        string    `json:"email"`
	FullName     string    `json:"full_name"`
	IsActive     bool      `json:"is_active"`
	Roles        []string  `json:"roles"`
	SecondFactor bool      `json:"second_factor"`
	MustChange   bool      `json:"must_change_password"`
	CreatedAt    time.Time `json:"created_at"`
}

func shownUser(m accounts.Member) user {
	return user{m.ID, m.Login, m.Email, m.Name, m.Active, listed(m.Roles), m.SecondFactor, m.MustChange, m.Created}
}

type newUser struct {
	Login    string   `json:"login" least:"1" most:"64" says:"without @"`
	Email    string   `json:"email,omitempty" most:"254"`
	FullName string   `json:"full_name,omitempty" most:"200"`
	Roles    []string `json:"roles,omitempty" most:"100"`
}

type userChange struct {
	Email    *string `json:"email,omitempty" most:"254"`
	FullName *string `json:"full_name,omitempty" most:"200"`
	IsActive *bool   `json:"is_active,omitempty"`
}

type welcomed struct {
	User     user   `json:"user"`
	Password string `json:"password" says:"for once; it is shown this once, and must be changed within a week"`
}

type oneTimePassword struct {
	Password string `json:"password" says:"for once; it is shown this once, and must be changed within a week"`
}

// users answers GET /admin/users.
func (c *call) users(none) (page[user], error) {
	p, q, err := c.paging("q", "role", "is_active")
	if err != nil {
		return page[user]{}, err
	}
	if active := q.Get("is_active"); !slices.Contains([]string{"", "true", "false"}, active) {
		return page[user]{}, wrong("is_active", "is_active is true or false")
	}
	list, total, err := c.s.Book.Members(c.ctx, c.p.Tenant, accounts.Which{Text: q.Get("q"), Role: q.Get("role"), Active: q.Get("is_active")}, p)
	return pageOf(p, total, list, shownUser), err
}

// user answers GET /admin/users/{id}.
func (c *call) user(none) (user, error) {
	m, err := c.s.Book.Member(c.ctx, c.p.Tenant, c.r.PathValue("id"))
	return tagged(c, shownUser(m), err)
}

// addUser answers POST /admin/users.
func (c *call) addUser(in newUser) (welcomed, error) {
	u, password, err := c.s.Book.Join(c.ctx, c.p, accounts.NewUser{Login: in.Login, Name: in.FullName, Email: in.Email}, in.Roles...)
	if err != nil {
		return welcomed{}, err
	}
	m, err := c.s.Book.Member(c.ctx, c.p.Tenant, u.ID)
	c.w.Header().Set("Location", Root+"/admin/users/"+u.ID)
	shown, err := tagged(c, shownUser(m), err)
	return welcomed{shown, password}, err
}

// changeUser answers PATCH /admin/users/{id}.
func (c *call) changeUser(in userChange) (user, error) {
	change := accounts.UserChange{Name: in.FullName, Email: in.Email, Active: in.IsActive}
	m, err := c.s.Book.ChangeUser(c.ctx, c.p, c.r.PathValue("id"), change, unchanged(c, shownUser))
	return tagged(c, shownUser(m), err)
}

// endUser answers DELETE /admin/users/{id}.
func (c *call) endUser(none) (out none, err error) {
	return none{}, c.s.Book.SetActive(c.ctx, c.p, c.r.PathValue("id"), false)
}

// resetUser answers POST /admin/users/{id}/reset.
func (c *call) resetUser(none) (oneTimePassword, error) {
	password, err := c.s.Book.ResetPassword(c.ctx, c.p, c.r.PathValue("id"))
	return oneTimePassword{password}, err
}

// unlockUser answers POST /admin/users/{id}/unlock.
func (c *call) unlockUser(none) (out none, err error) {
	return none{}, c.s.Book.Unlock(c.ctx, c.p, c.r.PathValue("id"))
}

// dropFactors answers DELETE /admin/users/{id}/factors.
func (c *call) dropFactors(none) (out none, err error) {
	return none{}, c.s.Book.DropFactors(c.ctx, c.p, c.r.PathValue("id"))
}

// giveRole answers PUT /admin/users/{id}/roles/{role}. Who holds it already holds it.
func (c *call) giveRole(none) (out none, err error) {
	m, err := c.s.Book.Member(c.ctx, c.p.Tenant, c.r.PathValue("id"))
	role := c.r.PathValue("role")
	if err != nil || slices.Contains(m.Roles, role) {
		return none{}, err
	}
	err = c.s.Book.Give(c.ctx, c.p, role, m.ID)
	if fault.Is(err, fault.Conflict) {
		err = nil // somebody else gave it at the same time
	}
	return none{}, err
}

// takeRole answers DELETE /admin/users/{id}/roles/{role}.
func (c *call) takeRole(none) (out none, err error) {
	return none{}, c.s.Book.Take(c.ctx, c.p, c.r.PathValue("role"), c.r.PathValue("id"))
}
