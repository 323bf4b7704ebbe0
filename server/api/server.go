package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/audit"
	"github.com/ficushealth/ficus/server/signin"
)

// Root is where the interface hangs. What is below /auth there is at /auth too.
const (
	Root  = "/api/v1"
	Alias = "/auth"
)

// Options is what a Server is made of.
type Options struct {
	// Gate signs requests in.
	Gate *signin.Gate
	// Issuer makes tokens for who signs in; nil: nobody signs in here.
	Issuer *signin.Issuer
	// Book is who may do what.
	Book *accounts.Accounts
	// Audit finds entries for a caller. Faults: as review.Reader.Search.
	Audit func(ctx context.Context, p access.Principal, q audit.Question) (audit.Answer, error)
	// Name is what authenticator apps show beside the login; default Ficus.
	Name string
	// Version is that of the program.
	Version string
	// Timeout bounds the work on one request; default one minute.
	Timeout time.Duration
	Log     *slog.Logger
}

// Server is the interface as an http.Handler for /api/v1/, /auth/ and all below them.
type Server struct {
	Options
	mux      *http.ServeMux
	served   []Route
	document []byte
}

// Route is something that is served. What stands for another one's path is an alias, and not in the document.
type Route struct {
	Method, Path string
	Open, Alias  bool // needs no token; stands for the path below Root
}

// New makes a Server.
func New(o Options) *Server {
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Name == "" {
		o.Name = "Ficus"
	}
	s := &Server{Options: o, mux: http.NewServeMux()}
	all := s.operations()
	s.document = document(o.Version, all)
	for _, o := range all {
		s.serve(o)
	}
	s.refuseMethods()
	s.mux.Handle(Root+"/", s.handler(nothing()))
	s.mux.Handle(Alias+"/", s.handler(nothing()))
	return s
}

// operations is all that can be asked for.
func (s *Server) operations() []operation {
	all := slices.Concat(auditOperations(), documentOperations())
	if s.Issuer != nil {
		all = slices.Concat(all, authOperations(), ownOperations(), userOperations(), roleOperations(),
			clientOperations(), settingOperations(), tenantOperations(), sessionOperations())
	}
	return all
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Routes lists what is served, so that a test can ask all of it.
func (s *Server) Routes() []Route { return slices.Clone(s.served) }

func (s *Server) serve(o operation) {
	s.route(Root+o.path, o, false)
	if strings.HasPrefix(o.path, Alias+"/") {
		s.route(o.path, o, true)
	}
}

func (s *Server) route(path string, o operation, alias bool) {
	s.served = append(s.served, Route{o.method, path, o.open, alias})
	s.mux.Handle(o.method+" "+path, s.handler(o))
}

// refuseMethods answers the methods that a path does not take.
func (s *Server) refuseMethods() {
	methods := map[string][]string{}
	for _, r := range s.served {
		methods[r.Path] = append(methods[r.Path], r.Method)
		if r.Method == http.MethodGet {
			methods[r.Path] = append(methods[r.Path], http.MethodHead)
		}
	}
	for path, list := range methods {
		slices.Sort(list)
		s.mux.Handle(path, s.handler(otherMethod(strings.Join(list, ", "))))
	}
}
