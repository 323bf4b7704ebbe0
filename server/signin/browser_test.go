package signin

import (
	"cmp"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ficushealth/ficus/engine/db/dbtest"
	"github.com/ficushealth/ficus/server/page"
	"github.com/ficushealth/ficus/suites/chromium"
)

// TestABrowserGoesAllTheWay from the app through sign-in and consent back to the app, which lies elsewhere: the policy of our pages
// (form-action) is in its way nowhere. FICUS_PICTURES names a folder in which the pictures stay.
func TestABrowserGoesAllTheWay(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	app := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		rw.Write([]byte("<title>The app</title>got " + r.URL.Query().Get("state"))) //nolint:errcheck // a test's
	}))
	t.Cleanup(app.Close)
	tab := &looking{chromium.Open(t), t, cmp.Or(os.Getenv("FICUS_PICTURES"), t.TempDir())}
	back := app.URL + "/cb"
	tab.Go(w.url + "/oauth/authorize?" + w.question("app", all, "redirect_uri", back).Encode())
	tab.see("signin", "Sign in")
	tab.send("login", "ada", "password", "wrong password")
	tab.see("signin-wrong", "Sign in")
	tab.send("login", "ada", "password", password)
	tab.see("consent", "Allow access?")
	tab.Run("document.querySelector('button[value=yes]').click()")
	tab.Wait("document.title == 'The app'")
	at, err := url.Parse(tab.Run("location.href"))
	if err != nil || !strings.HasPrefix(at.String(), back) || at.Query().Get("code") == "" || tab.Run("document.body.innerText") != "got the state" {
		t.Fatal(at, err)
	}
	if h := w.exchange(at.Query().Get("code"), "redirect_uri", back); h.str("access_token") == "" {
		t.Error(h)
	}
	for _, x := range [][2]string{{sessionsPath, "Your sessions and apps"}, {factorsPath, "Second step"}, {passwordPath, "Change your password"}, {devicePath, "Connect a device"}, {leavePath, "Sign out?"}} {
		tab.Go(w.url + x[0])
		tab.see(filepath.Base(x[0]), x[1])
	}
	tab.Go(w.url + factorsPath)
	tab.Run("document.querySelector('button[value=add]').click()")
	tab.see("factors-add", "Add an authenticator app")
}

// looking is a tab in which pages are looked at.
type looking struct {
	*chromium.Tab
	t   *testing.T
	dir string
}

// see waits for a page, and looks whether it fits into a narrow window, light and dark.
func (l *looking) see(name, title string) {
	l.t.Helper()
	l.Wait("document.readyState == 'complete' && document.querySelector('h1')?.innerText == '" + title + "'")
	for _, dark := range []bool{true, false} {
		l.Window(320, 640, dark)
		if l.Run("document.documentElement.scrollWidth <= innerWidth") != "true" {
			l.t.Errorf("%s: one has to scroll sideways", name)
		}
	}
	l.Picture(filepath.Join(l.dir, name+"-320.png"))
	l.Window(1024, 768, false)
	l.Picture(filepath.Join(l.dir, name+".png"))
}

// send fills in the form and sends it with the key that people use.
func (l *looking) send(values ...string) {
	l.t.Helper()
	for n := 0; n+1 < len(values); n += 2 {
		l.Run("document.getElementById('" + values[n] + "').value = '" + values[n+1] + "'")
	}
	l.Run("window.sent = 1; document.querySelector('button').click()")
	l.Wait("!window.sent")
}

// TestABrowserKeepsOurCookiesForUsAlone: by HTTPS under the names that bind them to this host (__Host-), and no script reads them.
func TestABrowserKeepsOurCookiesForUsAlone(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.serveBy(t, httptest.NewTLSServer, IssuerOptions{})
	tab := &looking{chromium.Open(t), t, t.TempDir()}
	tab.Go(w.url + signInPath)
	tab.send("login", "ada", "password", password)
	tab.see("sessions", "Your sessions and apps")
	names := map[string]bool{}
	for _, c := range tab.Cookies() {
		names[c.Name] = true
		if !c.Secure || !c.HTTPOnly || c.SameSite != "Lax" {
			t.Errorf("%+v", c)
		}
	}
	if len(names) != 2 || !names["__Host-ficus"] || !names["__Host-ficus-device"] || tab.Run("document.cookie") != "" {
		t.Error(names)
	}
}

// TestABrowserTellsThatAFormIsForeign: the cookie comes along from a neighbour, and the form is refused all the same.
func TestABrowserTellsThatAFormIsForeign(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	evil := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		rw.Write([]byte(`<form method="post" action="` + w.url + leavePath + `"><button>Win a prize</button></form>`)) //nolint:errcheck // a test's
	}))
	t.Cleanup(evil.Close)
	tab := &looking{chromium.Open(t), t, t.TempDir()}
	tab.Go(w.url + signInPath)
	tab.send("login", "ada", "password", password)
	tab.see("sessions", "Your sessions and apps")
	tab.Go(evil.URL)
	tab.Run("document.querySelector('button').click()")
	tab.see("foreign", "This does not go on")
	tab.Go(w.url + sessionsPath)
	tab.see("sessions", "Your sessions and apps")
	tab.Go(w.url + leavePath)
	tab.Run("document.querySelector('button').click()")
	tab.see("left", "Signed out")
	tab.Go(w.url + sessionsPath)
	tab.see("signin", "Sign in")
}

// TestARedirectFromAFormIsStopped by our policy, in the browser: so the way back to an app is a page.
func TestARedirectFromAFormIsStopped(t *testing.T) {
	var arrived atomic.Int32
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived.Add(1) }))
	t.Cleanup(app.Close)
	pages, err := page.New()
	must(t, err)
	ours := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Redirect(w, r, app.URL+"/redirected", http.StatusSeeOther)
			return
		}
		p := page.Page{Title: "A form", Main: []page.Part{page.Form{To: "/", Buttons: []page.Button{{Text: "Send"}}}}}
		if r.URL.Path == "/back" {
			p.Next = template.URL(app.URL)
		}
		must(t, pages.Write(w, http.StatusOK, p))
	}))
	t.Cleanup(ours.Close)
	tab := chromium.Open(t)
	tab.Go(ours.URL)
	tab.Run("window.refused = ''; addEventListener('securitypolicyviolation', e => window.refused = e.effectiveDirective); document.querySelector('button').click()")
	tab.Wait("window.refused == 'form-action'")
	if n := arrived.Load(); n != 0 {
		t.Error("it was followed:", n)
	}
	tab.Go(ours.URL + "/back")
	tab.Wait("location.href.startsWith('" + app.URL + "')")
}
