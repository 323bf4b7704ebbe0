package edge

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

func wrapped(t *testing.T, o Options) http.Handler {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	h, err := Wrap(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestEveryAnswerIsGuarded, what a handler says itself stays, and nothing of one answer is in the next.
func TestEveryAnswerIsGuarded(t *testing.T) {
	h := wrapped(t, Options{Secure: true, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/own" {
			w.Header().Set("Cache-Control", "public")
			w.Header().Add("Content-Security-Policy", "sandbox")
		}
	})})
	for range 2 {
		own, plain := httptest.NewRecorder(), httptest.NewRecorder()
		h.ServeHTTP(own, httptest.NewRequest(http.MethodGet, "/own", nil))
		h.ServeHTTP(plain, httptest.NewRequest(http.MethodGet, "/", nil))
		if own.Header().Get("Cache-Control") != "public" || len(own.Header()["Content-Security-Policy"]) != 2 || own.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Error(own.Header())
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Strict-Transport-Security": "max-age=31536000", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := plain.Header()[name]; len(got) != 1 || got[0] != want {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
}

// TestWithoutHTTPSNobodyIsSentThere: the browser would not come back.
func TestWithoutHTTPSNobodyIsSentThere(t *testing.T) {
	w := httptest.NewRecorder()
	wrapped(t, Options{Handler: http.NotFoundHandler()}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Header().Get("Strict-Transport-Security") != "" || w.Header().Get("X-Frame-Options") != "DENY" {
		t.Error(w.Header())
	}
}
