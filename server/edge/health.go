package edge

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ficushealth/ficus/fault"
)

// Healthz answers that the process is there.
func Healthz() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
}

const readyWithin = 2 * time.Second

// Readyz answers whether requests can be served: what is asked is, for example, the
// database. Why not is for the log of whoever is asked, not for the caller.
func Readyz(ask func(context.Context) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyWithin)
		defer cancel()
		if ask(ctx) != nil {
			say(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		say(w, http.StatusOK, "ready")
	})
}

// Metrics answers with the metrics, to those whom admit lets in. admit returns
// fault.Unauthorized or fault.Forbidden to refuse.
func Metrics(g prometheus.Gatherer, admit func(*http.Request) error) http.Handler {
	list := promhttp.HandlerFor(g, promhttp.HandlerOpts{DisableCompression: true})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch err := admit(r); {
		case err == nil:
			list.ServeHTTP(w, r)
		case fault.Is(err, fault.Unauthorized):
			w.Header().Set("WWW-Authenticate", `Bearer realm="ficus"`)
			say(w, http.StatusUnauthorized, "a bearer token is needed")
		case fault.Is(err, fault.Forbidden):
			say(w, http.StatusForbidden, "this token may not see the metrics")
		default:
			say(w, http.StatusServiceUnavailable, "not ready")
		}
	})
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write([]byte(text + "\n")) //nolint:errcheck // the caller has gone; nothing is left to do
}
