package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
)

//go:embed parts.html style.css
var files embed.FS

// Page is one page.
type Page struct {
	Title string
	Name  string       // of who has signed in; empty: nobody
	Links []Link       // to where he can go
	Wrong string       // what did not work the last time; fields with Doubt are about it
	Next  template.URL // to where the browser goes on by itself; empty: it stays
	Main  []Part
}

// Set writes pages. It is safe for concurrent use.
type Set struct {
	parts *template.Template
	style []byte
	name  string // path of the style sheet
}

// New makes a Set. It fails only if what is embedded is damaged.
func New() (*Set, error) {
	style, err := files.ReadFile("style.css")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(style)
	s := &Set{style: style, name: "/page/style." + hex.EncodeToString(sum[:8]) + ".css"}
	s.parts, err = template.New("parts").Funcs(template.FuncMap{"show": s.show}).ParseFS(files, "parts.html")
	return s, err
}

// show writes a part in the place where another one, or the page, wants it.
func (s *Set) show(p Part) (template.HTML, error) {
	var text bytes.Buffer
	err := s.parts.ExecuteTemplate(&text, p.kind(), p)
	return template.HTML(text.String()), err //nolint:gosec // the template has escaped it
}

// Write answers with a page, or with nothing if it cannot be put together.
func (s *Set) Write(w http.ResponseWriter, status int, p Page) error {
	var text bytes.Buffer
	if err := s.parts.ExecuteTemplate(&text, "page", struct {
		Page
		Style string
	}{p, s.name}); err != nil {
		return err
	}
	protect(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(text.Bytes()) //nolint:errcheck // the browser has gone
	return nil
}

// protect says what a browser may do with a page: show it with our style, send its forms to us, and nothing else. It is neither
// kept nor shown inside of others. A form cannot even be answered by a redirect to elsewhere (form-action): a page with Next does that.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// Path is where the style sheet lies. Its name changes with what is in it, so it can be kept for ever.
func (s *Set) Path() string { return s.name }

// ServeHTTP answers with the style sheet.
func (s *Set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != s.name {
		http.NotFound(w, r) // a style of another version must not be kept under this name
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Write(s.style) //nolint:errcheck // the browser has gone
}
