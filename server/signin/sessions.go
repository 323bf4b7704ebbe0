package signin

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/page"
)

// sessions shows a user where he is signed in, and which apps have what.
func (i *Issuer) sessions(w http.ResponseWriter, r *http.Request) {
	by, err := i.grown(r)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	f := i.forms(w, r)
	in, err := i.signedIn(r, f, by)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	apps, err := i.allowed(r, f, by)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	i.show(w, r, http.StatusOK, account(r, by, "Your sessions and apps", "", page.Section{Title: "Where you are signed in", Parts: in}, page.Section{Title: "Apps that act for you", Parts: apps}))
}

// grown is who has signed in and need not change his password.
func (i *Issuer) grown(r *http.Request) (visitor, error) {
	by, err := i.visitor(r, tenantOf(kept(r)), 0)
	if err == nil && by.Grant == "" {
		err = fault.New(fault.Forbidden, "the password must be changed first")
	}
	return by, err
}

// signedIn lists the sessions, each of which can be ended.
func (i *Issuer) signedIn(r *http.Request, f forms, by visitor) ([]page.Part, error) {
	list, err := i.book.Sessions(r.Context(), by.Tenant, by.session.User)
	if err != nil {
		return nil, err
	}
	t := page.Table{Caption: "Where you are signed in", Head: []string{"Program", "From", "Since", "Last used", "Action"}}
	for n, s := range list {
		name := page.Say("%s", program(s.Agent))
		if s.ID == by.session.ID {
			name = page.Say("%s (this one)", program(s.Agent))
		}
		end := f.hiding("session", s.ID, page.Button{Text: "End it", Other: true, Says: "End it: session " + strconv.Itoa(n+1) + ", since " + when(s.Created)})
		t.Rows = append(t.Rows, page.Row{name, page.Plain(cmp.Or(s.Address, "unknown")), page.Plain(when(s.Created)), page.Plain(when(s.Seen)), end})
	}
	parts := []page.Part{t}
	if len(list) > 1 {
		parts = append(parts, f.hiding("others", "yes", page.Button{Text: "End all others"}))
	}
	return parts, nil
}

// allowed lists what apps were given, which can be taken away.
func (i *Issuer) allowed(r *http.Request, f forms, by visitor) ([]page.Part, error) {
	grants, err := i.book.Grants(r.Context(), by.Tenant, by.Subject)
	if err != nil || len(grants) == 0 {
		return []page.Part{page.Say("No app has anything from you.")}, err
	}
	names, err := i.names(r, by.Tenant)
	var list page.List
	for n, g := range grants {
		item := page.Item{Title: names[g.Client], Parts: []page.Part{page.Plain("Since " + when(g.Given) + ". It may:")}}
		var may page.List
		for _, s := range inWords(g.Scopes) {
			may.Items = append(may.Items, page.Item{Parts: []page.Part{page.Plain(s.Words)}})
		}
		take := f.hiding("app", g.ID, page.Button{Text: "Take it away", Other: true, Says: "Take it away from app " + strconv.Itoa(n+1) + ", " + names[g.Client]})
		item.Parts = append(item.Parts, may, take)
		list.Items = append(list.Items, item)
	}
	return []page.Part{list}, err
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

// endSome ends a session or all others, or takes from an app what it was given. What is not his is not there.
func (i *Issuer) endSome(w http.ResponseWriter, r *http.Request) {
	by, err := i.grown(r)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	switch id := r.PostFormValue("session"); {
	case r.PostFormValue("others") != "":
		err = i.endOthers(r, by)
	case id != "":
		err = i.book.EndSession(r.Context(), by.Principal, id)
	default:
		err = i.endOwn(r, by, r.PostFormValue("app"))
	}
	if err != nil && !fault.Is(err, fault.Unknown) && !fault.Is(err, fault.Forbidden) {
		i.elsewhere(w, r, err)
		return
	}
	http.Redirect(w, r, string(at(sessionsPath, r)), http.StatusSeeOther)
}

// endOthers ends all sessions of the user but this one. One that has ended meanwhile is as wanted.
func (i *Issuer) endOthers(r *http.Request, by visitor) error {
	list, err := i.book.Sessions(r.Context(), by.Tenant, by.session.User)
	for _, s := range list {
		if s.ID == by.session.ID {
			continue
		}
		if err := i.book.EndSession(r.Context(), by.Principal, s.ID); err != nil && !fault.Is(err, fault.Unknown) {
			return err
		}
	}
	return err
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
	f := i.forms(w, r)
	f.query = encoded(r.URL.Query())
	i.show(w, r, http.StatusOK, page.Page{Title: "Sign out?", Main: []page.Part{
		page.Say("Apps that go on without you keep what they have; see your sessions and apps."), f.form(page.Button{Text: "Sign out"}), page.Link{Text: "Sessions and apps", To: at(sessionsPath, r)},
	}})
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
	i.show(w, r, http.StatusOK, page.Page{Title: "Signed out", Main: []page.Part{page.Say("You can close this page."), page.Link{Text: "Sign in again", To: at(signInPath, r)}}})
}
