package signin

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
)

//go:embed pages
var pages embed.FS

// view is what all pages show.
type view struct {
	Title   string
	Token   string       // of the form
	Query   template.URL // by which the page is found again
	Message string       // what was wrong
	Login   string       // who has signed in
	Data    any
}

// private are the headers of all pages: nothing is run, framed, kept or told to others.
func private(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// show answers with a page.
func (i *Issuer) show(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	t, err := template.ParseFS(pages, "pages/layout.html", "pages/"+name+".html")
	var text bytes.Buffer
	if err == nil {
		err = t.ExecuteTemplate(&text, "layout.html", v)
	}
	if err != nil {
		i.failed(r, err)
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	private(w.Header())
	if i.secure {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(text.Bytes()) //nolint:errcheck // the browser has gone
}

// oops says that there is no way on from here.
func (i *Issuer) oops(w http.ResponseWriter, r *http.Request, status int, message string) {
	i.show(w, r, status, "message", view{Title: "This does not go on", Data: message})
}

// broken says that something failed inside.
func (i *Issuer) broken(w http.ResponseWriter, r *http.Request, err error) {
	i.failed(r, err)
	w.Header().Set("Retry-After", "1")
	i.oops(w, r, http.StatusServiceUnavailable, "Something failed on our side. Please try again in a moment.")
}

// style is the one style sheet.
func (i *Issuer) style(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeFileFS(w, r, pages, "pages/style.css")
}
