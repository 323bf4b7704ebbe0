package rest

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/store"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/r4"
	"github.com/ficushealth/ficus/fhir/search"
)

// call is one request on its way through an interaction.
type call struct {
	s       *Server
	w       http.ResponseWriter
	r       *http.Request
	ctx     context.Context
	cancel  context.CancelFunc
	p       access.Principal
	desk    Desk
	media   string        // of the answer
	format  string        // _format
	pretty  bool          // _pretty
	manner  []string      // which of the two were given
	pairs   []search.Pair // of the query, without _format and _pretty
	typ     string        // of the route
	id      string        // of the route
	subset  subset        // of each resource
	veiled  bool          // links show no parameters
	form    bool          // a search that was posted
	asked   string        // the query by which a veiled page was asked
	begun   bool          // the status has left
	patches sync.Mutex    // entries of a batch are worked on side by side
	ofBody  *int64        // what the body has of the share, when something besides needs room
	share   share         // of the room, for the body
	due     time.Time     // when more of a body with a share must be there
	hurried bool          // others wait for what the body has
	idle    bool          // the next byte is what is waited for, not the speed of all
}

// run finds out who asks, for what and how, in this order, and runs the interaction.
func (c *call) run(open bool, v verbs) error {
	if !open {
		p, err := c.s.Gate(c.r)
		if err != nil {
			return err
		}
		c.p, c.desk = p, c.s.Desk(p, c.beside)
	}
	if err := c.negotiate(); err != nil {
		return err
	}
	if err := c.address(v); err != nil {
		return err
	}
	do, err := c.verb(c.made(v))
	if err != nil || do == nil {
		return err
	}
	return do(c)
}

// clock gives the work on the request its time. It is set anew when the body is there,
// so that a slow line does not use the time up.
func (c *call) clock() {
	if c.cancel != nil {
		c.cancel()
	}
	c.ctx, c.cancel = context.WithTimeout(c.r.Context(), c.s.Timeout)
}

// negotiate reads what each request may say about its answer.
func (c *call) negotiate() error {
	pairs, err := search.ParseQueryString(c.r.URL.RawQuery)
	if err != nil {
		return err
	}
	return c.general(pairs)
}

// general takes _format and _pretty out of the pairs (https://hl7.org/fhir/R4/http.html#parameters).
func (c *call) general(pairs []search.Pair) error {
	for _, p := range pairs {
		switch p.Name {
		case "_format", "_pretty":
			if err := c.once(p); err != nil {
				return err
			}
		default:
			c.pairs = append(c.pairs, p)
		}
	}
	media, err := mediaOf(c.r, c.format)
	if err != nil && !c.mayBeRaw() {
		return err
	}
	c.media = media // "": only the content of a Binary, if that
	return nil
}

// once takes what says how the answer is to look; said twice, nobody knows which is meant. Faults: Invalid.
func (c *call) once(p search.Pair) error {
	if slices.Contains(c.manner, p.Name) {
		return fault.At(fault.Invalid, fault.Issue{Code: "invalid", Expression: "http." + p.Name, Text: "the parameter " + p.Name + " must be given only once"})
	}
	c.manner = append(c.manner, p.Name)
	if p.Name == "_format" {
		c.format = p.Value
		return nil
	}
	if p.Value != "true" && p.Value != "false" {
		return fault.At(fault.Invalid, fault.Issue{Code: "value", Expression: "http._pretty", Text: "the parameter _pretty must be true or false"})
	}
	c.pretty = p.Value == "true"
	return nil
}

// address reads type and id of the route.
func (c *call) address(v verbs) error {
	c.typ, c.id = c.r.PathValue("type"), c.r.PathValue("id")
	switch {
	case strings.HasPrefix(c.typ, "$") || strings.HasPrefix(c.id, "$") || strings.HasPrefix(c.r.PathValue("member"), "$") || v == nil && strings.Contains(c.r.URL.Path, "/$"):
		return c.s.noOperation(operationIn(c.r.URL.Path))
	case v == nil:
		return nothingHere()
	case c.typ != "" && !known(c.typ):
		return fault.At(fault.Unknown, fault.Issue{Code: "not-supported", Text: "FHIR R4 has no resource type of the name in this address" + capital(c.typ)})
	case c.r.PathValue("member") != "": // before the method is looked at: what is no place takes none
		_, _, _, err := c.within()
		return err
	case c.id != "" && !fhir.IsID(c.id) && c.r.Method == http.MethodPut:
		return fault.At(fault.Invalid, fault.Issue{Code: "value", Text: "an id has 1 to 64 letters, digits, '-' or '.'"})
	case c.id != "" && !fhir.IsID(c.id):
		return fault.At(fault.Unknown, fault.Issue{Code: "not-found", Text: "an id has 1 to 64 letters, digits, '-' or '.'; nothing can have the one in this address"})
	}
	return nil
}

func known(typ string) bool {
	_, ok := r4.ResourceIndex(typ)
	return ok
}

// capital helps those who write patient or PATIENT.
func capital(typ string) string {
	for _, name := range r4.Resources() {
		if strings.EqualFold(name, typ) {
			return "; it is written " + name
		}
	}
	return ""
}

// verb finds what the method does here. OPTIONS is answered on the spot; HEAD is a GET
// whose body the HTTP server drops. Faults: Unsupported, with Allow set.
func (c *call) verb(v verbs) (func(*call) error, error) {
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if do := v[method]; do != nil {
		return do, nil
	}
	c.w.Header().Set("Allow", allow(v))
	if method == http.MethodOptions {
		if v[http.MethodPatch] != nil {
			c.w.Header().Set("Accept-Patch", patches)
		}
		c.w.WriteHeader(http.StatusNoContent)
		return nil, nil
	}
	return nil, fault.New(fault.NotAllowed, "this address does not take this method; the header Allow lists those that it takes")
}

func allow(v verbs) string {
	list := []string{http.MethodOptions}
	for method := range v {
		list = append(list, method)
	}
	if v[http.MethodGet] != nil {
		list = append(list, http.MethodHead)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// bare refuses parameters on an interaction that has none. Faults: Invalid.
func (c *call) bare() error {
	for _, p := range c.pairs {
		return store.Foreign(p)
	}
	return nil
}

// recover answers a panic as an internal error, unless it is the one by which a handler
// tells the HTTP server to break off.
func (c *call) recover() {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		c.refuse(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
	}
}

// requestID is the request's number; whoever is in front of us has set it.
func requestID(r *http.Request) string { return r.Header.Get("X-Request-Id") }
