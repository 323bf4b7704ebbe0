package api

import (
	"net/http"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
)

// ownOperations are what somebody does for himself who has signed in.
func ownOperations() []operation {
	return []operation{
		on(operation{method: "GET", path: "/auth/factors", says: "The own second factors", params: paged()}, (*call).factors),
		on(operation{method: "POST", path: "/auth/factors/totp", status: http.StatusCreated, says: "Begin with an authenticator app: it counts once it is confirmed"}, (*call).beginTOTP),
		on(operation{method: "POST", path: "/auth/factors/totp/{id}/confirm", says: "Confirm an authenticator app by a code of it; recovery codes are shown this once"}, (*call).confirmTOTP),
		on(operation{method: "POST", path: "/auth/factors/recovery-codes", says: "Have other recovery codes, shown this once"}, (*call).recoveryCodes),
		on(operation{method: "POST", path: "/auth/factors/off", status: http.StatusNoContent, says: "Sign in without a second factor from now on"}, (*call).factorsOff),
		on(operation{method: "GET", path: "/auth/sessions", says: "Where the caller has signed in", params: paged()}, (*call).ownSessions),
		on(operation{method: "DELETE", path: "/auth/sessions/{id}", status: http.StatusNoContent, says: "End an own sign-in"}, (*call).endOwnSession),
	}
}

type ownFactor struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind" among:"totp recovery"`
	CreatedAt time.Time `json:"created_at"`
	Confirmed bool      `json:"confirmed" says:"it counts"`
}

type begun struct {
	ID  string `json:"id"`
	URI string `json:"uri" says:"otpauth address for the app: show it as a QR code"`
}

type code struct {
	Code string `json:"code" least:"6" most:"6"`
}

type recovery struct {
	RecoveryCodes []string `json:"recovery_codes" says:"each good once"`
}

type vouched struct {
	Password string `json:"password" least:"1" most:"256" says:"the current one, again"`
}

// factors answers GET /auth/factors.
func (c *call) factors(none) (page[ownFactor], error) {
	p, _, err := c.ownPage()
	if err != nil {
		return page[ownFactor]{}, err
	}
	list, err := c.s.Book.Factors(c.ctx, c.p.Tenant, userOf(c.p.Subject))
	return cut(p, list, func(f accounts.Factor) ownFactor {
		return ownFactor{f.ID, f.Kind, f.Created, !f.Confirmed.IsZero()}
	}), err
}

// ownPage is the page of a list that only somebody has who has signed in.
func (c *call) ownPage() (accounts.Page, string, error) {
	if err := c.himself(); err != nil {
		return accounts.Page{}, "", err
	}
	p, _, err := c.paging()
	return p, userOf(c.p.Subject), err
}

// beginTOTP answers POST /auth/factors/totp.
func (c *call) beginTOTP(none) (begun, error) {
	id, uri, err := c.s.Book.AddTOTP(c.ctx, c.p, c.s.Name)
	return begun{id, uri}, err
}

// confirmTOTP answers POST /auth/factors/totp/{id}/confirm.
func (c *call) confirmTOTP(in code) (recovery, error) {
	if err := c.s.Book.ConfirmTOTP(c.ctx, c.p, c.r.PathValue("id"), in.Code); err != nil {
		return recovery{}, err
	}
	codes, err := c.s.Book.NewRecoveryCodes(c.ctx, c.p)
	return recovery{codes}, err
}

// recoveryCodes answers POST /auth/factors/recovery-codes.
func (c *call) recoveryCodes(in vouched) (recovery, error) {
	codes, err := c.s.Book.OtherRecoveryCodes(c.ctx, c.p, in.Password)
	return recovery{codes}, err
}

// factorsOff answers POST /auth/factors/off.
func (c *call) factorsOff(in vouched) (none, error) {
	return none{}, c.s.Book.TurnOffFactors(c.ctx, c.p, in.Password)
}

// session is a sign-in.
type session struct {
	ID        string    `json:"id"`
	UserID    string    `json:"user_id"`
	Factors   []string  `json:"factors" says:"how he has signed in (RFC 8176)"`
	Agent     string    `json:"user_agent"`
	Address   string    `json:"ip_address"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"last_seen_at" says:"to the minute"`
	Current   bool      `json:"current" says:"it is the one by which this was asked"`
}

func (c *call) shown(s accounts.Session) session {
	return session{s.ID, s.User, listed(s.Factors), s.Agent, s.Address, s.Created, s.Seen, s.ID == c.session()}
}

// ownSessions answers GET /auth/sessions.
func (c *call) ownSessions(none) (page[session], error) {
	p, user, err := c.ownPage()
	if err != nil {
		return page[session]{}, err
	}
	list, total, err := c.s.Book.SessionPage(c.ctx, c.p.Tenant, user, p)
	return pageOf(p, total, list, c.shown), err
}

// endOwnSession answers DELETE /auth/sessions/{id}. What is not his is not there.
func (c *call) endOwnSession(none) (out none, err error) {
	if err := c.himself(); err != nil {
		return none{}, err
	}
	id := c.r.PathValue("id")
	s, err := c.s.Book.OneSession(c.ctx, c.p.Tenant, id)
	if err == nil && s.User != userOf(c.p.Subject) {
		err = fault.New(fault.Unknown, "there is no such session")
	}
	if err == nil {
		err = c.s.Book.EndSession(c.ctx, c.p, id)
	}
	if id == c.session() {
		c.s.Gate.Forget(c.r)
	}
	return none{}, err
}
