package signin

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/server/page"
)

// consent shows what an app asks for.
func (i *Issuer) consent(w http.ResponseWriter, r *http.Request) {
	q, err := i.question(r)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	i.askWho(w, r, q, "")
}

func (i *Issuer) askWho(w http.ResponseWriter, r *http.Request, q question, wrong string) {
	p := page.Page{Title: "Allow access?", Name: q.by.Name, Wrong: wrong, Main: []page.Part{page.Say("%s asks for access to what you may see and do here.", q.client.Name)}}
	if q.typed != "" {
		p.Main = append(p.Main, page.Notice{Text: page.Say("It runs on another device, which shows the code %s. Go on only if you have that device before you and have begun this there yourself.", accounts.ShowUserCode(q.typed))})
	}
	p.Main = append(p.Main, i.yesOrNo(w, r, q), page.Link{Text: "Sign in as somebody else", To: at(signInPath, r)})
	i.show(w, r, http.StatusOK, p)
}

// yesOrNo lists what can be given, each of which can be taken away.
func (i *Issuer) yesOrNo(w http.ResponseWriter, r *http.Request, q question) page.Form {
	no := page.Button{Text: "Refuse", Name: "answer", Value: "no", Other: true}
	may := page.Choices{Name: "scope", Legend: "It may"}
	for _, s := range inWords(q.givable()) {
		may.List = append(may.List, page.Choice{Value: s.Name, Label: s.Words, Taken: true})
	}
	if len(may.List) == 0 {
		return i.forms(w, r).form(no, page.Say("You cannot give it anything of what it asks for: your roles do not reach that far."))
	}
	form := i.forms(w, r).form(page.Button{Text: "Allow", Name: "answer", Value: "yes"}, may)
	form.Buttons = append(form.Buttons, no)
	return form
}

// givable are those of the scopes asked for that this user can give. The context of a launch is the patient whom the user is
// himself; who is none, gives nothing of that level. fhirUser is for whom a resource stands.
func (q question) givable() (list []string) {
	for _, word := range q.Scopes {
		if s, err := access.ParseScopes(word); err == nil && q.gives(word, s) {
			list = append(list, word)
		}
	}
	return list
}

func (q question) gives(word string, s access.Scopes) bool {
	switch {
	case word == "fhirUser":
		return q.by.Person != ""
	case word == "launch/patient", strings.HasPrefix(word, "patient/"):
		return q.by.Patient != ""
	case word == "launch", strings.HasPrefix(word, "launch/"):
		return false
	}
	return s.Empty() || !s.Within(q.by.Roles).Empty()
}

// claims are what tokens say of the answer.
func (q question) claims(given []string) map[string]any {
	out := map[string]any{claimTime: q.by.session.Created.Unix(), claimFactors: q.by.session.Factors}
	if slices.Contains(given, "fhirUser") {
		out[claimUser] = q.by.Person
	}
	if slices.ContainsFunc(given, func(s string) bool { return s == "launch/patient" || strings.HasPrefix(s, "patient/") }) {
		out[claimPatient] = q.by.Patient
	}
	return out
}

// answer takes the user's answer.
func (i *Issuer) answer(w http.ResponseWriter, r *http.Request) {
	q, err := i.question(r)
	if err != nil {
		i.elsewhere(w, r, err)
		return
	}
	switch r.PostFormValue("answer") {
	case "no":
		i.deny(w, r, q)
	case "yes":
		i.allow(w, r, q)
	default:
		i.askWho(w, r, q, "Please answer.")
	}
}

func (i *Issuer) deny(w http.ResponseWriter, r *http.Request, q question) {
	if err := i.book.End(r.Context(), q.by.Principal, q.ID); err != nil {
		i.elsewhere(w, r, err)
		return
	}
	i.leave(w, r, q, url.Values{"error": {"access_denied"}})
}

func (i *Issuer) allow(w http.ResponseWriter, r *http.Request, q question) {
	given := slices.DeleteFunc(q.givable(), func(s string) bool { return !slices.Contains(r.PostForm["scope"], s) })
	if len(given) == 0 {
		i.askWho(w, r, q, "Choose what it may do, or refuse.")
		return
	}
	yes := accounts.Yes{Scopes: given, Alone: slices.Contains(given, offline), Life: lifeOf(given)}
	yes.Claims = q.claims(given)
	answer := url.Values{}
	var secrets []accounts.Secret
	if q.typed == "" {
		secrets = append(secrets, accounts.NewSecret(accounts.Code, q.Tenant, codeLife))
		answer.Set("code", secrets[0].Text)
	}
	if _, err := i.book.Allow(r.Context(), q.by.Principal, q.ID, yes, secrets...); err != nil {
		i.elsewhere(w, r, unknownIfOver(err))
		return
	}
	i.leave(w, r, q, answer)
}

// leave ends the conversation: the browser goes back to the app, by a page of ours. A redirect would have to be allowed to forms
// (form-action), with all that the app redirects to.
func (i *Issuer) leave(w http.ResponseWriter, r *http.Request, q question, answer url.Values) {
	if q.typed != "" {
		i.show(w, r, http.StatusOK, page.Page{Title: "Done", Main: []page.Part{page.Say("The device goes on by itself. You can close this page.")}})
		return
	}
	answer.Set("state", q.Asked.State)
	i.showBack(w, r, i.answered(q.Asked.Redirect, answer))
}

func (i *Issuer) showBack(w http.ResponseWriter, r *http.Request, address string) {
	to := template.URL(address) //nolint:gosec // the client has registered it, and accounts has looked at it then
	i.show(w, r, http.StatusOK, page.Page{Title: "Back to the app", Next: to, Main: []page.Part{page.Link{Text: "Go on to the app", To: to}}})
}
