package signin

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
)

// signInView is what the page shows.
type signInView struct{ Client, Login string }

// view is a page for this browser. Its form goes to the path at which the page lies.
func (i *Issuer) view(w http.ResponseWriter, r *http.Request, title string) view {
	return i.viewAt(w, r, title, r.URL.Path)
}

func (i *Issuer) viewAt(w http.ResponseWriter, r *http.Request, title, path string) view {
	return view{Title: title, Query: encoded(kept(r)), Token: formToken(i.device(w, r), i.cookie(r, "session"), path)}
}

// encoded is a query as it stands in an address.
func encoded(q url.Values) template.URL { return template.URL(q.Encode()) } //nolint:gosec // all of it was escaped just now

// enter shows where people sign in.
func (i *Issuer) enter(w http.ResponseWriter, r *http.Request) {
	i.askLogin(w, r, http.StatusOK, "", "")
}

func (i *Issuer) askLogin(w http.ResponseWriter, r *http.Request, status int, login, message string) {
	v := i.view(w, r, "Sign in")
	s := signInView{Login: login}
	if g, err := i.asked(r); err == nil {
		if c, err := i.book.Client(r.Context(), g.Client); err == nil {
			s.Client = c.Name
		}
	}
	v.Message, v.Data = message, s
	i.show(w, r, status, "signin", v)
}

// try is an attempt to sign in with this browser.
func (i *Issuer) try(r *http.Request) accounts.Try {
	return accounts.Try{
		Login: r.PostFormValue("login"), Password: r.PostFormValue("password"), Device: i.browser(r),
		Address: address(r), Agent: firstOf(r.UserAgent(), maxAgent), RequestID: r.Header.Get("X-Request-Id"),
	}
}

const maxAgent = 256

func firstOf(text string, n int) string {
	return strings.ToValidUTF8(text[:min(len(text), n)], "")
}

// signInWith takes login and password.
func (i *Issuer) signInWith(w http.ResponseWriter, r *http.Request) {
	try := i.try(r)
	s, err := i.book.SignIn(r.Context(), tenantOf(kept(r)), try)
	if err != nil {
		status, text, known := wrongBecause(err)
		if !known {
			i.broken(w, r, err)
			return
		}
		i.askLogin(w, r, status, try.Login, text)
		return
	}
	i.entered(w, r, s)
}

// wrongBecause is what the user is told. false: it was no mistake of his.
func wrongBecause(err error) (status int, text string, known bool) {
	switch {
	case fault.Is(err, fault.Unauthorized):
		return http.StatusForbidden, fault.Find(err).Text, true
	case fault.Is(err, fault.TooMany):
		return http.StatusTooManyRequests, fault.Find(err).Text, true
	case fault.Is(err, fault.Invalid):
		return http.StatusUnprocessableEntity, fault.Find(err).Text, true
	}
	return 0, "", false
}

// entered goes on with a session, or asks for the second factor.
func (i *Issuer) entered(w http.ResponseWriter, r *http.Request, s accounts.Signed) {
	if s.Ticket != "" {
		i.askCode(w, r, http.StatusOK, s.Ticket, "")
		return
	}
	i.endOld(r)
	i.setCookie(w, "session", s.Text, 0)
	if s.MustChange {
		http.Redirect(w, r, passwordPath+"?"+kept(r).Encode(), http.StatusSeeOther)
		return
	}
	i.goOn(w, r)
}

// goOn shows what the user came for.
func (i *Issuer) goOn(w http.ResponseWriter, r *http.Request) {
	q, next := kept(r), sessionsPath
	if q.Has("grant") || q.Has("code") {
		next = consentPath
	}
	http.Redirect(w, r, next+"?"+q.Encode(), http.StatusSeeOther)
}

// endOld ends the session that the browser had before: it shows another one from now on.
func (i *Issuer) endOld(r *http.Request) {
	p, s, err := i.book.Session(r.Context(), i.cookie(r, "session"))
	if err != nil {
		return
	}
	if err := i.book.EndSession(r.Context(), p, s.ID); err != nil && !fault.Is(err, fault.Unknown) {
		i.failed(r, err)
	}
}

func (i *Issuer) askCode(w http.ResponseWriter, r *http.Request, status int, ticket, message string) {
	v := i.viewAt(w, r, "Second step", factorPath)
	v.Message, v.Data = message, ticket
	i.show(w, r, status, "factor", v)
}

// secondFactor takes the code of an authenticator app, or a recovery code.
func (i *Issuer) secondFactor(w http.ResponseWriter, r *http.Request) {
	ticket := r.PostFormValue("ticket")
	s, err := i.book.Second(r.Context(), ticket, r.PostFormValue("code"), i.try(r))
	if err != nil {
		status, text, known := wrongBecause(err)
		if !known {
			i.broken(w, r, err)
			return
		}
		i.askCode(w, r, status, ticket, text)
		return
	}
	i.entered(w, r, s)
}

// newPassword shows where the password is changed that was given out for once.
func (i *Issuer) newPassword(w http.ResponseWriter, r *http.Request) {
	i.askPassword(w, r, http.StatusOK, "")
}

func (i *Issuer) askPassword(w http.ResponseWriter, r *http.Request, status int, message string) {
	by, err := i.visitor(r, tenantOf(kept(r)), 0)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	v := i.view(w, r, "Change your password")
	v.Login, v.Message = by.Name, message
	i.show(w, r, status, "password", v)
}

// changePassword takes the new one.
func (i *Issuer) changePassword(w http.ResponseWriter, r *http.Request) {
	by, err := i.visitor(r, tenantOf(kept(r)), 0)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	fresh := r.PostFormValue("fresh")
	if fresh != r.PostFormValue("again") {
		i.askPassword(w, r, http.StatusUnprocessableEntity, "The two new passwords differ.")
		return
	}
	err = i.book.ChangePassword(r.Context(), by.Principal, r.PostFormValue("old"), fresh)
	if status, text, known := wrongBecause(err); known {
		i.askPassword(w, r, status, text)
		return
	}
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	i.goOn(w, r)
}
