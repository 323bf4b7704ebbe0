package page

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ficushealth/ficus/server/page/pagetest"
)

func set(t testing.TB) *Set {
	t.Helper()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// every is a page with every part, in which everything comes from somebody who means ill.
func every(evil string) Page {
	return Page{
		Title: "Every part" + evil, Name: "ada" + evil, Wrong: "It did not work." + evil,
		Links: []Link{{"Sessions", "/signin/sessions", true}, {"Sign out" + evil, "/oauth/end-session", false}},
		Main: []Part{
			Say("%s asks for %s."+evil, "The app"+evil, "all"),
			Notice{Text: Say("A notice" + evil)}, Notice{Done: true, Text: Say("It is %s.", "done"+evil)},
			Form{To: "/here?a=b", Token: "t" + evil, Hidden: []Hidden{{"ticket", "x" + evil}},
				Parts: []Part{
					Field{Name: "login", Label: "Login" + evil, Fill: "username", Value: "ada" + evil, Doubt: true, Focus: true},
					Field{Name: "password", Label: "Password", Fill: "current-password", Secret: true, Hint: "A hint" + evil, Wrong: "Wrong" + evil},
					Field{Name: "code", Label: "Code", Fill: "one-time-code", Code: true},
					Choices{"scope", "It may" + evil, []Choice{{"a" + evil, "read" + evil, true}, {"b", "write", false}}},
				},
				Buttons: []Button{{Text: "Go on" + evil}, {Text: "Refuse", Name: "answer", Value: "no" + evil, Other: true}}},
			Section{"Sessions" + evil, []Part{
				Table{"Where you are signed in" + evil, []string{"Program" + evil, "Since", "Action"}, []Row{
					{Say("Firefox" + evil), Say("today"), Form{To: "/end", Token: "t", Buttons: []Button{{Text: "End it", Says: "End it: Firefox" + evil}}}},
					{Say("curl"), Say("yesterday"), Form{To: "/end", Token: "t", Buttons: []Button{{Text: "End it", Says: "End it: curl"}}}},
				}},
				List{[]Item{{"Growth chart" + evil, []Part{Say("may read" + evil), Link{"More" + evil, "/more", false}}}}},
				scan(evil),
				Codes{"Recovery codes", []string{"abcde-fghij" + evil, "klmno-pqrst"}},
			}},
		},
	}
}

func scan(evil string) Scan {
	s, err := NewScan("A code to scan"+evil, "otpauth://totp/Ficus:ada?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Ficus"+evil)
	if err != nil {
		panic(err)
	}
	return s
}

func written(t testing.TB, p Page) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	if err := set(t).Write(w, http.StatusTeapot, p); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestEveryPartCanBeUsedByEverybody.
func TestEveryPartCanBeUsedByEverybody(t *testing.T) {
	w := written(t, every(""))
	pagetest.Check(t, "every part", w.Body.String())
	for _, want := range []string{
		`<title>Error: Every part - Ficus</title>`, `<strong>The app</strong> asks for <strong>all</strong>.`, `aria-current="page"`,
		`autocomplete="username" autocapitalize="none" spellcheck="false" aria-describedby="wrong" aria-invalid="true" required autofocus`,
		`type="password" value="" autocomplete="current-password" aria-describedby="password-wrong password-hint" aria-invalid="true" required`,
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s is missing in %s", want, w.Body)
		}
	}
	if w.Code != http.StatusTeapot || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Error(w.Code, w.Header())
	}
}

// TestNothingThatIsPutInIsBelieved.
func TestNothingThatIsPutInIsBelieved(t *testing.T) {
	const evil = `"><script>alert(1)</script>' onclick=x`
	text := written(t, every(evil)).Body.String()
	if strings.Contains(text, "<script") || strings.Contains(text, "' onclick") {
		t.Error(text)
	}
	if n, want := strings.Count(text, "&lt;script&gt;"), strings.Count(written(t, every("EVIL")).Body.String(), "EVIL"); n != want {
		t.Errorf("%d of %d are escaped: %s", n, want, text)
	}
}

// TestAPageThatGoesOn does that by itself, and leaves no room for a second address.
func TestAPageThatGoesOn(t *testing.T) {
	text := written(t, Page{Title: "Back", Next: `com.example:/cb?a=1&b="><script>`}).Body.String()
	if !strings.Contains(text, `http-equiv="refresh" content="0;url=com.example:/cb?a=1&amp;b=`) || strings.Contains(text, "<script") {
		t.Error(text)
	}
}

// TestPagesMayDoNothingElse says the header.
func TestPagesMayDoNothingElse(t *testing.T) {
	h := written(t, Page{Title: "A"}).Header()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
		"X-Frame-Options":         "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
	} {
		if h.Get(name) != want {
			t.Errorf("%s: %q", name, h.Get(name))
		}
	}
}

// TestACodeToScan is one of the standard in form: three corners, light around them, another picture for another text. What is too long
// is refused.
func TestACodeToScan(t *testing.T) {
	s, err := NewScan("a", "HELLO")
	if err != nil || s.Side != 21+8 {
		t.Fatal(s, err)
	}
	dark := func(x, y int) bool { return strings.Contains(s.Dark, fmt.Sprintf("M%d %dh1v1h-1z", x, y)) }
	for _, corner := range [][2]int{{4, 4}, {18, 4}, {4, 18}} {
		for n := range 7 {
			if x, y := corner[0], corner[1]; !dark(x+n, y) || !dark(x, y+n) || !dark(x+n, y+6) || !dark(x+6, y+n) || n > 0 && n < 6 && dark(x+n, y+1) {
				t.Error("a corner", corner, n)
			}
		}
	}
	for n := range s.Side {
		if dark(n, 3) || dark(3, n) || dark(n, s.Side-4) || dark(s.Side-4, n) {
			t.Error("no light around it", n)
		}
	}
	if other, err := NewScan("a", "HELLP"); err != nil || other.Dark == s.Dark {
		t.Error(err)
	}
	if _, err := NewScan("a", strings.Repeat("x", 4000)); err == nil {
		t.Error("what is too long")
	}
}

// TestTheStyleIsKeptUnderItsHash, and no other is to be had under that name.
func TestTheStyleIsKeptUnderItsHash(t *testing.T) {
	s := set(t)
	if !strings.Contains(written(t, Page{Title: "A"}).Body.String(), `href="`+s.Path()+`"`) {
		t.Error("the page does not name its style")
	}
	for path, want := range map[string]int{s.Path(): http.StatusOK, "/page/style.0000000000000000.css": http.StatusNotFound, "/page/parts.html": http.StatusNotFound} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want || want == http.StatusOK != strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Error(path, w.Code, w.Header())
		}
	}
}
