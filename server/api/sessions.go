package api

import (
	"net/http"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// sessionOperations are those on sign-ins of everybody in the tenant.
func sessionOperations() []operation {
	reads, writes := accountsTo(access.Reading), accountsTo(access.Writing)
	return []operation{
		on(operation{method: "GET", path: "/admin/sessions", needs: reads, says: "Who has signed in, the newest first", params: paged(param{"user_id", "of this user alone"})}, (*call).sessions),
		on(operation{method: "GET", path: "/admin/sessions/{id}", needs: reads, says: "A sign-in"}, (*call).oneSession),
		on(operation{method: "DELETE", path: "/admin/sessions/{id}", needs: writes, status: http.StatusNoContent, says: "End a sign-in, with all that was granted in it"}, (*call).endSession),
	}
}

// sessions answers GET /admin/sessions.
func (c *call) sessions(none) (page[session], error) {
	p, q, err := c.paging("user_id")
	if err != nil {
		return page[session]{}, err
	}
	list, total, err := c.s.Book.SessionPage(c.ctx, c.p.Tenant, q.Get("user_id"), p)
	return pageOf(p, total, list, c.shown), err
}

// oneSession answers GET /admin/sessions/{id}.
func (c *call) oneSession(none) (session, error) {
	s, err := c.s.Book.OneSession(c.ctx, c.p.Tenant, c.r.PathValue("id"))
	return c.shown(s), err
}

// endSession answers DELETE /admin/sessions/{id}.
func (c *call) endSession(none) (out none, err error) {
	id := c.r.PathValue("id")
	err = c.s.Book.EndSession(c.ctx, c.p, id)
	if fault.Is(err, fault.Unknown) {
		err = fault.New(fault.Unknown, "there is no such session")
	}
	return none{}, err
}
