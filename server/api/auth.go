package api

import (
	"cmp"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/signin"
)

func authOperations() []operation {
	entering := map[int]reflect.Type{http.StatusOK: reflect.TypeFor[entered](), http.StatusAccepted: reflect.TypeFor[halfway]()}
	return []operation{
		on(operation{method: "POST", path: "/auth/login", open: true, says: "Sign in by a password", answers: entering}, (*call).login),
		on(operation{method: "POST", path: "/auth/factor", open: true, says: "Answer with a second factor"}, (*call).factor),
		on(operation{method: "POST", path: "/auth/refresh", open: true, says: "Exchange a refresh token, which is good once, for the next tokens"}, (*call).refresh),
		on(operation{method: "POST", path: "/auth/logout", early: true, says: "End this sign-in, with all its tokens"}, (*call).logout),
		on(operation{method: "GET", path: "/auth/me", early: true, says: "Who has signed in"}, (*call).me),
		on(operation{method: "POST", path: "/auth/change-password", early: true, says: "Change the own password; other sign-ins end"}, (*call).changePassword),
	}
}

// credentials are what somebody signs in with.
type credentials struct {
	Email    string `json:"email" least:"1" most:"254" says:"the e-mail address, or the login"`
	Password string `json:"password" least:"8" most:"256"`
	Tenant   string `json:"tenant,omitempty" most:"10" says:"number of the tenant; the header X-Tenant-ID says it too; without both it is the first one"`
	Device   string `json:"device,omitempty" most:"128" says:"a secret that this device has made up and keeps: guesses from elsewhere do not slow it down"`
}

// entered is somebody who has signed in.
type entered struct {
	AccessToken  string   `json:"access_token"`
	RefreshToken string   `json:"refresh_token" says:"good once"`
	TokenType    string   `json:"token_type" among:"bearer"`
	ExpiresIn    int64    `json:"expires_in" says:"seconds for which the access token is good"`
	UserID       string   `json:"user_id"`
	TenantID     string   `json:"tenant_id"`
	Email        string   `json:"email"`
	Scopes       []string `json:"scopes" says:"what the roles of the user allow"`
	MustChange   bool     `json:"must_change_password" says:"nothing else is allowed before the password is changed"`
}

// halfway is somebody who has shown the password, and has to show a second factor.
type halfway struct {
	FactorRequired bool   `json:"factor_required"`
	Ticket         string `json:"ticket" says:"good for 5 minutes"`
}

type answeredFactor struct {
	Ticket string `json:"ticket" least:"1" most:"4096"`
	Code   string `json:"code" least:"6" most:"32" says:"of the authenticator app, or a recovery code"`
}

type refreshing struct {
	RefreshToken string `json:"refresh_token" least:"1" most:"256"`
}

type message struct {
	Message string `json:"message"`
}

// login answers POST /auth/login.
func (c *call) login(in credentials) (any, error) {
	e, err := c.s.Issuer.Enter(c.r, signin.Attempt{Tenant: c.tenant(in.Tenant), Login: in.Email, Password: in.Password, Device: in.Device})
	if err != nil {
		return nil, err
	}
	if e.Ticket != "" {
		c.status = http.StatusAccepted
		return halfway{true, e.Ticket}, nil
	}
	return c.entered(e)
}

// tenant is the number that a text or the header X-Tenant-ID says; 0, which is none, if it is no number.
func (c *call) tenant(text string) int32 {
	text = cmp.Or(text, c.r.Header.Get("X-Tenant-ID"))
	if text == "" {
		return accounts.First
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}

func (c *call) entered(e signin.Entered) (entered, error) {
	u, err := c.s.Book.UserByID(c.ctx, e.By.Tenant, userOf(e.By.Subject))
	return entered{
		AccessToken: e.Access, RefreshToken: e.Refresh, TokenType: "bearer", ExpiresIn: e.Seconds,
		UserID: u.ID, TenantID: tenantID(e.By.Tenant), Email: u.Email, Scopes: e.By.Roles.Names(), MustChange: e.MustChange,
	}, err
}

func userOf(subject string) string { return strings.TrimPrefix(subject, "user/") }

func tenantID(n int32) string { return strconv.Itoa(int(n)) }

// factor answers POST /auth/factor.
func (c *call) factor(in answeredFactor) (entered, error) {
	e, err := c.s.Issuer.Second(c.r, in.Ticket, in.Code)
	if err != nil {
		return entered{}, err
	}
	return c.entered(e)
}

// refresh answers POST /auth/refresh.
func (c *call) refresh(in refreshing) (entered, error) {
	e, err := c.s.Issuer.Renew(c.r, in.RefreshToken)
	if fault.Is(err, fault.Unauthorized) {
		err = coded(fault.Unauthorized, "unauthorized", "Could not validate credentials")
	}
	if err != nil {
		return entered{}, err
	}
	return c.entered(e)
}

// logout answers POST /auth/logout. The token that was shown is worth nothing from now on, others of the sign-in within seconds.
func (c *call) logout(none) (message, error) {
	if err := c.himself(); err != nil {
		return message{}, err
	}
	err := c.s.Book.EndSession(c.ctx, c.p, c.session())
	c.s.Gate.Forget(c.r)
	return message{"Successfully logged out"}, err
}

// himself refuses who has not signed in here, such as an app. Fault: Forbidden.
func (c *call) himself() error {
	if !signin.Himself(c.p) {
		return coded(fault.Forbidden, "not-signed-in", "this is for people who have signed in at "+Root+"/auth/login, and not for apps and services")
	}
	return nil
}

func (c *call) session() string { return strings.TrimPrefix(c.p.Client, "session/") }

// self is who has signed in.
type self struct {
	UserID       string   `json:"user_id"`
	TenantID     string   `json:"tenant_id"`
	Login        string   `json:"login"`
	Email        string   `json:"email"`
	FullName     string   `json:"full_name"`
	Role         string   `json:"role" says:"the first of the roles"`
	Roles        []string `json:"roles"`
	Scopes       []string `json:"scopes"`
	IsActive     bool     `json:"is_active"`
	SecondFactor bool     `json:"second_factor"`
	MustChange   bool     `json:"must_change_password"`
	SessionID    string   `json:"session_id"`
}

// me answers GET /auth/me.
func (c *call) me(none) (self, error) {
	if err := c.himself(); err != nil {
		return self{}, err
	}
	m, err := c.s.Book.Member(c.ctx, c.p.Tenant, userOf(c.p.Subject))
	if err != nil {
		return self{}, err
	}
	out := self{UserID: m.ID, TenantID: tenantID(c.p.Tenant), Login: m.Login, Email: m.Email, FullName: m.Name, Roles: listed(m.Roles), Scopes: c.p.Roles.Names(),
		IsActive: m.Active, SecondFactor: m.SecondFactor, MustChange: m.MustChange, SessionID: c.session()}
	if len(out.Roles) > 0 {
		out.Role = out.Roles[0]
	}
	return out, nil
}

// listed is a list that JSON writes as one, also if there is nothing in it.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

type passwordChange struct {
	Current string `json:"current_password" least:"1" most:"256"`
	New     string `json:"new_password" least:"8" most:"256"`
	Confirm string `json:"confirm_password" least:"1" most:"256"`
}

// changePassword answers POST /auth/change-password.
func (c *call) changePassword(in passwordChange) (message, error) {
	if in.New != in.Confirm {
		return message{}, wrong("confirm_password", "the two new passwords differ")
	}
	err := c.s.Book.ChangePassword(c.ctx, c.p, in.Current, in.New)
	c.s.Gate.Forget(c.r)
	return message{"Password changed successfully"}, err
}
