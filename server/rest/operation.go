package rest

import (
	"net/http"
	"strings"

	"github.com/ficushealth/ficus/engine/operation"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
	"github.com/ficushealth/ficus/fhir/search"
)

// operations routes what is offered (https://hl7.org/fhir/R4/operations.html#executing):
// GET if nothing is changed, and POST with Parameters or one resource.
func (s *Server) operations() {
	for at, path := range map[operation.Level]string{
		operation.OnSystem: "", operation.OnType: "/{type}", operation.OnInstance: "/{type}/{id}", operation.OnVersion: "/{type}/{id}/_history/{version}",
	} {
		for _, code := range s.Operations.Codes(at) {
			do := func(c *call) error { return c.operate(code, at) }
			s.route(path+"/$"+code, verbs{http.MethodGet: do, http.MethodPost: do})
		}
	}
}

// noOperation says that an operation is not called there, and where it is, if anywhere.
func (s *Server) noOperation(code string) error {
	text := "this operation is not supported; /metadata lists those that are"
	if places := s.Operations.Places(code); len(places) > 0 {
		text = "this operation is not supported here: $" + code + " is called on " + strings.Join(places[:min(len(places), mostPlaces)], " or ")
	}
	return fault.At(fault.Unknown, fault.Issue{Code: "not-supported", Text: text})
}

// mostPlaces is how many addresses of an operation are told: one of the terminology has few.
const mostPlaces = 6

// operationIn is the code of the operation that a path names, "" if it names none.
func operationIn(path string) string {
	for part := range strings.SplitSeq(path, "/") {
		if code, is := strings.CutPrefix(part, "$"); is {
			return code
		}
	}
	return ""
}

func (c *call) operate(code string, at operation.Level) error {
	o, err := c.s.callable(code, at, c.typ, c.r.Method)
	if err != nil {
		if fault.Is(err, fault.NotAllowed) {
			c.w.Header().Set("Allow", "OPTIONS, POST")
		}
		return err
	}
	in := operation.Call{Level: at, Type: c.typ, ID: c.id, Version: c.r.PathValue("version"), Handling: preferOf(c.r).handling, Base: c.base()}
	sent, err := c.sent()
	if err != nil {
		return err
	}
	if err := c.lift(); err != nil {
		return err
	}
	if in.In, in.Search, err = o.Read(c.pairs, sent); err != nil {
		return err
	}
	if sent.Exists() {
		c.pairs, c.veiled = append(c.pairs, operation.Pairs(sent)...), true
	}
	a, err := c.s.Perform(c.ctx, c.p, o, in)
	if err != nil {
		return err
	}
	return c.answer(a)
}

// callable is the operation of that code, if it is offered there and called by this method.
func (s *Server) callable(code string, at operation.Level, typ, method string) (operation.Operation, error) {
	o, offered := s.Operations.Find(code, at, typ)
	switch {
	case !offered:
		return o, s.noOperation(code)
	case method != http.MethodPost && (o.Changes || o.Posted || method != http.MethodGet):
		return o, fault.New(fault.NotAllowed, "the operation $%s is called with POST", code)
	}
	return o, nil
}

// sent is the resource in the body, the zero Resource if there is no body.
func (c *call) sent() (fhir.Resource, error) {
	if c.r.Method != http.MethodPost || c.r.ContentLength == 0 {
		return fhir.Resource{}, nil
	}
	return c.document()
}

func (c *call) answer(a operation.Answer) error {
	switch {
	case a.Made != nil:
		describe(c.w.Header(), *a.Made)
		c.w.Header().Set("Location", c.base()+"/"+place(*a.Made))
		return c.send(http.StatusCreated, a.Body)
	case a.Body != nil:
		return c.send(http.StatusOK, a.Body)
	case a.Page != nil:
		c.subset = subset{a.Part.Summary, a.Part.Elements}
		return c.found(strings.TrimSuffix(c.r.URL.Path, "/"), search.Query{Used: c.pairs, Cursor: cursorIn(c.pairs)}, *a.Page, nil)
	}
	return c.empty(http.StatusNoContent)
}

func cursorIn(pairs []search.Pair) string {
	for _, p := range pairs {
		if p.Name == "_cursor" {
			return p.Value
		}
	}
	return ""
}
