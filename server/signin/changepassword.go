package signin

import (
	"net/http"

	"github.com/ficushealth/ficus/server/page"
)

// newPassword shows where the password is changed, which somebody must who was given one for once.
func (i *Issuer) newPassword(w http.ResponseWriter, r *http.Request) {
	i.askPassword(w, r, http.StatusOK, "")
}

func (i *Issuer) askPassword(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	by, err := i.visitor(r, tenantOf(kept(r)), 0)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	p := page.Page{Title: "Change your password", Name: by.Name, Wrong: wrong}
	say := page.Say("Your password was given out for once, so it must be changed before you go on. Your other sessions end then.")
	if by.Grant != "" {
		p, say = account(r, by, p.Title, wrong), page.Say("Your other sessions end then, and what apps have from you.")
	}
	p.Main = []page.Part{say, i.forms(w, r).form(page.Button{Text: "Change it"},
		page.Field{Name: "old", Label: "The password that you have now", Fill: "current-password", Secret: true, Doubt: wrong != "", Focus: true},
		page.Field{Name: "fresh", Label: "The new one", Hint: "At least 12 characters. Several words are better than one with odd letters.", Fill: "new-password", Secret: true, Doubt: wrong != ""},
		page.Field{Name: "again", Label: "The new one again", Fill: "new-password", Secret: true, Doubt: wrong != ""})}
	i.show(w, r, status, p)
}

// changePassword takes the new one. With that the session may do more, so it gets another text.
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
	if err == nil {
		err = i.renew(w, r, by)
	}
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	i.goOn(w, r)
}

// renew gives the session of the browser another text, because it has become stronger, by factors if some are named. Who had put the
// old one there, or has seen it, has nothing.
func (i *Issuer) renew(w http.ResponseWriter, r *http.Request, by visitor, factors ...string) error {
	text, err := i.book.RenewSession(r.Context(), by.Principal, i.cookie(r, "session"), factors...)
	if err == nil {
		i.setCookie(w, "session", text, 0)
	}
	return err
}
