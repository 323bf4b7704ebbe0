package signin

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/page"
)

// freshTime is how long after a sign-in somebody may change by what he signs in: a browser that was left alone must not be enough.
const freshTime = 10 * time.Minute

// fresh is who has signed in a moment ago. Faults: as grown.
func (i *Issuer) fresh(r *http.Request) (visitor, error) {
	by, err := i.grown(r)
	if err == nil && i.o.Now().Sub(by.session.Created) > freshTime {
		err = fault.New(fault.Unauthorized, "sign in again")
	}
	return by, err
}

// again lets somebody sign in and come back to his factors.
func (i *Issuer) again(w http.ResponseWriter, r *http.Request, err error) {
	if !fault.Is(err, fault.Unauthorized) {
		i.elsewhere(w, r, err)
		return
	}
	q := kept(r)
	q.Set("then", "factors")
	http.Redirect(w, r, signInPath+"?"+q.Encode(), http.StatusSeeOther)
}

// factors shows by what somebody signs in besides his password.
func (i *Issuer) factors(w http.ResponseWriter, r *http.Request) {
	by, err := i.fresh(r)
	if err != nil {
		i.again(w, r, err)
		return
	}
	list, err := i.book.Factors(r.Context(), by.Tenant, by.session.User)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	f := i.forms(w, r)
	i.show(w, r, http.StatusOK, account(r, by, "Second step", "", ways(f, list)...))
}

// ways are the authenticator apps and, as soon as one counts, the codes for the day on which it is lost.
func ways(f forms, list []accounts.Factor) []page.Part {
	parts := []page.Part{apps(f, list)}
	if slices.ContainsFunc(list, func(x accounts.Factor) bool { return x.Kind == accounts.TOTP && !x.Confirmed.IsZero() }) {
		parts = append(parts, recovery(f, list))
	}
	return parts
}

// apps lists somebody's authenticator apps.
func apps(f forms, list []accounts.Factor) page.Section {
	s := page.Section{Title: "Authenticator apps"}
	var known page.List
	for _, x := range list {
		if x.Kind != accounts.TOTP {
			continue
		}
		name := "Since " + when(x.Created)
		if x.Confirmed.IsZero() {
			name += ": it waits for its first code and does not count yet"
		}
		remove := f.hiding("factor", x.ID, page.Button{Text: "Remove it", Name: "do", Value: "remove", Other: true, Says: "Remove it: app " + strconv.Itoa(len(known.Items)+1) + ", since " + when(x.Created)})
		known.Items = append(known.Items, page.Item{Parts: []page.Part{page.Plain(name), remove}})
	}
	if len(known.Items) == 0 {
		s.Parts = append(s.Parts, page.Plain("You sign in with your password alone. With an authenticator app on your phone nobody can who has only your password."))
	} else {
		s.Parts = append(s.Parts, known)
	}
	s.Parts = append(s.Parts, f.form(page.Button{Text: "Add an authenticator app", Name: "do", Value: "add"}))
	return s
}

// recovery says how many codes are left for the day on which the phone is lost.
func recovery(f forms, list []accounts.Factor) page.Section {
	left := recoveryCodes(list)
	text := "Each lets you in once, should you lose your phone. You have " + strconv.Itoa(left) + "."
	if left > 0 {
		text += " New ones end those that you have."
	}
	return page.Section{Title: "Recovery codes", Parts: []page.Part{page.Plain(text), f.form(page.Button{Text: "Make new recovery codes", Name: "do", Value: "codes", Other: true})}}
}

func recoveryCodes(list []accounts.Factor) (n int) {
	for _, x := range list {
		if x.Kind == accounts.Recovery {
			n++
		}
	}
	return n
}

// changeFactors does what one of the forms says.
func (i *Issuer) changeFactors(w http.ResponseWriter, r *http.Request) {
	by, err := i.fresh(r)
	if err != nil {
		i.again(w, r, err)
		return
	}
	switch r.PostFormValue("do") {
	case "add":
		err = i.addApp(w, r, by)
	case "confirm":
		err = i.confirmApp(w, r, by)
	case "codes":
		err = i.showCodes(w, r, by, "These are your new recovery codes.")
	case "remove":
		if err = i.book.RemoveTOTP(r.Context(), by.Principal, r.PostFormValue("factor")); err == nil || fault.Is(err, fault.Unknown) {
			http.Redirect(w, r, string(at(factorsPath, r)), http.StatusSeeOther)
			return
		}
	default:
		err = fault.New(fault.Unknown, "there is nothing to do")
	}
	if err != nil {
		i.elsewhere(w, r, err)
	}
}

// addApp shows the key that an authenticator app needs, this once.
func (i *Issuer) addApp(w http.ResponseWriter, r *http.Request, by visitor) error {
	id, uri, err := i.book.AddTOTP(r.Context(), by.Principal, "Ficus")
	if err != nil {
		return err
	}
	u, err := url.Parse(uri)
	if err != nil {
		return err
	}
	scan, err := page.NewScan("Code to scan with the app", uri)
	if err != nil {
		return err
	}
	i.show(w, r, http.StatusOK, account(r, by, "Add an authenticator app", "",
		page.Plain("Scan this with the app, or type the key below it as a new account. It is shown this once."), scan,
		page.Codes{Label: "Key", List: []string{inFours(u.Query().Get("secret"))}},
		page.Link{Text: "Or open the app, if it is on this device", To: template.URL(uri)}, //nolint:gosec // we have made it
		page.Plain("Then type the code of six digits that the app shows."), i.confirming(w, r, id, false)))
	return nil
}

// inFours is a key as people can copy it.
func inFours(key string) string {
	var b strings.Builder
	for n, c := range key {
		if n > 0 && n%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

func (i *Issuer) confirming(w http.ResponseWriter, r *http.Request, id string, wrong bool) page.Form {
	form := i.forms(w, r).hiding("factor", id, page.Button{Text: "Confirm", Name: "do", Value: "confirm"})
	form.Parts = []page.Part{page.Field{Name: "code", Label: "Code", Fill: "one-time-code", Code: true, Doubt: wrong, Focus: wrong}}
	return form
}

// confirmApp lets the app count from now on. The session has shown a second factor with that, so it gets another text.
func (i *Issuer) confirmApp(w http.ResponseWriter, r *http.Request, by visitor) error {
	id := r.PostFormValue("factor")
	err := i.book.ConfirmTOTP(r.Context(), by.Principal, id, typed(r))
	if status, text, known := wrongBecause(err); known {
		i.show(w, r, status, account(r, by, "Add an authenticator app", text, i.confirming(w, r, id, true), page.Link{Text: "Begin again", To: at(factorsPath, r)}))
		return nil
	}
	if err == nil {
		err = i.renew(w, r, by, "otp")
	}
	if err != nil {
		return err
	}
	list, err := i.book.Factors(r.Context(), by.Tenant, by.session.User)
	if err == nil && recoveryCodes(list) == 0 {
		return i.showCodes(w, r, by, "From now on you sign in with your password and a code of the app. These are your recovery codes.")
	}
	if err == nil {
		http.Redirect(w, r, string(at(factorsPath, r)), http.StatusSeeOther)
	}
	return err
}

// showCodes makes recovery codes and shows them, this once.
func (i *Issuer) showCodes(w http.ResponseWriter, r *http.Request, by visitor, done string) error {
	codes, err := i.book.NewRecoveryCodes(r.Context(), by.Principal)
	if err != nil {
		return err
	}
	i.show(w, r, http.StatusOK, account(r, by, "Recovery codes", "", page.Notice{Done: true, Text: page.Plain(done)},
		page.Plain("Each lets you in once, should you lose your phone. They are shown this once: print them or write them down, and keep them apart from your password."),
		page.Codes{Label: "Recovery codes", List: codes}, page.Link{Text: "I have kept them", To: at(factorsPath, r)}))
	return nil
}
