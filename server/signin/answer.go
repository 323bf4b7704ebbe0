package signin

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
)

// maxForm bounds the body of a request, in bytes.
const maxForm = 64 << 10

// cached is an answer that is the same for everybody for a while.
type cached struct{ any }

// refused is an error answer of OAuth (RFC 6749 section 5.2).
type refused struct {
	status     int
	code, text string
}

func (e refused) Error() string { return e.code + ": " + e.text }

func no(code, text string) error { return refused{http.StatusBadRequest, code, text} }

// challenge says how to come in (RFC 6749 section 5.2, RFC 6750 section 3).
func (e refused) challenge() string {
	switch {
	case e.code == "invalid_token" || e.code == "insufficient_scope":
		return `Bearer realm="ficus", error="` + e.code + `"`
	case e.status == http.StatusUnauthorized:
		return `Basic realm="ficus"`
	}
	return ""
}

// answering makes a handler of a call.
func (i *Issuer) answering(call func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, err := call(r)
		if err != nil {
			i.refuse(w, r, err)
			return
		}
		same, isCached := out.(cached)
		if isCached {
			out = same.any
			w.Header().Set("Cache-Control", "public, max-age=300")
		}
		say(w, http.StatusOK, out)
	})
}

// refuse says what was wrong, of our own failures only that there was one.
func (i *Issuer) refuse(w http.ResponseWriter, r *http.Request, err error) {
	why, known := errors.AsType[refused](err)
	switch {
	case known:
	case fault.Is(err, fault.Unauthorized), fault.Is(err, fault.Conflict):
		why, _ = errors.AsType[refused](notGood())
	case fault.Is(err, fault.Invalid):
		why = refused{http.StatusBadRequest, "invalid_request", fault.Find(err).Text}
	case fault.Is(err, fault.TooMany):
		why = refused{http.StatusTooManyRequests, "slow_down", "too many attempts; wait"}
		w.Header().Set("Retry-After", edge.RetryAfter(err))
	default:
		i.failed(r, err)
		why = refused{http.StatusServiceUnavailable, "temporarily_unavailable", "try again"}
		w.Header().Set("Retry-After", "1")
	}
	if scheme := why.challenge(); scheme != "" {
		w.Header().Set("WWW-Authenticate", scheme)
	}
	say(w, why.status, map[string]string{"error": why.code, "error_description": why.text})
}

// failed logs a failure of ours.
func (i *Issuer) failed(r *http.Request, err error) {
	i.o.Log.Error("a sign-in failed inside", slog.String("request", r.Header.Get("X-Request-Id")), slog.String("route", r.Pattern), slog.Any("error", err))
}

func say(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
		h.Set("Pragma", "no-cache")
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) //nolint:errcheck // the caller has gone
}

// form reads the parameters of a POST: in the body, none of them twice (RFC 6749 section 3.2).
func form(r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxForm)
	if r.URL.RawQuery != "" {
		return nil, no("invalid_request", "parameters stand in the body of the request, as a form")
	}
	if err := r.ParseForm(); err != nil {
		return nil, no("invalid_request", "the body is no form that can be read")
	}
	return r.PostForm, onlyOnce(r.PostForm)
}

// onlyOnce refuses a parameter that stands twice; several resources may be named (RFC 8707 section 2).
func onlyOnce(f url.Values) error {
	for name, values := range f {
		if len(values) > 1 && name != "resource" {
			return no("invalid_request", "a parameter stands twice")
		}
	}
	return nil
}
