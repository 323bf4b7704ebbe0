package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
)

// Root is where the interface hangs.
const Root = "/api/v1"

// Options is what a Server is made of.
type Options struct {
	// Gate makes a principal of a request's credentials. Faults: Unauthorized.
	Gate func(r *http.Request) (access.Principal, error)
	// Audit finds entries for a caller. Faults: as review.Reader.Search.
	Audit func(ctx context.Context, p access.Principal, q audit.Question) (audit.Answer, error)
	// Timeout bounds the work on one request; default one minute.
	Timeout time.Duration
	Log     *slog.Logger
}

// Server is the interface as an http.Handler for /api/v1/ and all below it.
type Server struct {
	Options
	mux    *http.ServeMux
	served []Route
}

// Route is something that is served.
type Route struct{ Method, Path string }

// New makes a Server.
func New(o Options) *Server {
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Options: o, mux: http.NewServeMux()}
	s.route("/audit", (*call).audit)
	s.route("/patients/{id}/audit", (*call).auditOfPatient)
	s.mux.Handle(Root+"/", s.handler(nothing))
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Routes lists what is served, so that a test can ask all of it.
func (s *Server) Routes() []Route { return s.served }

// route serves GET; other methods get a 405.
func (s *Server) route(path string, do func(*call) (any, error)) {
	s.served = append(s.served, Route{http.MethodGet, Root + path})
	s.mux.Handle("GET "+Root+path, s.handler(do))
	s.mux.Handle(Root+path, s.handler(onlyGet))
}

// call is one request on its way.
type call struct {
	s   *Server
	w   http.ResponseWriter
	r   *http.Request
	ctx context.Context
	p   access.Principal
}

func (s *Server) handler(do func(*call) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
		defer cancel()
		c := &call{s: s, w: w, r: r, ctx: ctx}
		answer, err := c.run(do)
		if err != nil {
			c.refuse(err)
			return
		}
		c.send(http.StatusOK, "application/json", answer)
	})
}

func (c *call) run(do func(*call) (any, error)) (answer any, err error) {
	if c.p, err = c.s.Gate(c.r); err != nil {
		return nil, err
	}
	return do(c)
}

// send writes an answer, which no cache may keep.
func (c *call) send(status int, media string, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		c.s.Log.Error("an answer could not be written", slog.Any("error", err))
		status, text = http.StatusInternalServerError, nil
	}
	c.w.Header().Set("Content-Type", media)
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.WriteHeader(status)
	c.w.Write(text) //nolint:errcheck // the caller has gone
}
