package rest

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/engine/terms"
	"github.com/ficushealth/ficus/fhir/r4"
)

// Options is what a Server is made of. Gate and Desk are needed; the rest has defaults.
type Options struct {
	// Gate makes a principal of a request's credentials. Faults: Unauthorized.
	Gate func(r *http.Request) (access.Principal, error)
	// Desk opens the store for a principal, who needs room for what is stored and changed by a patch (store.Desk.Within).
	Desk func(p access.Principal, room func(bytes int64) error) Desk
	// Operations are offered beside the interactions; Perform calls one of them for a principal.
	Operations operation.List
	Perform    func(ctx context.Context, p access.Principal, o operation.Operation, c operation.Call) (operation.Answer, error)
	// Params are the search parameters of a caller's tenant, of which the capability statement tells him; nil: those of R4.
	Params func(ctx context.Context, p access.Principal) (*r4.ParamSet, []store.OwnParam, error)
	// Published is what the definitions of a caller's tenant say, of which the statements tell him; of nobody's: those of R4.
	// Expansions are the parameters of $expand.
	Published  func(ctx context.Context, p access.Principal) (*terms.Published, error)
	Expansions []string
	// Base is the public address, such as "https://ficus.example.org/fhir"; empty: as the caller addressed us.
	Base string
	// Made are the resource types that the server makes itself, with the search parameters that they have: they are read and
	// searched, and every write to them is refused.
	Made map[string][]string
	// DeleteMany says that a conditional delete may take several matches, as the store does.
	DeleteMany bool
	// MaxBody bounds a request's body in bytes, as sent and inflated; default 64 MiB.
	MaxBody int64
	// MaxBodies bounds the bodies that are being read and worked on at one time, together; default 96 MiB, but never less than
	// has room for MaxBody. A body that finds no room waits, until Timeout; one of unknown size that grows does not.
	MaxBodies int64
	// Timeout bounds the work on one request, from the end of its body on; default one minute.
	Timeout time.Duration
	// CORS says that pages of some other origins may ask, for the capability statement.
	CORS bool
	// Version of the program, for the capability statement; Started is its date.
	Version string
	Started time.Time
	Log     *slog.Logger
}

const (
	defaultMaxBody   = 64 << 20
	defaultMaxBodies = 96 << 20
	defaultTimeout   = time.Minute
	maxForm          = 1 << 20 // of a search posted as a form
)

// Server is the FHIR interface as an http.Handler for /fhir and all below it.
type Server struct {
	Options
	log     *slog.Logger
	room    *room
	pace    pace
	mux     *http.ServeMux
	served  []Route
	stated  statements
	buffers sync.Pool // of *[]byte, in which bundles are put together
}

// New makes a Server.
func New(o Options) *Server {
	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}
	if o.MaxBodies <= 0 {
		o.MaxBodies = defaultMaxBodies
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Options: o, log: o.Log, room: newRoom(o.MaxBodies, o.MaxBody), pace: usualPace(), mux: http.NewServeMux()}
	s.routes()
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// root is where the interface hangs.
const root = "/fhir"

// routes lists everything that is served.
func (s *Server) routes() {
	s.open("/metadata", verbs{http.MethodGet: (*call).metadata})
	s.route("", verbs{http.MethodGet: (*call).search, http.MethodPost: (*call).bundle})
	s.route("/_history", verbs{http.MethodGet: (*call).historyOfAll})
	s.route("/{type}", verbs{
		http.MethodGet: (*call).search, http.MethodPost: (*call).create,
		http.MethodPut: (*call).updateWhere, http.MethodPatch: (*call).patchWhere, http.MethodDelete: (*call).removeWhere,
	})
	s.route("/{type}/_history", verbs{http.MethodGet: (*call).historyOfType})
	s.route("/{type}/{id}", verbs{
		http.MethodGet: (*call).read, http.MethodPut: (*call).update, http.MethodPatch: (*call).patch, http.MethodDelete: (*call).remove,
	})
	s.route("/{type}/{id}/_history", verbs{http.MethodGet: (*call).historyOfOne})
	s.route("/{type}/{id}/_history/{version}", verbs{http.MethodGet: (*call).vread})
	s.searches()
	s.operations()
	s.mux.Handle(root+"/", s.handler(false, nil))
}

// verbs says what each method does on a route.
type verbs map[string]func(*call) error

// Route is something that is served. Its path may hold {type}, {id}, {version}, {member} and {last}.
type Route struct {
	Method, Path string
	Open         bool // needs no credentials
}

// Routes lists what is served, in order, so that a test can ask all of it.
func (s *Server) Routes() []Route {
	return slices.SortedFunc(slices.Values(s.served), func(a, b Route) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
}

func (s *Server) route(path string, v verbs) { s.register(path, false, v) }

// open is a route that needs no credentials.
func (s *Server) open(path string, v verbs) { s.register(path, true, v) }

// register takes the path with and without a slash at its end.
func (s *Server) register(path string, open bool, v verbs) {
	for _, method := range slices.Sorted(maps.Keys(v)) {
		s.served = append(s.served, Route{method, root + path, open})
	}
	h := s.handler(open, v)
	s.mux.Handle(root+path, h)
	s.mux.Handle(root+path+"/{$}", h)
}

// handler runs what all interactions share around one of them.
func (s *Server) handler(open bool, v verbs) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{s: s, w: w, r: r, media: fhirJSON}
		c.clock()
		defer func() { c.cancel() }()
		defer func() { c.share.shrink(0) }()
		defer c.recover()
		if err := c.run(open, v); err != nil {
			c.refuse(err)
		}
	})
}
