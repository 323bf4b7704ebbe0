package signin

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
)

// sessionsView is where somebody has signed in, and what he has allowed.
type sessionsView struct {
	Sessions []sessionLine
	Apps     []appLine
}

type sessionLine struct {
	ID, Agent, Since string
	Here             bool
}

type appLine struct{ ID, Name, Since, Words string }

// sessions shows a user where he is signed in, and which apps have what.
func (i *Issuer) sessions(w http.ResponseWriter, r *http.Request) {
	by, err := i.grown(r)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	data, err := i.listed(r, by)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	v := i.view(w, r, "Your sessions and apps")
	v.Login, v.Data = by.Name, data
	i.show(w, r, http.StatusOK, "sessions", v)
}

// grown is who has signed in and need not change his password.
func (i *Issuer) grown(r *http.Request) (visitor, error) {
	by, err := i.visitor(r, tenantOf(kept(r)), 0)
	if err == nil && by.Grant == "" {
		err = fault.New(fault.Forbidden, "the password must be changed first")
	}
	return by, err
}

func (i *Issuer) listed(r *http.Request, by visitor) (v sessionsView, err error) {
	sessions, err := i.book.Sessions(r.Context(), by.Tenant, by.session.User)
	if err != nil {
		return v, err
	}
	for _, s := range sessions {
		v.Sessions = append(v.Sessions, sessionLine{s.ID, s.Agent, when(s.Created), s.ID == by.session.ID})
	}
	grants, err := i.book.Grants(r.Context(), by.Tenant, by.Subject)
	if err != nil {
		return v, err
	}
	names, err := i.names(r, by.Tenant)
	for _, g := range grants {
		var said []string
		for _, s := range inWords(g.Scopes) {
			said = append(said, s.Words)
		}
		v.Apps = append(v.Apps, appLine{g.ID, names[g.Client], when(g.Given), strings.Join(said, "; ")})
	}
	return v, err
}

func (i *Issuer) names(r *http.Request, tenant int32) (map[string]string, error) {
	clients, err := i.book.Clients(r.Context(), tenant)
	names := map[string]string{}
	for _, c := range clients {
		names[c.ID] = c.Name
	}
	return names, err
}

func when(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// endOne ends a session, or takes from an app what it was given. What is not his is not there.
func (i *Issuer) endOne(w http.ResponseWriter, r *http.Request) {
	by, err := i.grown(r)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	if id := r.PostFormValue("session"); id != "" {
		err = i.book.EndSession(r.Context(), by.Principal, id)
	} else {
		err = i.endOwn(r, by, r.PostFormValue("app"))
	}
	if err != nil && !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Forbidden) {
		i.elsewhere(w, r, err)
		return
	}
	http.Redirect(w, r, sessionsPath+"?"+kept(r).Encode(), http.StatusSeeOther)
}

// endOwn ends what the user has given himself.
func (i *Issuer) endOwn(r *http.Request, by visitor, grant string) error {
	list, err := i.book.Grants(r.Context(), by.Tenant, by.Subject)
	if err != nil || !slices.ContainsFunc(list, func(g accounts.Grant) bool { return g.ID == grant }) {
		return err
	}
	return i.book.End(r.Context(), by.Principal, grant)
}

const leavePath = "/oauth/end-session"

// askLeave asks whether the user wants to sign out, wherever he comes from (OpenID Connect RP-Initiated Logout 1.0 section 2).
func (i *Issuer) askLeave(w http.ResponseWriter, r *http.Request) {
	v := i.view(w, r, "Sign out?")
	v.Query = encoded(r.URL.Query())
	i.show(w, r, http.StatusOK, "leave", v)
}

// left ends the session and all that was given in it, and goes back to the app.
func (i *Issuer) left(w http.ResponseWriter, r *http.Request) {
	p, s, err := i.book.Session(r.Context(), i.cookie(r, "session"))
	if err == nil {
		err = i.book.EndSession(r.Context(), p, s.ID)
	}
	if err != nil && !fault.Is(err, fault.Unauthorized) && !fault.Is(err, fault.Unknown) {
		i.broken(w, r, err)
		return
	}
	i.setCookie(w, "session", "", -time.Second)
	q := r.URL.Query()
	c, err := i.book.Client(r.Context(), q.Get("client_id"))
	if back := q.Get("post_logout_redirect_uri"); err == nil && slices.Contains(c.Redirects, back) {
		answer := url.Values{}
		answer.Set("state", q.Get("state"))
		i.showBack(w, r, i.answered(back, answer))
		return
	}
	i.show(w, r, http.StatusOK, "message", view{Title: "Signed out", Data: "You can close this page."})
}
