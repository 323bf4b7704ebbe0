package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
)

// problem is what went wrong (RFC 9457). Field names the parameter, if it is one.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Field  string `json:"field,omitempty"`
}

// refuse answers an error. What tells of the machinery inside is for the log.
func (c *call) refuse(err error) {
	f := fault.Find(err)
	if f == nil && errors.Is(err, context.DeadlineExceeded) {
		f = fault.New(fault.TimedOut, "the request took longer than the server allows")
	}
	if f == nil || f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		c.s.Log.Error("a request failed", slog.String("request", c.r.Header.Get("X-Request-Id")), slog.String("route", c.r.Pattern), slog.Any("error", err))
		f = hidden(f, c.r.Header.Get("X-Request-Id"))
	}
	status := edge.StatusOf(f.Kind)
	h := c.w.Header()
	switch {
	case f.Kind == fault.Unauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="ficus"`)
	case f.Kind == fault.Unavailable, f.Kind == fault.TooMany:
		h.Set("Retry-After", "1")
	}
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: f.Text}
	if len(f.Issues) > 0 {
		p.Detail, p.Field = f.Issues[0].Text, f.Issues[0].Expression
	}
	c.send(status, "application/problem+json", p)
}

func hidden(f *fault.Error, request string) *fault.Error {
	if f != nil && f.Kind == fault.Unavailable {
		return fault.New(fault.Unavailable, "the server cannot do this now; try again in a moment")
	}
	return fault.New(fault.Internal, "an internal error happened; it is in the log under request %s", request)
}

func nothing(*call) (any, error) {
	return nil, fault.New(fault.Unknown, "there is nothing at this address")
}

func onlyGet(c *call) (any, error) {
	c.w.Header().Set("Allow", "GET, HEAD")
	return nil, fault.New(fault.NotAllowed, "this address does not take this method; the header Allow lists those that it takes")
}
