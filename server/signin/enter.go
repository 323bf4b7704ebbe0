package signin

import (
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/page"
)

// enter shows where people sign in.
func (i *Issuer) enter(w http.ResponseWriter, r *http.Request) {
	i.askLogin(w, r, http.StatusOK, "", "")
}

func (i *Issuer) askLogin(w http.ResponseWriter, r *http.Request, status int, login, wrong string) {
	p := page.Page{Title: "Sign in", Wrong: wrong}
	if name := i.waiting(r); name != "" {
		p.Main = append(p.Main, page.Say("to go on to %s", name))
	}
	p.Main = append(p.Main, i.forms(w, r).form(page.Button{Text: "Sign in"},
		page.Field{Name: "login", Label: "Login or e-mail address", Fill: "username", Value: login, Doubt: wrong != "", Focus: true},
		page.Field{Name: "password", Label: "Password", Fill: "current-password", Secret: true, Doubt: wrong != ""}))
	i.show(w, r, status, p)
}

// waiting is the name of the app that has sent the user here, empty if none has.
func (i *Issuer) waiting(r *http.Request) string {
	g, err := i.asked(r)
	if err != nil {
		return ""
	}
	c, err := i.book.Client(r.Context(), g.Client)
	if err != nil {
		return ""
	}
	return c.Name
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
		http.Redirect(w, r, string(at(passwordPath, r)), http.StatusSeeOther)
		return
	}
	i.goOn(w, r)
}

// goOn shows what the user came for.
func (i *Issuer) goOn(w http.ResponseWriter, r *http.Request) {
	q, next := kept(r), sessionsPath
	switch {
	case q.Has("grant") || q.Has("code"):
		next = consentPath
	case q.Get("then") == "factors":
		next = factorsPath
	}
	http.Redirect(w, r, string(at(next, r)), http.StatusSeeOther)
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

func (i *Issuer) askCode(w http.ResponseWriter, r *http.Request, status int, ticket, wrong string) {
	form := i.forms(w, r).to(factorPath).hiding("ticket", ticket, page.Button{Text: "Go on"})
	form.Parts = []page.Part{page.Field{Name: "code", Label: "Code", Hint: "Six digits from your authenticator app, or one of your recovery codes.", Fill: "one-time-code", Code: true, Doubt: wrong != "", Focus: true}}
	i.show(w, r, status, page.Page{Title: "Second step", Wrong: wrong, Main: []page.Part{form, page.Link{Text: "Begin again", To: at(signInPath, r)}}})
}

// typed is the code that was typed, without the spaces by which apps make it readable.
func typed(r *http.Request) string { return strings.ReplaceAll(r.PostFormValue("code"), " ", "") }

// secondFactor takes the code of an authenticator app, or a recovery code.
func (i *Issuer) secondFactor(w http.ResponseWriter, r *http.Request) {
	ticket := r.PostFormValue("ticket")
	s, err := i.book.Second(r.Context(), ticket, typed(r), i.try(r))
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
