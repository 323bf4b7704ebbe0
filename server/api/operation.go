package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"reflect"
	"strings"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/signin"
)

// operation is one thing that can be asked for. What it says of itself is what the document says.
type operation struct {
	method, path string
	says         string
	open         bool                 // to those who have not signed in
	early        bool                 // to those who have to change their password first
	needs        []access.Permission  // of the caller's roles
	params       []param              // of the query
	changes      bool                 // takes If-Match
	status       int                  // of success; 0 is 200
	in           reflect.Type         // of the body; none: there is no body
	answers      map[int]reflect.Type // by status
	do           func(*call) (any, error)
}

// none is no body.
type none struct{}

// param is a parameter of the query.
type param struct{ name, says string }

// on joins an operation to what does it. The body is read into In; the answer is an Out.
func on[In, Out any](o operation, do func(*call, In) (Out, error)) operation {
	o.in = reflect.TypeFor[In]()
	if o.status == 0 {
		o.status = http.StatusOK
	}
	if o.answers == nil {
		o.answers = map[int]reflect.Type{o.status: reflect.TypeFor[Out]()}
	}
	o.do = func(c *call) (any, error) {
		var in In
		if o.in != reflect.TypeFor[none]() {
			if err := c.read(&in); err != nil {
				return nil, err
			}
		}
		return do(c, in)
	}
	return o
}

// call is one request on its way.
type call struct {
	s      *Server
	w      http.ResponseWriter
	r      *http.Request
	ctx    context.Context
	p      access.Principal
	status int // of the answer
}

func (s *Server) handler(o operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
		defer cancel()
		c := &call{s: s, w: w, r: r.WithContext(ctx), ctx: ctx, status: o.status}
		answer, err := c.run(o)
		if err != nil {
			c.refuse(err)
			return
		}
		c.send(c.status, "application/json", answer)
	})
}

func (c *call) run(o operation) (answer any, err error) {
	if err = c.admit(o); err == nil {
		answer, err = o.do(c)
	}
	if fault.Is(err, fault.Forbidden) && len(o.needs) > 0 {
		err = c.onRecord(o, err)
	}
	return answer, err
}

// onRecord notes that somebody was not let administer, before he is told.
func (c *call) onRecord(o operation, why error) error {
	action := map[string]string{"GET": "read", "POST": "create", "PATCH": "update", "PUT": "give", "DELETE": "delete"}[o.method]
	kind := map[string]string{"users": "User", "roles": "Role", "permissions": "Role", "clients": "Client", "settings": "Setting", "tenants": "Tenant", "sessions": "Session"}[strings.Split(o.path, "/")[2]]
	if err := c.s.Book.Refuse(c.ctx, c.p, action, kind, why); err != nil {
		return err
	}
	return why
}

// admit lets pass who may ask for an operation. Faults: Unauthorized, Forbidden.
func (c *call) admit(o operation) (err error) {
	if o.open {
		return nil
	}
	if c.p, err = c.s.Gate.Principal(c.r); err != nil {
		return err
	}
	if signin.Himself(c.p) && c.p.Grant == "" && !o.early {
		return coded(fault.Forbidden, "password-change-required", "the password must be changed first: POST "+Root+"/auth/change-password")
	}
	return c.allowed(o.needs)
}

// send writes an answer, which no cache may keep unless it was said.
func (c *call) send(status int, media string, body any) {
	h := c.w.Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	if _, isNone := body.(none); isNone {
		c.w.WriteHeader(status)
		return
	}
	text, isRaw := body.(json.RawMessage)
	if !isRaw {
		var err error
		if text, err = json.Marshal(body); err != nil {
			c.s.Log.Error("an answer could not be written", slog.Any("error", err))
			status, text = http.StatusInternalServerError, nil
		}
	}
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	c.w.WriteHeader(status)
	c.w.Write(text) //nolint:errcheck // the caller has gone
}
