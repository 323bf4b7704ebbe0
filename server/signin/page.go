package signin

import (
	"html/template"
	"net/http"
	"net/url"

	"github.com/ficushealth/ficus/server/page"
)

// show answers with a page.
func (i *Issuer) show(w http.ResponseWriter, r *http.Request, status int, p page.Page) {
	if err := i.o.Pages.Write(w, status, p); err != nil {
		i.failed(r, err)
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
	}
}

// oops says that there is no way on from here.
func (i *Issuer) oops(w http.ResponseWriter, r *http.Request, status int, message string) {
	i.show(w, r, status, page.Page{Title: "This does not go on", Main: []page.Part{page.Plain(message)}})
}

// broken says that something failed inside.
func (i *Issuer) broken(w http.ResponseWriter, r *http.Request, err error) {
	i.failed(r, err)
	w.Header().Set("Retry-After", "1")
	i.oops(w, r, http.StatusServiceUnavailable, "Something failed on our side. Please try again in a moment.")
}

// forms makes the forms of a page, which count in this browser and session alone, at the place to which they go.
type forms struct {
	device, session, path string
	query                 template.URL
}

// forms of the page that is asked for go to where it lies.
func (i *Issuer) forms(w http.ResponseWriter, r *http.Request) forms {
	return forms{i.device(w, r), i.cookie(r, "session"), r.URL.Path, encoded(kept(r))}
}

// to sends the forms to another page.
func (f forms) to(path string) forms {
	f.path = path
	return f
}

// form with one button.
func (f forms) form(b page.Button, parts ...page.Part) page.Form {
	return page.Form{To: f.address(), Token: formToken(f.device, f.session, f.path), Parts: parts, Buttons: []page.Button{b}}
}

// hiding is a form of one button, which sends what it stands for.
func (f forms) hiding(name, value string, b page.Button) page.Form {
	form := f.form(b)
	form.Hidden = []page.Hidden{{Name: name, Value: value}}
	return form
}

func (f forms) address() template.URL {
	if f.query == "" {
		return template.URL(f.path) //nolint:gosec // a path of ours
	}
	return template.URL(f.path) + "?" + f.query //nolint:gosec // as above
}

// encoded is a query as it stands in an address.
func encoded(q url.Values) template.URL { return template.URL(q.Encode()) } //nolint:gosec // all of it was escaped just now

// at is a page of ours with what is kept.
func at(path string, r *http.Request) template.URL {
	return forms{path: path, query: encoded(kept(r))}.address()
}

// account is a page of somebody who has signed in and looks after what is his.
func account(r *http.Request, by visitor, title, wrong string, main ...page.Part) page.Page {
	p := page.Page{Title: title, Name: by.Name, Wrong: wrong, Main: main}
	for _, l := range []page.Link{{Text: "Sessions and apps", To: sessionsPath}, {Text: "Second step", To: factorsPath}, {Text: "Password", To: passwordPath}, {Text: "Sign out", To: leavePath}} {
		l.Here = string(l.To) == r.URL.Path
		l.To = at(string(l.To), r)
		p.Links = append(p.Links, l)
	}
	return p
}
