package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/server/edge"
)

// problem is what went wrong (RFC 9457).
type problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title" says:"what the status means"`
	Status int     `json:"status"`
	Code   string  `json:"code" says:"for programs: what went wrong"`
	Detail string  `json:"detail,omitempty" says:"for people: what went wrong"`
	Field  string  `json:"field,omitempty" says:"the parameter or member of the body that is wrong"`
	Hint   string  `json:"hint,omitempty" says:"what to do about it"`
	Errors []place `json:"errors,omitempty" says:"all that is wrong, where there are several things"`
}

type place struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// coded is a fault with a code of its own.
func coded(k fault.Kind, code, text string) error {
	return fault.At(k, fault.Issue{Code: code, Text: text})
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
		h.Set("Retry-After", edge.RetryAfter(err))
	}
	c.send(status, "application/problem+json", problemOf(f, status))
}

func problemOf(f *fault.Error, status int) problem {
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: f.Kind.String(), Detail: f.Text, Hint: hint(f.Kind)}
	if len(f.Issues) > 0 {
		first := f.Issues[0]
		p.Detail, p.Field = first.Text, first.Expression
		if f.Kind == fault.Forbidden || f.Kind == fault.Unauthorized {
			p.Code = first.Code
		}
	}
	if len(f.Issues) > 1 {
		for _, i := range f.Issues {
			p.Errors = append(p.Errors, place{i.Expression, i.Text})
		}
	}
	return p
}

// hint is what to do about a kind of fault.
func hint(k fault.Kind) string {
	switch k {
	case fault.Unauthorized:
		return "sign in at POST " + Root + "/auth/login, or renew what you have at POST " + Root + "/auth/refresh"
	case fault.Forbidden:
		return "who administers accounts can give a role that allows it"
	case fault.Invalid, fault.Unprocessable, fault.Unsupported, fault.Unknown:
		return "see " + Root + "/openapi.json for what can be asked for, and how"
	case fault.Stale:
		return "read it again, and send the new ETag as If-Match"
	case fault.TooMany, fault.Unavailable:
		return "wait for as many seconds as Retry-After says"
	}
	return ""
}

func hidden(f *fault.Error, request string) *fault.Error {
	if f != nil && f.Kind == fault.Unavailable {
		return fault.New(fault.Unavailable, "the server cannot do this now; try again in a moment")
	}
	return fault.New(fault.Internal, "an internal error happened; it is in the log under request %s", request)
}

// nothing is what is not there. Who asks must have signed in all the same.
func nothing() operation {
	return operation{early: true, do: func(*call) (any, error) { return nil, fault.New(fault.Unknown, "there is nothing at this address") }}
}

// otherMethod is a path asked for by a method that it does not take.
func otherMethod(allow string) operation {
	return operation{open: true, do: func(c *call) (any, error) {
		c.w.Header().Set("Allow", allow)
		return nil, fault.New(fault.NotAllowed, "this address does not take this method; the header Allow lists those that it takes")
	}}
}
