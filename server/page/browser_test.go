package page

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/ficushealth/ficus/suites/chromium"
)

// TestABrowserShowsEveryPart in a wide and a narrow window, light and dark. 320 pixels are also what is left of 640 at 200 %, and of 1,280
// at 400 % (WCAG 2.2, success criterion 1.4.10). FICUS_PICTURES names a folder in which the pictures stay.
func TestABrowserShowsEveryPart(t *testing.T) {
	s := set(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == s.Path() {
			s.ServeHTTP(w, r)
			return
		}
		if err := s.Write(w, http.StatusOK, every("")); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	tab := chromium.Open(t)
	dir := cmp.Or(os.Getenv("FICUS_PICTURES"), t.TempDir())
	for name, x := range map[string]struct {
		width int
		dark  bool
		paper string
	}{
		"light": {1024, false, "rgb(255, 255, 255)"}, "dark": {1024, true, "rgb(22, 30, 27)"}, "narrow": {320, false, "rgb(255, 255, 255)"}, "narrow-dark": {320, true, "rgb(22, 30, 27)"},
	} {
		tab.Window(x.width, 800, x.dark)
		tab.Go(server.URL)
		if got := tab.Run("getComputedStyle(document.querySelector('main')).backgroundColor"); got != x.paper {
			t.Errorf("%s: the style is not that of this scheme: %s", name, got)
		}
		if got := tab.Run("document.documentElement.scrollWidth <= innerWidth"); got != "true" {
			t.Errorf("%s: one has to scroll sideways", name)
		}
		if got := tab.Run("[...document.querySelectorAll('button, .choice, .field input')].filter(e => e.getBoundingClientRect().height < 44 && !e.closest('td')).map(e => e.outerHTML).join()"); got != "" {
			t.Errorf("%s: too small to be touched: %s", name, got)
		}
		tab.Wait("document.activeElement.id == 'login'")
		if got := tab.Run("getComputedStyle(document.activeElement).outlineWidth"); got != "3px" {
			t.Errorf("%s: one does not see where one is: %s", name, got)
		}
		tab.Picture(filepath.Join(dir, name+".png"))
	}
}
