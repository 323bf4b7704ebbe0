package signin

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
	"github.com/ficushealth/ficus/server/page"
)

// devices is the answer to a device that cannot show a page (RFC 8628 section 3.2).
type devices struct {
	Device   string `json:"device_code"`
	User     string `json:"user_code"`
	Where    string `json:"verification_uri"`
	Complete string `json:"verification_uri_complete"`
	Expires  int64  `json:"expires_in"`
	Interval int    `json:"interval"`
}

// pollTime is how many seconds a device waits before it asks again.
const pollTime = 5

// beginDevice gives a device a code by which it asks for the answer, and one that its user types elsewhere (RFC 8628 section 3.1).
func (i *Issuer) beginDevice(r *http.Request) (any, error) {
	c, f, err := i.caller(r)
	if err == nil {
		err = i.slowClient(c, edge.Device)
	}
	if err != nil {
		return nil, err
	}
	scopes := unique(strings.Fields(f.Get("scope")))
	if err := i.forDevice(c, f, scopes); err != nil {
		return nil, err
	}
	device, user := accounts.NewSecret(accounts.Device, c.Tenant, deviceLife), accounts.NewSecret(accounts.UserCode, c.Tenant, deviceLife)
	if _, err := i.book.Ask(r.Context(), c, accounts.Asked{}, scopes, device, user); err != nil {
		return nil, err
	}
	shown, where := accounts.ShowUserCode(user.Text), i.url+devicePath
	return devices{device.Text, shown, where, where + "?user_code=" + url.QueryEscape(shown), int64(deviceLife.Seconds()), pollTime}, nil
}

// forDevice checks what a device asks for.
func (i *Issuer) forDevice(c accounts.Client, f url.Values, scopes []string) error {
	asked, err := within(c, scopes)
	switch {
	case !c.May(accounts.GrantDevice):
		return no("unauthorized_client", "the client is not registered for devices")
	case err == nil && asked.System():
		return no("invalid_scope", "no user can give scopes that begin with system/")
	case err == nil && !i.ours(f):
		return notOurs()
	}
	return err
}

// byDevice gives the device its tokens once the user has agreed (RFC 8628 section 3.4).
func (i *Issuer) byDevice(r *http.Request, c accounts.Client, f url.Values) (any, error) {
	code := f.Get("device_code")
	g, err := i.book.Find(r.Context(), accounts.Device, code)
	switch {
	case fault.Is(err, fault.Unauthorized) && g.Client == c.ID && g.Ended():
		return nil, no("access_denied", "the user has refused, or has taken it back")
	case fault.Is(err, fault.Unauthorized):
		return nil, no("expired_token", "the code is not known, or has expired")
	case err != nil && !fault.Is(err, fault.Conflict): // one that was used is found out when it is spent
		return nil, err
	case g.Client != c.ID:
		return nil, notGood()
	case g.Given.IsZero():
		return nil, i.pending(code)
	}
	return i.spend(r, c, accounts.Device, code, nil, func(accounts.Grant) error { return nil })
}

// PollRate is how often a device may ask for its answer: as it was told, with room for clocks and ways of different speed.
func PollRate() edge.Rate {
	return edge.Rate{Every: pollTime*time.Second - 500*time.Millisecond, Burst: 1}
}

// pending says that the user has not answered yet, and to a device that asks more often than it was told that it must slow down (RFC
// 8628 section 3.5).
func (i *Issuer) pending(code string) error {
	if i.o.Limits.Take(edge.Poll, code) != nil {
		return no("slow_down", "wait 5 seconds longer between two questions")
	}
	return no("authorization_pending", "the user has not answered yet")
}

// typeCode shows where a user types the code that a device shows.
func (i *Issuer) typeCode(w http.ResponseWriter, r *http.Request) {
	i.askUserCode(w, r, http.StatusOK, accounts.ShowUserCode(accounts.ReadUserCode(r.URL.Query().Get("user_code"))), "")
}

func (i *Issuer) askUserCode(w http.ResponseWriter, r *http.Request, status int, code, wrong string) {
	i.show(w, r, status, page.Page{Title: "Connect a device", Wrong: wrong, Main: []page.Part{
		page.Say("Type the code that the device shows. Go on only if you have begun this on that device yourself."),
		i.forms(w, r).form(page.Button{Text: "Go on"}, page.Field{Name: "user_code", Label: "Code", Code: true, Value: code, Doubt: wrong != "", Focus: true}),
	}})
}

// typedCode goes on with the code. It is looked for once it is known who has typed it.
func (i *Issuer) typedCode(w http.ResponseWriter, r *http.Request) {
	code := accounts.ReadUserCode(r.PostFormValue("user_code"))
	if code == "" {
		i.askUserCode(w, r, http.StatusUnprocessableEntity, "", "A code looks like 1-BCDF-GHJK.")
		return
	}
	http.Redirect(w, r, consentPath+"?"+url.Values{"code": {code}}.Encode(), http.StatusSeeOther)
}
